import { z } from 'zod';
import { id, operation, product } from '../../kernel/index.js';
import { next, pageInput } from '../pages.js';

/** The id of an item of the catalog. */
export const itemId = id('i');
/** The id of an order. */
export const orderId = id('o');
const customerId = id('u');

/** An amount of money. */
export const Price = z.object({
  amount: z.int().min(0).meta({ description: 'In the smallest unit of the currency.', example: 32900 }),
  currency: z.enum(['EUR', 'GBP', 'SEK']),
});

/** The shelves of the catalog. */
export const Category = z.enum(['headsets', 'books', 'charts', 'bags', 'instruments', 'clothing', 'simulation', 'accessories']);

/** Something the shop sells. */
export const Item = z.object({
  id: itemId,
  name: z.string().meta({ example: 'Cirrus H2 headset' }),
  description: z.string().meta({ example: 'A light headset for training aircraft.' }),
  category: Category,
  price: Price,
  imageUrl: z.url().optional().meta({ example: 'https://images.example.org/i-0001.jpg' }),
});

/** One item of an order, at the price that was agreed. */
export const OrderLine = z.object({
  itemId,
  quantity: z.int().min(1),
  unitPrice: Price.meta({ description: 'What one cost on the day of the order.' }),
});

/** Where an order goes. */
export const Delivery = z.object({
  city: z.string().meta({ example: 'Uppsala' }),
  zip: z.string().meta({ example: '75320' }),
  country: z.string().length(2).meta({ description: 'ISO 3166-1 alpha-2.', example: 'SE' }),
});

/** How an order is paid. */
export const Payment = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('card'),
    brand: z.enum(['visa', 'mastercard', 'amex']),
    last4: z.string().length(4).meta({ example: '4242' }),
  }),
  z.object({ kind: z.literal('iban'), iban: z.string().meta({ example: 'DE89370400440532013000' }) }),
  z.object({ kind: z.literal('voucher'), code: z.string().meta({ example: 'FLY-7K2M' }) }),
]);

/** What a customer bought. */
export const Order = z.object({
  id: orderId,
  customerId,
  placedAt: z.iso.datetime().meta({ example: '2026-10-04T08:15:00.000Z' }),
  status: z.enum(['placed', 'paid', 'shipped', 'delivered', 'cancelled']),
  lines: z.array(OrderLine),
  delivery: Delivery.nullable().meta({ description: 'Null where the customer collects the order.' }),
  payment: Payment,
});

/** What new-pilot-shop promises: a catalog for everybody, and each customer's orders. */
export const shop = product('new-pilot-shop', 1, {
  getItem: operation({
    get: '/items/{id}',
    summary: 'One item of the catalog.',
    input: z.object({ id: itemId }),
    output: Item,
    errors: { itemNotFound: 404 },
    absent: 'itemNotFound',
    dependsOn: 'public',
    tags: ({ id }) => [`item:${id}`],
  }),
  listItems: operation({
    get: '/items',
    summary: 'Items by their ids, in no particular order.',
    input: z.object({ ids: z.array(itemId).min(1).max(100) }),
    output: z.object({ items: z.array(Item) }),
    dependsOn: 'public',
    batches: { one: 'getItem', each: 'id', list: 'ids', at: 'items', by: 'id', atMost: 100 },
  }),
  searchItems: operation({
    get: '/search/items',
    summary: 'The catalog page by page, by id; one category of it, if asked.',
    input: z.object({ ...pageInput, category: Category.optional() }),
    output: z.object({ items: z.array(Item), next }),
    dependsOn: 'public',
    tags: () => ['catalog'],
  }),
  getOrder: operation({
    get: '/orders/{id}',
    summary: 'One order.',
    input: z.object({ id: orderId }),
    output: Order,
    errors: { orderNotFound: 404 },
    tags: ({ id }) => [`order:${id}`],
  }),
  listOrders: operation({
    get: '/orders',
    summary: 'Orders page by page, newest first; those of one customer, if asked.',
    input: z.object({ ...pageInput, customerId: customerId.optional() }),
    output: z.object({ orders: z.array(Order), next }),
    tags: ({ customerId: customer }) => [customer === undefined ? 'orders' : `orders:${customer}`],
  }),
});
