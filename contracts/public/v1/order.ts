import { z } from 'zod';
import { id, route } from '../../kernel/index.js';

/** What something costs. */
export const Price = z.object({
  amount: z.int().meta({ description: 'In the smallest unit of the currency.', example: 32900 }),
  currency: z.string().meta({ example: 'EUR' }),
});

/** One order with its customer and its items. */
export const order = route('GET /v1/orders/{orderId}', {
  summary: 'One order with its customer and its items.',
  input: z.object({ orderId: id('o') }),
  output: z.object({
    id: id('o'),
    placedAt: z.iso.datetime(),
    status: z.string().meta({ example: 'shipped' }),
    customer: z
      .object({ id: id('u'), name: z.string().meta({ example: 'Ada Lindqvist' }), email: z.email() })
      .nullable()
      .meta({ description: 'Null where there is no such customer any more, or where the part is missing.' }),
    lines: z.array(
      z.object({
        itemId: id('i'),
        name: z
          .string()
          .nullable()
          .meta({ description: 'Null where the item is not in the catalog, or its part is missing.', example: 'Cirrus H2 headset' }),
        quantity: z.int(),
        unitPrice: Price,
      }),
    ),
    delivery: z.object({ city: z.string().meta({ example: 'Uppsala' }), country: z.string().meta({ example: 'SE' }) }).nullable(),
    total: z.int().meta({ description: "In the smallest unit of the lines' currency." }),
  }),
  errors: { orderNotFound: 404 },
  parts: { order: 'required', customer: 'optional', items: 'optional' },
});
