import { z } from 'zod';
import { id, route } from '#contracts/kernel/index.js';
import { composition } from '#src/composition/composition.js';
import {
  Customer,
  Item,
  ItemList,
  Offer,
  Order,
  Reviews,
  Similar,
  Stock,
  accounts,
  catalog,
  inventory,
  reviews,
  shop,
} from './products.ts';

const itemInput = z.object({ itemId: id('i') });

/** W2, W7: three parallel parts, each handed through whole. */
const item = composition(
  route('GET /v1/items/{itemId}', {
    input: itemInput,
    output: z.object({ item: Item, stock: Stock, offer: Offer }),
    parts: { item: 'required', stock: 'required', offer: 'required' },
  }),
  {
    uses: { item: catalog.getItem.reads(true), stock: inventory.getStock.reads(true), offer: shop.getOffer.reads(true) },
    compose: ({ input, item, stock, offer, gather }) => gather({ item: item(input), stock: stock(input), offer: offer(input) }),
  },
);

/** W3: an order, then its customer and its items in parallel. */
const order = composition(
  route('GET /v1/orders/{orderId}', {
    input: z.object({ orderId: id('o') }),
    output: z.object({ order: Order, customer: Customer, items: ItemList }),
    parts: { order: 'required', customer: 'required', items: 'required' },
  }),
  {
    uses: { order: shop.getOrder.reads(true), customer: accounts.getCustomer.reads(true), items: catalog.listItems.reads(true) },
    async compose({ input, order, customer, items, gather }) {
      const placed = await order(input);
      const rest = await gather({
        customer: customer({ customerId: placed.customerId }),
        items: items({ ids: placed.lines.map(({ itemId }) => itemId) }),
      });
      return { order: placed, ...rest };
    },
  },
);

/** W4: three parallel parts that are everybody's, kept as one answer. */
const page = composition(
  route('GET /v1/pages/{itemId}', {
    input: itemInput,
    output: z.object({ item: Item, stock: Stock, reviews: Reviews }),
    parts: { item: 'required', stock: 'required', reviews: 'required' },
  }),
  {
    uses: { item: catalog.getItem.reads(true), stock: inventory.getStock.reads(true), reviews: reviews.getReviews.reads(true) },
    compose: ({ input, item, stock, reviews, gather }) => gather({ item: item(input), stock: stock(input), reviews: reviews(input) }),
  },
);

/** W5: a part of 50 kB and two of 1 kB. */
const similar = composition(
  route('GET /v1/items/{itemId}/similar', {
    input: itemInput,
    output: z.object({ similar: Similar, stock: Stock, reviews: Reviews }),
    parts: { similar: 'required', stock: 'required', reviews: 'required' },
  }),
  {
    uses: { similar: catalog.listSimilar.reads(true), stock: inventory.getStock.reads(true), reviews: reviews.getReviews.reads(true) },
    compose: ({ input, similar, stock, reviews, gather }) =>
      gather({ similar: similar(input), stock: stock(input), reviews: reviews(input) }),
  },
);

/** W6: 20 orders with the names of their customers, as a naive loop. */
const orders = composition(
  route('GET /v1/orders', {
    input: z.object({ limit: z.int().min(1).max(100).default(20) }),
    output: z.object({
      orders: z.array(
        z.object({ id: id('o'), placedAt: z.iso.datetime(), status: z.string(), customer: z.string().nullable(), total: z.int() }),
      ),
    }),
    parts: { orders: 'required', profiles: 'required' },
  }),
  {
    uses: {
      orders: shop.listOrders.reads({
        orders: { id: true, customerId: true, placedAt: true, status: true, lines: { quantity: true, unitPrice: { amount: true } } },
      }),
      profiles: accounts.getProfile.reads({ name: true }),
    },
    async compose({ input, orders, profiles, gather }) {
      const page = await orders(input);
      const { names } = await gather({ names: page.orders.map(({ customerId }) => profiles({ id: customerId })) });
      return {
        orders: page.orders.map(({ id, placedAt, status, lines }, i) => ({
          id,
          placedAt,
          status,
          customer: names[i]?.name ?? null,
          total: lines.reduce((sum, { quantity, unitPrice }) => sum + quantity * unitPrice.amount, 0),
        })),
      };
    },
  },
);

/** All that the gateway composes while it is measured. */
export const compositions = [item, order, page, similar, orders];
