import type { FastifyReply, FastifyRequest } from 'fastify';
import type { GatewayConfig } from '../policy/schema.js';
import type { Headers } from '../upstream/answer.js';

/** Headers of ours that scripts of other origins may read. */
const EXPOSED = [
  'age',
  'cache-status',
  'deprecation',
  'etag',
  'gateway-complete',
  'link',
  'ratelimit',
  'ratelimit-policy',
  'retry-after',
  'server-timing',
  'sunset',
  'www-authenticate',
  'x-request-id',
].join(', ');

/** Headers that a typed client sends, besides those that a contract names. */
const ALLOWED = ['authorization', 'content-type', 'if-none-match', 'traceparent', 'x-api-key', 'x-request-id', 'x-request-timeout-ms'];

/**
 * Which pages may read answers (the CORS protocol of the Fetch standard): those of the origins that `gateway.yaml` lists,
 * letter by letter. Credentials travel in headers that a page sets itself, so no cookie is ever asked for.
 */
export class Cors {
  /** `config` is asked at each request: what is reloaded holds from the next one on. */
  constructor(readonly config: () => GatewayConfig['edge']['cors']) {}

  /** Says on an answer that is still to come who may read it. */
  answer({ headers }: FastifyRequest, reply: FastifyReply): void {
    const { origins } = this.config();
    if (origins.length === 0) return;
    reply.header('vary', 'origin');
    const { origin } = headers;
    if (origin === undefined || !origins.includes(origin)) return;
    reply.header('access-control-allow-origin', origin);
    reply.header('access-control-expose-headers', EXPOSED);
  }

  /** What a page is told that asks whether it may ask; undefined where it does not, or its origin is not listed. `named`: the headers that contracts name. */
  preflight({ headers }: FastifyRequest, allow: string, named: Iterable<string>): Readonly<Record<string, string>> | undefined {
    const { origins, maxAge } = this.config();
    const { origin, 'access-control-request-method': method } = headers;
    if (origin === undefined || method === undefined || !origins.includes(origin)) return undefined;
    return {
      'access-control-allow-methods': allow,
      'access-control-allow-headers': [...new Set([...ALLOWED, ...named])].join(', '),
      'access-control-max-age': String(Math.floor(maxAge / 1000)),
    };
  }
}

/**
 * A product's own headers as they go to a caller. Where it is said here who may read answers, a product says nothing of it:
 * one that opens itself to every origin would open what others keep to theirs.
 */
export function readableBy(reply: FastifyReply, headers: Headers): Headers {
  if (!reply.hasHeader('vary')) return headers;
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !name.startsWith('access-control-')));
}

/** `Vary` with what else an answer varies by. */
export const varyAlso = (before: unknown, value: string): string =>
  typeof before === 'string' && before !== '' ? `${before}, ${value}` : value;
