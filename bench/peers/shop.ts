import { Pool } from 'undici';
import { urlOf } from './terms.ts';

// The work by hand: undici's `request`, one pool of kept connections to each product, `Promise.all`, JSON parsed. No
// validation, no policy.
const pool = (product: string): Pool => new Pool(urlOf(product), { connections: 64, pipelining: 1 });
/** Where items are. */
export const catalog = pool('catalog');
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

/** W2, W7. */
export async function item(id: string): Promise<unknown> {
  const [item, stock, offer] = await Promise.all([
    ask(catalog, `/v1/items/${id}`),
    ask(inventory, `/v1/stock/${id}`),
    ask(shop, `/v1/offers/${id}`),
  ]);
  return { item, stock, offer };
}

/** W3. */
export async function order(id: string): Promise<unknown> {
  const order = await ask<Order>(shop, `/v1/orders/${id}`);
  const ids = order.lines.map(({ itemId }) => `ids=${itemId}`).join('&');
  const [customer, items] = await Promise.all([ask(accounts, `/v1/customers/${order.customerId}`), ask(catalog, `/v1/items?${ids}`)]);
  return { order, customer, items };
}

/** W4. */
export async function page(id: string): Promise<unknown> {
  const [item, stock, said] = await Promise.all([
    ask(catalog, `/v1/items/${id}`),
    ask(inventory, `/v1/stock/${id}`),
    ask(reviews, `/v1/reviews/${id}`),
  ]);
  return { item, stock, reviews: said };
}

/** W5. */
export async function similar(id: string): Promise<unknown> {
  const [similar, stock, said] = await Promise.all([
    ask(catalog, `/v1/similar/${id}`),
    ask(inventory, `/v1/stock/${id}`),
    ask(reviews, `/v1/reviews/${id}`),
  ]);
  return { similar, stock, reviews: said };
}

/** W6: one call for the list, one for all names. */
export async function orders(): Promise<unknown> {
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
