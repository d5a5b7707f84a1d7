import { optional } from '#contracts/kernel/index.js';
import { auth } from '#contracts/products/auth/v1.js';
import { shop } from '#contracts/products/new-pilot-shop/v1.js';
import { order as route } from '#contracts/public/v1/order.js';
import { composition } from '../composition/composition.js';

/** The order first, then its customer and all its items at once: the items go out as one call. */
export const order = composition(route, {
  uses: {
    order: shop.getOrder.reads({
      id: true,
      customerId: true,
      placedAt: true,
      status: true,
      lines: { itemId: true, quantity: true, unitPrice: true },
      delivery: { city: true, country: true },
    }),
    customer: optional(auth.getUser.reads({ id: true, name: true, email: true })),
    items: optional(shop.getItem.reads({ name: true })),
  },
  errors: { order: { orderNotFound: 'orderNotFound' } },
  async compose({ input, order, customer, items, gather }) {
    const { customerId, ...found } = await order({ id: input.orderId });
    const parts = await gather({
      customer: customer({ id: customerId }),
      items: found.lines.map(({ itemId }) => items({ id: itemId })),
    });
    return {
      ...found,
      customer: parts.customer ?? null,
      lines: found.lines.map((line, i) => ({ ...line, name: parts.items[i]?.name ?? null })),
      total: found.lines.reduce((sum, line) => sum + line.quantity * line.unitPrice.amount, 0),
    };
  },
});
