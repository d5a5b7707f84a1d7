import { z } from 'zod';
import { id, operation, product } from '../../kernel/index.js';

export const userId = id('u');

/** A person with one login across all products. */
export const User = z.object({
  id: userId,
  name: z.string().meta({ example: 'Ada Lindqvist' }),
  email: z.email().meta({ example: 'ada.lindqvist@example.org' }),
  language: z.enum(['en', 'de', 'fr', 'es', 'sv']),
  memberSince: z.iso.date(),
});

export const auth = product('auth', 1, {
  getUser: operation({
    get: '/users/{id}',
    summary: 'One user.',
    input: z.object({ id: userId }),
    output: User,
    errors: { userNotFound: 404 },
    absent: 'userNotFound',
    tags: ({ id }) => [`user:${id}`],
  }),
  listUsers: operation({
    get: '/users',
    summary: 'Users by their ids, in no particular order.',
    input: z.object({ ids: z.array(userId).min(1).max(100) }),
    output: z.object({ users: z.array(User) }),
    batches: { one: 'getUser', each: 'id', list: 'ids', at: 'users', by: 'id', atMost: 100 },
  }),
});
