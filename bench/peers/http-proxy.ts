import proxy from '@fastify/http-proxy';
import { fastify } from 'fastify';
import { listening, urlOf } from './terms.ts';

// (f) @fastify/http-proxy, for W1: on undici, with as many connections as everybody has.
const app = fastify();
await app.register(proxy, {
  upstream: urlOf('catalog'),
  prefix: '/products/legacy',
  rewritePrefix: '/v1',
  undici: { connections: 64, pipelining: 1 },
});
await app.listen({ port: 0, host: '127.0.0.1' });
listening(app.server);
