import { z } from 'zod';
import { id, operation, product } from '#contracts/kernel/index.js';

const itemId = id('i');
const customerId = id('u');
const orderId = id('o');
const Currency = z.enum(['EUR', 'GBP', 'SEK']);
const Price = z.object({ amount: z.int().min(0), currency: Currency });

/** Something that is sold: about 1 kB. */
export const Item = z.object({
  id: itemId,
  name: z.string(),
  description: z.string(),
  category: z.enum(['headsets', 'books', 'charts', 'bags']),
  price: Price,
  images: z.array(z.object({ url: z.url(), width: z.int(), height: z.int() })),
  attributes: z.array(z.object({ name: z.string(), value: z.string() })),
  rating: z.number().min(0).max(5),
  publishedAt: z.iso.datetime(),
});

/** An item in a list: about 500 bytes. */
const ListedItem = Item.omit({ description: true, attributes: true }).extend({ teaser: z.string() });

/** Items that are like another one: about 50 kB. */
export const Similar = z.object({ items: z.array(ListedItem), total: z.int() });

/** The items of an order: about 1 kB. */
export const ItemList = z.object({ items: z.array(z.object({ id: itemId, name: z.string(), imageUrl: z.url(), price: Price })) });

/** What is for sale. */
export const catalog = product('catalog', 1, {
  getItem: operation({ get: '/items/{itemId}', input: z.object({ itemId }), output: Item, dependsOn: 'public' }),
  listSimilar: operation({ get: '/similar/{itemId}', input: z.object({ itemId }), output: Similar, dependsOn: 'public' }),
  listItems: operation({ get: '/items', input: z.object({ ids: z.array(itemId).min(1).max(20) }), output: ItemList }),
});

/** How much of an item there is, and where: about 1 kB. */
export const Stock = z.object({
  itemId,
  available: z.int().min(0),
  reserved: z.int().min(0),
  warehouses: z.array(
    z.object({
      id: z.string(),
      city: z.string(),
      country: z.string().length(2),
      quantity: z.int().min(0),
      nextDelivery: z.iso.datetime().nullable(),
    }),
  ),
  updatedAt: z.iso.datetime(),
});

/** What there is. */
export const inventory = product('inventory', 1, {
  getStock: operation({ get: '/stock/{itemId}', input: z.object({ itemId }), output: Stock, dependsOn: 'public' }),
});

/** What buyers say of an item: about 1 kB. */
export const Reviews = z.object({
  itemId,
  average: z.number().min(0).max(5),
  count: z.int().min(0),
  histogram: z.array(z.int().min(0)),
  latest: z.array(
    z.object({ author: z.string(), stars: z.int().min(1).max(5), title: z.string(), text: z.string(), writtenAt: z.iso.datetime() }),
  ),
});

/** What is said of it. */
export const reviews = product('reviews', 1, {
  getReviews: operation({ get: '/reviews/{itemId}', input: z.object({ itemId }), output: Reviews, dependsOn: 'public' }),
});

/** What an item costs whom: about 1 kB. */
export const Offer = z.object({
  itemId,
  price: Price,
  discounts: z.array(z.object({ code: z.string(), reason: z.string(), percent: z.number(), until: z.iso.datetime() })),
  delivery: z.array(z.object({ carrier: z.string(), days: z.int().min(0), price: Price, tracked: z.boolean() })),
  financing: z.object({ months: z.int(), monthly: Price, rate: z.number() }).nullable(),
});

/** What somebody bought: about 1 kB. */
export const Order = z.object({
  id: orderId,
  customerId,
  placedAt: z.iso.datetime(),
  status: z.enum(['placed', 'paid', 'shipped', 'delivered', 'cancelled']),
  lines: z.array(z.object({ itemId, quantity: z.int().min(1), unitPrice: Price })),
  delivery: z.object({ name: z.string(), street: z.string(), city: z.string(), zip: z.string(), country: z.string().length(2) }),
  payment: z.object({ kind: z.enum(['card', 'iban']), brand: z.string(), last4: z.string().length(4), paidAt: z.iso.datetime() }),
  note: z.string().nullable(),
});

/** An order in a list: about 250 bytes. */
const ListedOrder = Order.pick({ id: true, customerId: true, placedAt: true, status: true, lines: true });

/** Orders and offers are each user's own. */
export const shop = product('shop', 1, {
  getOffer: operation({ get: '/offers/{itemId}', input: z.object({ itemId }), output: Offer }),
  getOrder: operation({ get: '/orders/{orderId}', input: z.object({ orderId }), output: Order }),
  listOrders: operation({
    get: '/orders',
    input: z.object({ limit: z.int().min(1).max(100) }),
    output: z.object({ orders: z.array(ListedOrder) }),
  }),
});

/** Who buys: about 1 kB. */
export const Customer = z.object({
  id: customerId,
  name: z.string(),
  email: z.email(),
  phone: z.string().nullable(),
  memberSince: z.iso.date(),
  tier: z.enum(['basic', 'silver', 'gold']),
  addresses: z.array(
    z.object({
      label: z.string(),
      street: z.string(),
      city: z.string(),
      zip: z.string(),
      country: z.string().length(2),
      isDefault: z.boolean(),
    }),
  ),
  preferences: z.object({ language: z.string(), currency: Currency, newsletter: z.boolean(), topics: z.array(z.string()) }),
});

/** A customer in a list: about 200 bytes. */
const ListedCustomer = Customer.pick({ id: true, name: true, email: true, memberSince: true, tier: true });

/** Who buys. */
export const accounts = product('accounts', 1, {
  getCustomer: operation({ get: '/customers/{customerId}', input: z.object({ customerId }), output: Customer }),
  getProfile: operation({
    get: '/profiles/{id}',
    input: z.object({ id: customerId }),
    output: ListedCustomer,
    errors: { profileNotFound: 404 },
    absent: 'profileNotFound',
  }),
  listProfiles: operation({
    get: '/profiles',
    input: z.object({ ids: z.array(customerId).min(1).max(100) }),
    output: z.object({ profiles: z.array(ListedCustomer) }),
    batches: { one: 'getProfile', each: 'id', list: 'ids', at: 'profiles', by: 'id', atMost: 100 },
  }),
});
