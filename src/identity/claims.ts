import { z } from 'zod';
import type { Issuer } from './issuer.js';

/** How far the clocks of two machines may be apart. */
export const SKEW_MS = 60_000;

/** A text that can stand in a key: one that is not well formed would become another one's bytes when it is hashed. */
const Name = z
  .string()
  .min(1)
  .max(256)
  .refine((text) => text.isWellFormed() && !/\p{Cc}/u.test(text));

/** Seconds since 1970, up to the year 9999. */
const NumericDate = z.number().min(0).max(253_402_300_799);

/** What is looked at in a token's payload (RFC 7519, RFC 9068); all else is ignored. */
const Payload = z.object({
  iss: Name,
  sub: Name,
  aud: z.union([Name.transform((one) => [one]), z.array(Name).min(1).max(64)]),
  exp: NumericDate,
  nbf: NumericDate.optional(),
  iat: NumericDate.optional(),
  scope: z.string().max(4096).optional(),
  client_id: Name.optional(),
  azp: Name.optional(),
  idp: Name.optional(),
});
export type Payload = z.output<typeof Payload>;

/** What a verified token says. */
export interface Claims {
  /** `user`: on behalf of the subject; `consumer`: the client itself, and no user. */
  readonly kind: 'user' | 'consumer';
  /** Who answers for the subject: of a token that this gateway minted, the issuer of the user's own one. */
  readonly issuer: string;
  readonly subject: string;
  /** The client that the token was issued to. */
  readonly client: string | undefined;
  /** What it may be used for, sorted; undefined where it does not say. */
  readonly scopes: readonly string[] | undefined;
  readonly audience: readonly string[];
  /** The token's own end; it is accepted for `SKEW_MS` more. */
  readonly expiresAtMs: number;
}

/** Reads a payload: what it says, or the name of a claim that is missing or odd. */
export function readPayload(found: unknown): Payload | string {
  const parsed = Payload.safeParse(found);
  return parsed.success ? parsed.data : (parsed.error.issues[0]?.path.join('.') ?? '') || 'payload';
}

/** What is wrong with claims at this date, or undefined. */
export function claimFault({ aud, exp, nbf, iat }: Payload, { audience }: Issuer, nowMs: number): string | undefined {
  if (audience !== 'caller' && !aud.some((one) => audience.includes(one))) return 'it is meant for somebody else (aud)';
  if (nowMs >= exp * 1000 + SKEW_MS) return 'it has expired (exp)';
  if (nbf !== undefined && nowMs + SKEW_MS < nbf * 1000) return 'it is not valid yet (nbf)';
  if (iat !== undefined && nowMs + SKEW_MS < iat * 1000) return 'it was issued in the future (iat)';
  return undefined;
}

/** What a payload means, coming from this issuer; or what is missing. */
export function claimsOf(payload: Payload, { audience, names }: Issuer): Claims | string {
  const { iss, sub, aud, exp, scope, client_id, azp, idp } = payload;
  const issuer = audience === 'caller' ? idp : iss;
  if (issuer === undefined) return 'idp';
  const client = client_id ?? azp;
  const kind = names === 'consumers' || (names === 'both' && sub === client) ? 'consumer' : 'user';
  return {
    kind,
    issuer,
    subject: sub,
    client: kind === 'consumer' ? (client ?? sub) : client,
    scopes: scope === undefined ? undefined : [...new Set(scope.split(' ').filter((one) => one !== ''))].sort(),
    audience: aud,
    expiresAtMs: exp * 1000,
  };
}
