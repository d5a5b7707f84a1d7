import { z } from 'zod';
import { id, route } from '../../kernel/index.js';
import { Price } from './order.js';

/** A booking with everything that belongs to it. */
export const trip = route('GET /v1/trips/{bookingId}', {
  summary: 'A booking with what is rented, who rents it out and who travels.',
  input: z.object({ bookingId: id('b') }),
  output: z.object({
    id: id('b'),
    from: z.iso.date(),
    to: z.iso.date(),
    status: z.string().meta({ example: 'confirmed' }),
    price: Price,
    listing: z
      .object({
        id: id('l'),
        title: z.string().meta({ example: 'Foldable travel stroller' }),
        city: z.string().meta({ example: 'Lisbon' }),
      })
      .nullable()
      .meta({ description: 'Null where it is no longer offered, or where the part is missing.' }),
    provider: z
      .object({ id: id('p'), name: z.string().meta({ example: 'Little Explorers Lisbon' }), rating: z.number().nullable() })
      .nullable()
      .meta({ description: 'Null where the provider has left, or where the part is missing.' }),
    traveller: z
      .object({ id: id('u'), name: z.string().meta({ example: 'Ada Lindqvist' }) })
      .nullable()
      .meta({ description: 'Null where there is no such user any more, or where the part is missing.' }),
  }),
  errors: { bookingNotFound: 404 },
  parts: { booking: 'required', listing: 'optional', provider: 'optional', traveller: 'optional' },
});
