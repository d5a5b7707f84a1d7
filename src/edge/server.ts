import { type FastifyInstance, fastify } from 'fastify';

/** How callers may send. */
export interface ServerTerms {
  /** The largest body, in bytes. */
  readonly maxBodyBytes: number;
  /** How long a caller may take to send a request, in milliseconds. */
  readonly requestTimeoutMs: number;
}

/** How often Node looks for connections that are too slow. */
const CHECK_EVERY_MS = 1000;

/**
 * Fastify, set up for callers that nobody knows: bounded in time and size, JSON only, paths told apart by case. Its own
 * defaults have no request timeout.
 */
export function server({ maxBodyBytes, requestTimeoutMs }: ServerTerms): FastifyInstance {
  const instance = fastify({
    logger: false,
    bodyLimit: maxBodyBytes,
    requestTimeout: requestTimeoutMs,
    keepAliveTimeout: 72_000,
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    routerOptions: { maxParamLength: 256, caseSensitive: true, ignoreTrailingSlash: false, ignoreDuplicateSlashes: false },
    http: { headersTimeout: Math.min(10_000, requestTimeoutMs), connectionsCheckingInterval: CHECK_EVERY_MS },
  });
  instance.removeAllContentTypeParsers();
  const json = instance.getDefaultJsonParser('error', 'error');
  for (const type of ['application/json', /^application\/[\w.+-]+\+json(;|$)/])
    instance.addContentTypeParser(type, { parseAs: 'string' }, json);
  return instance;
}
