import { type IncomingHttpHeaders, type ServerResponse, createServer } from 'node:http';
import { Pool } from 'undici';
import { listening, urlOf } from './terms.ts';

// (a) What a good engineer writes in an afternoon: node:http, undici's `request`, one pool of kept connections to each
// product, `Promise.all`, JSON parsed and written. No validation, no policy.
const pool = (product: string): Pool => new Pool(urlOf(product), { connections: 64, pipelining: 1 });
const catalog = pool('catalog');
const inventory = pool('inventory');
const reviews = pool('reviews');
const shop = pool('shop');
const accounts = pool('accounts');

async function ask<T = unknown>(product: Pool, path: string): Promise<T> {
  const { statusCode, body } = await product.request({ method: 'GET', path, headers: ACCEPT });
  if (statusCode !== 200) {
    await body.dump();
    throw new Error(`${path} answered ${statusCode}`);
  }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- nothing is validated: that is what is measured here
  return (await body.json()) as T;
}
const ACCEPT = { accept: 'application/json' };

interface Order {
  readonly id: string;
  readonly customerId: string;
  readonly placedAt: string;
  readonly status: string;
  readonly lines: readonly { readonly itemId: string; readonly quantity: number; readonly unitPrice: { readonly amount: number } }[];
}

async function item(id: string): Promise<unknown> {
  const [item, stock, offer] = await Promise.all([
    ask(catalog, `/v1/items/${id}`),
    ask(inventory, `/v1/stock/${id}`),
    ask(shop, `/v1/offers/${id}`),
  ]);
  return { item, stock, offer };
}

async function order(id: string): Promise<unknown> {
  const order = await ask<Order>(shop, `/v1/orders/${id}`);
  const ids = order.lines.map(({ itemId }) => `ids=${itemId}`).join('&');
  const [customer, items] = await Promise.all([ask(accounts, `/v1/customers/${order.customerId}`), ask(catalog, `/v1/items?${ids}`)]);
  return { order, customer, items };
}

async function page(id: string): Promise<unknown> {
  const [item, stock, said] = await Promise.all([
    ask(catalog, `/v1/items/${id}`),
    ask(inventory, `/v1/stock/${id}`),
    ask(reviews, `/v1/reviews/${id}`),
  ]);
  return { item, stock, reviews: said };
}

async function similar(id: string): Promise<unknown> {
  const [similar, stock, said] = await Promise.all([
    ask(catalog, `/v1/items/${id}/similar`),
    ask(inventory, `/v1/stock/${id}`),
    ask(reviews, `/v1/reviews/${id}`),
  ]);
  return { similar, stock, reviews: said };
}

async function orders(): Promise<unknown> {
  const { orders } = await ask<{ readonly orders: readonly Order[] }>(shop, '/v1/orders?limit=20');
  const ids = [...new Set(orders.map(({ customerId }) => customerId))];
  const { profiles } = await ask<{ readonly profiles: readonly { readonly id: string; readonly name: string }[] }>(
    accounts,
    `/v1/profiles?${ids.map((id) => `ids=${id}`).join('&')}`,
  );
  const names = new Map(profiles.map(({ id, name }) => [id, name]));
  return {
    orders: orders.map(({ id, placedAt, status, customerId, lines }) => ({
      id,
      placedAt,
      status,
      customer: names.get(customerId) ?? null,
      total: lines.reduce((sum, { quantity, unitPrice }) => sum + quantity * unitPrice.amount, 0),
    })),
  };
}

const kept = new Map<string, Buffer>();

async function keptPage(id: string, response: ServerResponse): Promise<void> {
  let bytes = kept.get(id);
  if (!bytes) kept.set(id, (bytes = Buffer.from(JSON.stringify(await page(id)))));
  send(response, bytes);
}

/** Hands a request through: its headers without those of the connection, the answer's bytes as they are. */
async function pass(path: string, headers: IncomingHttpHeaders, response: ServerResponse): Promise<void> {
  const { host: _, connection: __, ...sent } = headers;
  const answer = await catalog.request({ method: 'GET', path, headers: sent });
  const { connection: ___, 'keep-alive': ____, 'transfer-encoding': _____, ...received } = answer.headers;
  const bytes = await answer.body.bytes();
  response.writeHead(answer.statusCode, received);
  response.end(bytes);
}

/** A text goes out in one write with its head; bytes are sent as they are. */
function send(response: ServerResponse, body: string | Buffer): void {
  response.writeHead(200, { 'content-type': 'application/json; charset=utf-8', 'content-length': Buffer.byteLength(body) });
  response.end(body);
}

const json = async (value: Promise<unknown>, response: ServerResponse): Promise<void> => send(response, JSON.stringify(await value));

function answer(url: string, headers: IncomingHttpHeaders, response: ServerResponse): Promise<void> {
  const at = url.indexOf('?');
  const segments = (at === -1 ? url : url.slice(0, at)).split('/');
  const [, first, second = '', id, rest] = segments;
  if (first === 'products' && second === 'legacy') return pass(`/v1${url.slice('/products/legacy'.length)}`, headers, response);
  if (first === 'v1' && segments.length <= 5)
    switch (second) {
      case 'items':
        if (id !== undefined && rest === undefined) return json(item(id), response);
        if (id !== undefined && rest === 'similar') return json(similar(id), response);
        break;
      case 'orders':
        return json(id === undefined ? orders() : order(id), response);
      case 'pages':
        if (id !== undefined) return keptPage(id, response);
        break;
    }
  response.writeHead(404).end();
  return Promise.resolve();
}

const server = createServer(({ url = '/', headers }, response) => {
  answer(url, headers, response).catch((error: unknown) => {
    console.error(error);
    if (response.headersSent) response.destroy();
    else response.writeHead(502).end();
  });
});
server.listen(0, '127.0.0.1', () => listening(server));
