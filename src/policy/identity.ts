import { z } from 'zod';
import { Credential } from './credential.js';
import type { Variables } from './variables.js';

/** How a token may be signed (RFC 7518, RFC 8037): by a key pair, always. What is verified by a shared secret, anybody who verifies can forge. */
export const ALGORITHMS = ['ES256', 'ES384', 'ES512', 'EdDSA', 'PS256', 'PS384', 'PS512', 'RS256', 'RS384', 'RS512'] as const;

const Issuer = z.strictObject({
  issuer: z.string().min(1).max(256).meta({ description: 'What its tokens say in iss, exactly.' }),
  jwks: z
    .string()
    .refine((text) => /^https?:$/.test(URL.parse(text)?.protocol ?? ''), {
      error: 'expected an address like "https://login.example.org/jwks.json"',
    })
    .meta({ description: 'Where its public keys are (RFC 7517).' }),
  credential: z
    .strictObject({ variable: z.string().regex(/^[A-Z][A-Z0-9_]*$/, { error: 'expected the name of an environment variable' }) })
    .optional()
    .meta({
      description: 'The environment variable that holds the key which its public keys are fetched with, where they are not for everybody.',
    }),
  algorithms: z.array(z.enum(ALGORITHMS)).min(1).meta({ description: 'What it signs with; anything else is refused.' }),
  audience: z
    .string()
    .min(1)
    .max(256)
    .optional()
    .meta({ description: 'What its tokens for this gateway say in aud. Default: identity.name.' }),
  names: z.enum(['users', 'consumers', 'both']).default('users').meta({
    description:
      'Whom its tokens name: users, consumers (client credentials, RFC 6749, 4.4), or both: a token whose sub is its client is of a consumer.',
  }),
});

/** Who says who somebody is. */
export const IdentityConfig = z.strictObject({
  name: z
    .string()
    .regex(/^[\x21-\x7e]{1,256}$/)
    .default('interline')
    .meta({ description: 'What this gateway is called: iss of the tokens that it mints, aud of those that it takes.' }),
  issuers: z.record(z.string(), Issuer).default({}).meta({ description: 'The issuers whose tokens are taken, by names of ours.' }),
});
export type IdentityConfig = z.output<typeof IdentityConfig>;

/** The key that an issuer's public keys are fetched with; undefined where it asks for none. */
export function issuerCredential({ credential }: IdentityConfig['issuers'][string], env: Variables): Credential | undefined {
  const secret = credential && env[credential.variable];
  return secret === undefined ? undefined : new Credential(secret);
}
