import { type IncomingMessage, type RequestListener, type Server, type ServerResponse, createServer } from 'node:http';
import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from 'fastify';
import { Cohort, onceAllIsRead } from '../cohort.js';
import { Answer } from './connections.js';
import type { Edge } from './edge.js';
import { nestsTooDeep } from './nesting.js';
import { notFound, ofConnection, ofServer, statusOf } from './refusals.js';
import { SECURITY } from './security.js';

/** How callers may send. */
export interface ServerTerms {
  /** The largest body, in bytes. */
  readonly maxBodyBytes: number;
  /** How long a caller may take to send a request, and to read its answer, in milliseconds. */
  readonly requestTimeoutMs: number;
}

/** How often Node looks for connections that are too slow. */
const CHECK_EVERY_MS = 1000;

/** How long a caller may take to send the head of a request. */
const HEAD_WITHIN_MS = 10_000;

/** How long a caller's connection is kept that asks for nothing. */
const KEPT_MS = 72_000;

/**
 * Fastify, set up for callers that nobody knows: bounded in time and size, JSON only, paths told apart by case. Its own
 * defaults have no request timeout. Whatever no route takes, the edge answers: so it is a problem, a log line and a count
 * like any other answer. The edge is asked for once a request comes.
 */
export function server({ maxBodyBytes, requestTimeoutMs }: ServerTerms, edge: () => Edge): FastifyInstance {
  const refuseByError = (error: unknown, request: FastifyRequest, reply: FastifyReply): void => {
    const ours = statusOf(error) === undefined;
    edge().refuse(request, reply, (traceId) => ofServer(traceId, error), ours ? error : undefined);
  };
  const admits = (request: FastifyRequest, reply: FastifyReply, admitted: () => void): void => edge().admits(request, reply, admitted);
  const instance = fastify({
    logger: false,
    bodyLimit: maxBodyBytes,
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    routerOptions: { maxParamLength: 256, caseSensitive: true, ignoreTrailingSlash: false, ignoreDuplicateSlashes: false },
    serverFactory: (answer) => listener(requestTimeoutMs, answer),
    // What the router can't read is told here, without the hook below.
    frameworkErrors(error, request, reply) {
      admits(request, reply, () => refuseByError(error, request, reply));
    },
    clientErrorHandler(error, socket) {
      if (error.code !== 'ECONNRESET' && !socket.destroyed) edge().hangUp(socket, ofConnection(error));
    },
  });
  instance.setErrorHandler(refuseByError);
  instance.setNotFoundHandler((request, reply) => edge().refuse(request, reply, notFound));
  instance.addHook('onRequest', (request, reply, done) => admits(request, reply, done));
  // The edge sees to its own answers; these are Fastify's.
  instance.addHook('onSend', (_, reply, payload, done) => {
    for (const [name, value] of SECURITY) reply.header(name, value);
    done(null, payload);
  });
  // An expectation that nobody knows may be ignored (RFC 9110, 10.1.1); Node would refuse it by itself, and nobody would count it.
  instance.server.on('checkExpectation', (request, response) => instance.server.emit('request', request, response));
  readsJson(instance);
  return instance;
}

/** Node's part: it has the requests answered together that are read in the same turn. */
function listener(requestTimeoutMs: number, answer: RequestListener): Server {
  const arrived = new Cohort<Arrived>(onceAllIsRead, ({ request, response }) => answer(request, response));
  const terms = {
    ServerResponse: Answer,
    requestTimeout: requestTimeoutMs,
    headersTimeout: Math.min(HEAD_WITHIN_MS, requestTimeoutMs),
    keepAliveTimeout: KEPT_MS,
    connectionsCheckingInterval: CHECK_EVERY_MS,
    requireHostHeader: false, // `framingFault` says so in a form that callers can read
  };
  return createServer(terms, (request, response) => arrived.add({ request, response }));
}

/** A request whose head is read. */
interface Arrived {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/** JSON is the only body that is read: without keys that would reach into JavaScript's own objects, and not nested without end. */
function readsJson(instance: FastifyInstance): void {
  const parse = instance.getDefaultJsonParser('error', 'error');
  const read: typeof parse = (request, body, done) =>
    parse(request, body, (error, value) => {
      if (error === null && nestsTooDeep(value)) done(Object.assign(new SyntaxError('JSON that nests too deep'), { statusCode: 400 }));
      else done(error, value);
    });
  instance.removeAllContentTypeParsers();
  for (const type of ['application/json', /^application\/[\w.+-]+\+json(;|$)/])
    instance.addContentTypeParser(type, { parseAs: 'string' }, read);
}
