import { z } from 'zod';
import { id, operation, product } from '../../kernel/index.js';

/** The id of a user, in every product. */
export const userId = id('u');

/** A person with one login across all products. */
export const User = z.object({
  id: userId,
  name: z.string().meta({ example: 'Ada Lindqvist' }),
  email: z.email().meta({ example: 'ada.lindqvist@example.org' }),
  language: z.enum(['en', 'de', 'fr', 'es', 'sv']),
  memberSince: z.iso.date().meta({ example: '2024-03-18' }),
});

/** A signed token that says who its bearer is, to whom it is meant for. */
export const Token = z.object({
  token: z.string().meta({ description: 'A JWT signed with ES256: `iss`, `sub` (the user), `aud`, `client_id`, `iat`, `exp`.' }),
  expiresAt: z.iso.datetime().meta({ example: '2026-11-20T12:00:00Z' }),
});

/** A public key as RFC 7517 writes it. */
export const PublicKey = z.object({
  kty: z.literal('EC'),
  crv: z.literal('P-256'),
  x: z.string(),
  y: z.string(),
  kid: z.string().meta({ description: 'Tells which key signed a token.' }),
  alg: z.literal('ES256'),
  use: z.literal('sig'),
});

/** The `iss` of every token. */
export const TOKEN_ISSUER = 'auth';
/** The gateway, by the name that it has in tokens: `aud` of those that are to be shown to it, `iss` of those that it mints for products. */
export const GATEWAY = 'interline';

/** What auth promises: users, their login, and the keys that verify what it issues. */
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
  issueToken: operation({
    post: '/tokens',
    summary: 'A login: a token that is valid for one hour.',
    input: z.object({
      email: z.email().max(254).meta({ example: 'ada.lindqvist@example.org' }),
      password: z.string().min(1).max(256).meta({ example: 'flying' }),
      client: z
        .string()
        .min(1)
        .max(64)
        .default('web')
        .meta({ description: 'The consumer that the user logs in to: `client_id` of the token.' }),
      audience: z
        .array(z.string().min(1).max(64))
        .min(1)
        .max(20)
        .default([GATEWAY])
        .meta({ description: 'Who shall take the token. The gateway mints one for each product; one that is called past it is named.' }),
    }),
    output: Token,
    status: 201,
    errors: { loginFailed: 401 },
    dependsOn: 'public', // on what is sent alone: there is no user yet
  }),
  getKeys: operation({
    get: '/.well-known/jwks.json',
    summary: 'The public keys that verify tokens (RFC 7517).',
    input: z.object({}),
    output: z.object({ keys: z.array(PublicKey) }),
    dependsOn: 'public',
    tags: () => ['keys'],
  }),
});
