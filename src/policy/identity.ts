import { z } from 'zod';
import { Duration } from './units.js';

/** The algorithms that an issuer may sign with: signatures with a key pair alone, so that no published key can sign. */
const algorithms = ['ES256', 'ES384', 'ES512', 'EdDSA', 'PS256', 'PS384', 'PS512', 'RS256', 'RS384', 'RS512'] as const;

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
  algorithms: z.array(z.enum(algorithms)).min(1).meta({ description: 'What it signs with; anything else is refused.' }),
  audience: z
    .string()
    .min(1)
    .max(256)
    .optional()
    .meta({ description: 'What its tokens for this gateway say in aud. Default: identity.name.' }),
  names: z
    .enum(['users', 'consumers'])
    .default('users')
    .meta({ description: 'Whom its tokens name: users, or consumers (client credentials, RFC 6749, 4.4).' }),
});

/** Who says who somebody is. */
export const IdentityConfig = z.strictObject({
  name: z
    .string()
    .regex(/^[\x21-\x7e]{1,256}$/)
    .default('interline')
    .meta({ description: 'What this gateway is called: iss of the tokens that it mints, aud of those that it takes.' }),
  tokenLifetime: Duration.prefault('5m').meta({ description: 'How long a token is good that is minted for a product.' }),
  issuers: z.record(z.string(), Issuer).default({}).meta({ description: 'The issuers whose tokens are taken, by names of ours.' }),
});
export type IdentityConfig = z.output<typeof IdentityConfig>;
