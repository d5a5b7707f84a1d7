import { createRemoteJWKSet, decodeJwt, errors, jwtVerify } from 'jose';
import { GATEWAY, TOKEN_ISSUER } from '#contracts/products/auth/v1.js';

/** The user whom a token names, or why it names nobody: 401 where it is not good, 503 where that could not be found out. */
export type Told =
  | { readonly ok: true; readonly user: string }
  | { readonly ok: false; readonly status: 401 | 503; readonly detail: string };

/** Tells for which user a call is made, by the token that came with it. */
export type Verify = (token: string) => Promise<Told>;

/** How long keys are waited for: the gateway waits for the whole answer no longer than 800 ms. */
const KEYS_WITHIN_MS = 500;

/** How long after a fetch an unknown key is not looked for again. */
const COOLDOWN_MS = 30_000;

/** What says that the keys could not be had, and nothing of the token. */
const NO_KEYS = ['ERR_JWKS_TIMEOUT', 'ERR_JWKS_INVALID', 'ERR_JOSE_GENERIC'];

/**
 * Accepts tokens for this product and no other: those that the gateway mints, and those that auth issues. Both publish
 * their keys through the gateway at this address; they are fetched when the first token comes.
 */
export function verifier(product: string, gatewayUrl: string): Verify {
  const keys = (path: string) =>
    createRemoteJWKSet(new URL(path, gatewayUrl), { timeoutDuration: KEYS_WITHIN_MS, cooldownDuration: COOLDOWN_MS });
  const issuers = new Map([
    [GATEWAY, { keys: keys('/.well-known/jwks.json'), algorithms: ['ES256', 'ES384', 'ES512', 'EdDSA', 'RS256'] }],
    [TOKEN_ISSUER, { keys: keys('/products/auth/v1/.well-known/jwks.json'), algorithms: ['ES256'] }],
  ]);
  return async function verify(token) {
    try {
      const { iss } = decodeJwt(token); // says only by whose keys it is to be checked
      const issuer = iss === undefined ? undefined : issuers.get(iss);
      if (iss === undefined || issuer === undefined) return refused('nobody whom this product trusts issued the token');
      const { payload } = await jwtVerify(token, issuer.keys, {
        issuer: iss,
        audience: product,
        algorithms: issuer.algorithms,
        requiredClaims: ['sub', 'exp'],
      });
      return payload.sub ? { ok: true, user: payload.sub } : refused('the token names no user');
    } catch (error) {
      if (!(error instanceof errors.JOSEError) || NO_KEYS.includes(error.code))
        return { ok: false, status: 503, detail: 'The keys that tokens are verified by could not be had.' };
      return refused(error.message);
    }
  };
}

const refused = (detail: string): Told => ({ ok: false, status: 401, detail: `Expected a token for this product: ${detail}.` });
