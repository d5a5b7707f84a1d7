import { z } from 'zod';
import { Delivery, Order, OrderLine, Payment } from '#contracts/products/new-pilot-shop/v1.js';
import { type Database, type PageInput, json, page } from '../../kit/index.js';

const Row = Order.extend({ lines: json(z.array(OrderLine)), delivery: json(Delivery).nullable(), payment: json(Payment) });
type Row = z.output<typeof Row>;

const ORDER = `
  SELECT id, customer_id AS customerId, placed_at AS placedAt, status, delivery, payment, (
    SELECT json_group_array(
      json_object('itemId', item_id, 'quantity', quantity, 'unitPrice', json_object('amount', unit_amount, 'currency', unit_currency))
      ORDER BY position
    ) FROM order_lines WHERE order_id = orders.id
  ) AS lines
  FROM orders`;
const NEWEST_FIRST = 'ORDER BY placed_at DESC, id DESC LIMIT $take';

/** One order with its lines, or undefined where there is none. */
export const findOrder = (db: Database, id: string): Row | undefined => db.one(Row, `${ORDER} WHERE id = $id`, { id });

/** A page of all orders, or of one customer's, newest first. */
export function pageOfOrders(
  db: Database,
  input: PageInput & { readonly customerId?: string | undefined },
): { orders: Row[]; next: string | null } {
  const { customerId } = input;
  const { rows, next } = page(input, {
    key: z.tuple([z.string(), z.string()]),
    first: ['~', '~'],
    read: ([at, id], take) =>
      customerId === undefined
        ? db.all(Row, `${ORDER} WHERE (placed_at, id) < ($at, $id) ${NEWEST_FIRST}`, { at, id, take })
        : db.all(Row, `${ORDER} WHERE customer_id = $customerId AND (placed_at, id) < ($at, $id) ${NEWEST_FIRST}`, {
            at,
            id,
            take,
            customerId,
          }),
    keyOf: (order) => [order.placedAt, order.id],
  });
  return { orders: rows, next };
}
