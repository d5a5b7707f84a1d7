import { compactVerify } from 'jose';
import { z } from 'zod';
import { type Claims, type Payload, claimFault, claimsOf, readPayload } from './claims.js';
import type { Issuer, Issuers } from './issuer.js';
import type { Found, Keys } from './jwks.js';

/** Which keys a token was held against: where their epoch has become another one, it has to be held against them anew. */
export interface HeldAgainst {
  readonly keys: Keys;
  readonly epoch: number;
}

/** What a token came to. `heldAgainst` says that its signature was looked at. `detail` repeats nothing of the token. */
export type Verdict = { readonly ok: true; readonly claims: Claims; readonly issuer: Issuer; readonly heldAgainst: HeldAgainst } | Refusal;

/** Why a token is refused: it is none of ours, or nobody knows the keys that would tell. */
export interface Refusal {
  readonly ok: false;
  readonly why: 'invalid_token' | 'unavailable';
  readonly detail: string;
  readonly heldAgainst?: HeldAgainst;
}

/** The longest token, in characters. */
export const LONGEST_TOKEN = 8 * 1024;

const COMPACT = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/;

/**
 * What is understood in a header. Whatever changes how a token is read (`crit`, `b64`, `cty`), or brings a key or says where
 * one is (RFC 8725, 3.10), makes it none: keys come from the issuer's own address, by `kid` alone.
 */
const Header = z.object({
  alg: z.string(),
  kid: z.string().min(1).max(256),
  typ: z.enum(['JWT', 'at+jwt']).optional(),
  ...Object.fromEntries(['crit', 'b64', 'cty', 'zip', 'jku', 'jwk', 'x5u', 'x5c'].map((name) => [name, z.undefined().optional()])),
});

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** What is known of a token before its signature is looked at. */
interface Unproven {
  readonly alg: string;
  readonly kid: string;
  readonly payload: Payload;
}

/**
 * Verifies a signed token (RFC 7519 in the compact form of RFC 7515). Everything that can be told without keys is looked at
 * first; no address in it is ever followed. It never rejects. `nowMs`: the date.
 */
export function verifyToken(text: string, issuers: Issuers, nowMs: number): Verdict | Promise<Verdict> {
  const unproven = read(text);
  if (typeof unproven === 'string') return invalid(unproven);
  const { alg, kid, payload } = unproven;
  const issuer = issuers.get(payload.iss);
  if (!issuer) return invalid('its issuer is not one of ours (iss)');
  if (!issuer.algorithms.some((pinned) => pinned === alg)) return invalid('its issuer does not sign like this (alg)');
  const fault = claimFault(payload, issuer, nowMs);
  if (fault !== undefined) return invalid(fault);
  const { keys } = issuer;
  const prove = (found: Found): Verdict | Promise<Verdict> => {
    if (found === 'unavailable') return { ok: false, why: 'unavailable', detail: "its issuer's keys could not be loaded" };
    if (found === 'unknown') return invalid('its issuer has no such key (kid)');
    if (![...found.algorithms].some((algorithm) => algorithm === alg)) return invalid('the key is not for this (alg)');
    const heldAgainst = { keys, epoch: keys.epoch };
    return compactVerify(text, found.key, { algorithms: [alg] }).then(
      () => {
        const claims = claimsOf(payload, issuer);
        return typeof claims === 'string' ? odd(claims) : { ok: true, claims, issuer, heldAgainst };
      },
      () => ({ ...invalid('its signature is not that of its issuer'), heldAgainst }),
    );
  };
  const found = keys.keyOf(kid);
  return found instanceof Promise ? found.then(prove) : prove(found);
}

function read(text: string): Unproven | string {
  if (text.length > LONGEST_TOKEN) return 'it is too long';
  if (!COMPACT.test(text)) return 'expected a token in the compact form';
  const pieces = text.split('.');
  const [first, second] = pieces.map(bytesOf);
  if (!first || !second || !pieces.every((piece) => bytesOf(piece))) return 'expected base64url as it is written';
  const header = Header.safeParse(parsed(first));
  if (!header.success) return `its header is not understood${at(header.error)}`;
  const payload = readPayload(parsed(second));
  if (typeof payload === 'string') return oddClaim(payload);
  return { alg: header.data.alg, kid: header.data.kid, payload };
}

/** The bytes of canonical base64url: any other text for the same bytes would be another token that says the same. */
function bytesOf(piece: string): Buffer | undefined {
  const bytes = Buffer.from(piece, 'base64url');
  return bytes.toString('base64url') === piece ? bytes : undefined;
}

function parsed(bytes: Buffer): unknown {
  try {
    return JSON.parse(utf8.decode(bytes));
  } catch {
    return undefined;
  }
}

const at = ({ issues: [issue] }: z.ZodError): string => (issue && issue.path.length > 0 ? ` (${issue.path.join('.')})` : '');
const oddClaim = (claim: string): string => `expected a token with a well formed ${claim}`;
const odd = (claim: string): Refusal => invalid(oddClaim(claim));
const invalid = (detail: string): Refusal => ({ ok: false, why: 'invalid_token', detail });
