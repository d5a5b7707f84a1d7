import { type JsonWebKey, type KeyObject, createPublicKey } from 'node:crypto';
import { z } from 'zod';
import { ALGORITHMS } from '../policy/identity.js';

export { ALGORITHMS };

export type Algorithm = (typeof ALGORITHMS)[number];

/** A public key that verifies tokens, and the algorithms that it is for. */
export interface VerificationKey {
  readonly kid: string;
  readonly key: KeyObject;
  readonly algorithms: ReadonlySet<Algorithm>;
}

const LEAST_RSA_BITS = 2048;
const MOST_RSA_BITS = 8192;
const RSA: readonly Algorithm[] = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'];
const CURVES: ReadonlyMap<string, Algorithm> = new Map([
  ['P-256', 'ES256'],
  ['P-384', 'ES384'],
  ['P-521', 'ES512'],
  ['Ed25519', 'EdDSA'],
]);

/** What of a JWK (RFC 7517) decides whether it is of use. Private and symmetric keys have no place in a set that is published. */
const Jwk = z.object({
  kid: z.string().min(1).max(256),
  kty: z.enum(['EC', 'OKP', 'RSA']),
  crv: z.string().optional(),
  n: z.string().optional(),
  e: z.string().optional(),
  x: z.string().optional(),
  y: z.string().optional(),
  alg: z.string().optional(),
  use: z.literal('sig').optional(),
  key_ops: z.array(z.string()).optional(),
  d: z.undefined().optional(),
  k: z.undefined().optional(),
});

/** Reads a published key; undefined for one that is of no use for these algorithms: another kind, another use, private, weak, broken. */
export function verificationKey(published: unknown, pinned: readonly Algorithm[]): VerificationKey | undefined {
  const { data: jwk } = Jwk.safeParse(published);
  if (!jwk || (jwk.key_ops && !jwk.key_ops.includes('verify'))) return undefined;
  const key = imported(jwk);
  if (!key) return undefined;
  const possible = jwk.kty === 'RSA' ? RSA : [CURVES.get(jwk.crv ?? '')];
  const algorithms = new Set(
    pinned.filter((algorithm) => possible.includes(algorithm) && (jwk.alg === undefined || jwk.alg === algorithm)),
  );
  return algorithms.size > 0 ? { kid: jwk.kid, key, algorithms } : undefined;
}

function imported({ kty, crv, n, e, x, y }: z.output<typeof Jwk>): KeyObject | undefined {
  const members = Object.entries({ kty, crv, n, e, x, y }).filter(([, value]) => value !== undefined);
  const jwk: JsonWebKey = Object.fromEntries(members);
  try {
    const key = createPublicKey({ key: jwk, format: 'jwk' });
    const bits = key.asymmetricKeyDetails?.modulusLength;
    return bits !== undefined && (bits < LEAST_RSA_BITS || bits > MOST_RSA_BITS) ? undefined : key;
  } catch {
    return undefined;
  }
}
