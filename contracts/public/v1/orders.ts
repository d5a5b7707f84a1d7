import { z } from 'zod';
import { id, route } from '../../kernel/index.js';

/** Orders, newest first, each with the name of who placed it. */
export const orders = route('GET /v1/orders', {
  summary: 'Orders page by page, newest first, with the names of the customers.',
  input: z.object({
    limit: z.int().min(1).max(100).default(20).meta({ description: 'How many at most.' }),
    cursor: z.string().min(1).max(200).optional().meta({ description: 'The `next` of the page before; left out for the first page.' }),
  }),
  output: z.object({
    orders: z.array(
      z.object({
        id: id('o'),
        placedAt: z.iso.datetime(),
        status: z.string().meta({ example: 'shipped' }),
        customer: z
          .object({
            id: id('u'),
            name: z.string().nullable().meta({
              description: 'Null where there is no such customer any more, or where the part is missing.',
              example: 'Ada Lindqvist',
            }),
          })
          .meta({ description: 'Who placed it.' }),
        total: z.int().meta({ description: 'In the smallest unit of the currency.' }),
      }),
    ),
    next: z.string().nullable().meta({ description: 'The `cursor` of the next page; null on the last one.' }),
  }),
  parts: { orders: 'required', customers: 'optional' },
});
