import { optional } from '#contracts/kernel/index.js';
import { auth } from '#contracts/products/auth/v1.js';
import { shop } from '#contracts/products/new-pilot-shop/v1.js';
import { orders as route } from '#contracts/public/v1/orders.js';
import { composition } from '../composition/composition.js';

/** A page of orders and one call for all the names on it: the naive loop, batched by the contract. */
export const orders = composition(route, {
  uses: {
    orders: shop.listOrders.reads({
      orders: { id: true, customerId: true, placedAt: true, status: true, lines: { quantity: true, unitPrice: { amount: true } } },
      next: true,
    }),
    customers: optional(auth.getUser.reads({ name: true })),
  },
  async compose({ input, orders, customers, gather }) {
    const page = await orders(input);
    const { names } = await gather({ names: page.orders.map(({ customerId }) => customers({ id: customerId })) });
    return {
      orders: page.orders.map(({ id, placedAt, status, customerId, lines }, i) => ({
        id,
        placedAt,
        status,
        customer: { id: customerId, name: names[i]?.name ?? null },
        total: lines.reduce((sum, line) => sum + line.quantity * line.unitPrice.amount, 0),
      })),
      next: page.next,
    };
  },
});
