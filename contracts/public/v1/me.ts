import { z } from 'zod';
import { id, route } from '../../kernel/index.js';

const missing = { description: 'Null where the part is missing.' };

/** One person's account across all products: whose, says the token that comes along. */
export const me = route('GET /v1/me', {
  summary: 'My account across all products.',
  input: z.object({}),
  output: z.object({
    user: z.object({
      id: id('u'),
      name: z.string().meta({ example: 'Ada Lindqvist' }),
      email: z.email(),
      language: z.string().meta({ example: 'en' }),
    }),
    theory: z
      .object({ licence: z.string().meta({ example: 'PPL' }), percent: z.int() })
      .nullable()
      .meta({ description: 'Null where the theory was never begun, or where the part is missing.' }),
    training: z
      .object({ goal: z.string().meta({ example: 'PPL' }), startedOn: z.iso.date() })
      .nullable()
      .meta({ description: 'Null where there is no training plan, or where the part is missing.' }),
    orders: z
      .array(z.object({ id: id('o'), placedAt: z.iso.datetime(), status: z.string().meta({ example: 'shipped' }) }))
      .nullable()
      .meta(missing),
    bookings: z
      .array(z.object({ id: id('b'), from: z.iso.date(), to: z.iso.date(), status: z.string().meta({ example: 'confirmed' }) }))
      .nullable()
      .meta(missing),
    sites: z
      .array(z.object({ id: id('s'), title: z.string(), url: z.url(), published: z.boolean() }))
      .nullable()
      .meta(missing),
  }),
  errors: { userNotFound: 404 },
  parts: { user: 'required', theory: 'optional', training: 'optional', orders: 'optional', bookings: 'optional', sites: 'optional' },
});
