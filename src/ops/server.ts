import { type FastifyInstance, type FastifyRequest, fastify } from 'fastify';
import { OpsProblem, sendProblem } from './problem.js';

/** The largest body of a change, in bytes. */
const MOST_BYTES = 64 * 1024;

/** The names that a loopback address goes by. */
const NAMES = ['127.0.0.1', 'localhost', '[::1]'];

/**
 * The ops port's own Fastify. It answers to the names of the loopback address alone, so that no page in an operator's browser reaches
 * it by a name that it made point here (DNS rebinding), and takes no body but JSON, which no form of a foreign page can send.
 */
export function opsServer(): FastifyInstance {
  const instance = fastify({ logger: false, bodyLimit: MOST_BYTES, forceCloseConnections: true });
  instance.removeContentTypeParser('text/plain');
  instance.addHook('onRequest', (request, reply, done) => {
    void reply.header('cache-control', 'no-store');
    const problem = ofHost(request) ?? ofType(request);
    if (problem) sendProblem(reply, problem);
    else done();
  });
  return instance;
}

function ofHost({ host, socket }: FastifyRequest): OpsProblem | undefined {
  const expected = NAMES.map((name) => `${name}:${socket.localPort}`);
  return expected.includes(host.toLowerCase())
    ? undefined
    : new OpsProblem(403, 'host', `expected the Host to be one of ${expected.join(', ')}`);
}

function ofType({ is404, method, headers }: FastifyRequest): OpsProblem | undefined {
  if (is404 || method === 'GET' || method === 'HEAD') return undefined;
  const [type = ''] = (headers['content-type'] ?? '').split(';');
  return type.trim().toLowerCase() === 'application/json'
    ? undefined
    : new OpsProblem(415, 'mediaType', 'expected a body of application/json');
}
