import { z } from 'zod';
import { id, route } from '../../kernel/index.js';
import { Price } from './order.js';

const supplier = z.object({ id: id('v'), name: z.string().meta({ example: 'Nordwind Avionics' }) });
const quantity = z.int().meta({ description: 'How many to order.', example: 40 });

/**
 * What inventory lacks, as a purchase order. A line that can't be described is never ordered: it is listed apart, so that
 * nobody sends a supplier an order without saying what for.
 */
export const draftPurchaseOrder = route('GET /v1/purchase-orders/draft', {
  summary: 'What inventory lacks, described by the catalog, as an order that can be sent.',
  input: z.object({}),
  output: z.object({
    lines: z.array(
      z.object({
        itemId: id('i'),
        name: z.string().meta({ example: 'Cirrus H2 headset' }),
        description: z.string().meta({ example: 'A light headset for training aircraft.' }),
        price: Price,
        quantity,
        supplier,
      }),
    ),
    undescribed: z
      .array(
        z.object({
          itemId: id('i'),
          name: z.string().nullable().meta({ description: 'Null where the catalog tells not even that.', example: 'Cirrus H2 headset' }),
          quantity,
          supplier,
        }),
      )
      .meta({
        description: 'What is lacking too, and is not ordered, since the catalog does not describe it. `parts.descriptions` says why.',
      }),
    more: z.boolean().meta({ description: 'Whether more is lacking than one draft holds.' }),
  }),
  parts: { shortages: 'required', items: 'optional', descriptions: 'optional' },
});
