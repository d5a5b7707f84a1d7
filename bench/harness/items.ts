import { bodies } from '../products/bodies.ts';

/** One piece of work that every peer does. */
export interface Item {
  readonly name: string;
  readonly what: string;
  /** What is asked for; the same of every peer. In each request another number stands for `{n}`, so that no two want the same. */
  readonly path: string;
  /** How many calls to products one answer takes. */
  readonly calls: number;
  /** What comes back, but for an envelope. */
  readonly answer: unknown;
  /** Whether a token goes along. */
  readonly known: boolean;
}

const at = (product: string, path: string): unknown => {
  const body = bodies[product]?.[path];
  if (body === undefined) throw new RangeError(`${product} has nothing at ${path}`);
  return body;
};

const item = { item: at('catalog', '/items/'), stock: at('inventory', '/stock/'), offer: at('shop', '/offers/') };
const page = { item: item.item, stock: item.stock, reviews: at('reviews', '/reviews/') };

/** The orders of the list with the names of their customers, as W6 gives them. */
function named(): unknown {
  interface Listed {
    readonly id: string;
    readonly customerId: string;
    readonly placedAt: string;
    readonly status: string;
    readonly lines: readonly { readonly quantity: number; readonly unitPrice: { readonly amount: number } }[];
  }
  // oxlint-disable typescript/no-unsafe-type-assertion -- our own bodies
  const { orders } = at('shop', '/orders') as { readonly orders: readonly Listed[] };
  const { profiles } = at('accounts', '/profiles') as { readonly profiles: readonly { readonly id: string; readonly name: string }[] };
  // oxlint-enable typescript/no-unsafe-type-assertion
  return {
    orders: orders.map(({ id, placedAt, status, customerId, lines }) => ({
      id,
      placedAt,
      status,
      customer: profiles.find((profile) => profile.id === customerId)?.name ?? null,
      total: lines.reduce((sum, { quantity, unitPrice }) => sum + quantity * unitPrice.amount, 0),
    })),
  };
}

const W1 = { calls: 1, answer: item.item, known: false };

/** The work items, by their names. */
export const items: readonly Item[] = [
  { name: 'W1', what: 'pass-through of one product, 1 kB', path: '/products/legacy/items/i-{n}', ...W1 },
  { name: 'W1 contract', what: "the product's own route with its contract, 1 kB", path: '/products/catalog/v1/items/i-{n}', ...W1 },
  { name: 'W2', what: 'three parallel parts of 1 kB', path: '/v1/items/i-{n}', calls: 3, answer: item, known: false },
  {
    name: 'W3',
    what: 'dependent: an order, then its customer and its items in parallel',
    path: '/v1/orders/o-{n}',
    calls: 3,
    answer: { order: at('shop', '/orders/'), customer: at('accounts', '/customers/'), items: at('catalog', '/items') },
    known: false,
  },
  { name: 'W4', what: 'a composed answer from the cache, 3 kB', path: '/v1/pages/i-0001', calls: 0, answer: page, known: false },
  {
    name: 'W5',
    what: 'a part of 50 kB and two of 1 kB',
    path: '/v1/items/i-{n}/similar',
    calls: 3,
    answer: { similar: at('catalog', '/similar/'), stock: page.stock, reviews: page.reviews },
    known: false,
  },
  {
    name: 'W6',
    what: "20 orders with their customers' names: one call for the list, one for all names",
    path: '/v1/orders?limit=20',
    calls: 2,
    answer: named(),
    known: false,
  },
  {
    name: 'W7',
    what: 'W2 with a token, limits, breaker, cache (nothing is found, all is kept), metrics and log',
    path: '/v1/items/i-{n}',
    calls: 3,
    answer: item,
    known: true,
  },
];
