import { fastify } from 'fastify';
import { catalog, item, order, orders, page, similar } from './shop.ts';
import { listening } from './terms.ts';

// (b) The same by hand on Fastify: its router, its serialiser, values returned from handlers.
const app = fastify();
const kept = new Map<string, Buffer>();

app.get<{ Params: { id: string } }>('/v1/items/:id', (request) => item(request.params.id));
app.get<{ Params: { id: string } }>('/v1/items/:id/similar', (request) => similar(request.params.id));
app.get<{ Params: { id: string } }>('/v1/orders/:id', (request) => order(request.params.id));
app.get('/v1/orders', () => orders());
app.get<{ Params: { id: string } }>('/v1/pages/:id', async (request, reply) => {
  const { id } = request.params;
  let bytes = kept.get(id);
  if (!bytes) kept.set(id, (bytes = Buffer.from(JSON.stringify(await page(id)))));
  return reply.type('application/json; charset=utf-8').send(bytes);
});
app.get('/products/legacy/*', async (request, reply) => {
  const { host: _, connection: __, ...sent } = request.headers;
  const answer = await catalog.request({ method: 'GET', path: `/v1${request.url.slice('/products/legacy'.length)}`, headers: sent });
  const { connection: ___, 'keep-alive': ____, 'transfer-encoding': _____, ...received } = answer.headers;
  return reply
    .code(answer.statusCode)
    .headers(received)
    .send(await answer.body.bytes());
});

await app.listen({ port: 0, host: '127.0.0.1' });
listening(app.server);
