import type { Clock } from '../clock.js';
import type { Claims } from './claims.js';
import { type Misfit, presentedBy } from './credentials.js';
import { type Issuer, issuersOf } from './issuer.js';
import type { Keyring } from './keyring.js';
import type { Minter } from './mint.js';
import type { Verdict } from './token.js';
import { VerifiedTokens } from './verified.js';

/** Who calls, as far as it is proven. Nobody in particular: all of it undefined. */
export interface Caller {
  /** A consumer that is known: by its key, or as the client of its token. */
  readonly consumer: string | undefined;
  /** The user by who answers for that name, with the token as it came. */
  readonly user: { readonly issuer: string; readonly subject: string; readonly token: string } | undefined;
  /** What the token may be used for; undefined where there is none, or it does not say. */
  readonly scopes: readonly string[] | undefined;
}

/** Why nobody is let in: what a problem and its headers say. Nothing of the credential is in it. */
export interface Refused {
  readonly status: 401 | 503;
  readonly code: 'invalid_key' | 'invalid_token' | 'auth_unavailable';
  readonly detail: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Seconds. */
  readonly retryAfter?: number;
}

/** What callers are known by. */
export interface AuthenticatorTerms {
  readonly keyring: Keyring;
  /** Who else than the gateway itself issues tokens. */
  readonly issuers: readonly Issuer[];
  /** Whose tokens products present when they call back; undefined: it mints none. */
  readonly minter: Minter | undefined;
  readonly clock: Clock;
  /** Whether a name is that of a consumer. */
  readonly isKnown: (name: string) => boolean;
}

/** Tells who calls, by raw headers (`IncomingMessage.rawHeaders`); no promise where nothing has to be waited for. */
export type Authenticate = (rawHeaders: readonly string[]) => Caller | Refused | Promise<Caller | Refused>;

/** How long to wait where keys could not be loaded, in seconds. */
const UNAVAILABLE_S = 5;

/** Nobody in particular. */
const ANONYMOUS: Caller = { consumer: undefined, user: undefined, scopes: undefined };

/** Whether it is a refusal. */
export const isRefused = (found: Caller | Refused): found is Refused => 'status' in found;

/**
 * Makes what tells callers apart. A credential that is presented has to be good, even where none would do. A key decides
 * which consumer calls, else the client of the token, where that is a known consumer. What the gateway minted is accepted
 * from the very consumer that it was minted for, which says so by its key.
 * @throws TypeError where issuers can't stand together, see `issuersOf`.
 */
export function authenticator({ keyring, issuers, minter, clock, isKnown }: AuthenticatorTerms): Authenticate {
  const verified = new VerifiedTokens(issuersOf(minter ? [...issuers, minter.issuer] : issuers), clock);
  return function authenticate(rawHeaders) {
    const presented = presentedBy(rawHeaders);
    if ('detail' in presented) return misfit(presented);
    const { key, token } = presented;
    const named = key === undefined ? undefined : keyring.consumerOf(key, clock.date());
    if (key !== undefined && (named === undefined || !isKnown(named))) return invalidKey('the key is not one in force');
    if (token === undefined) return named === undefined ? ANONYMOUS : { ...ANONYMOUS, consumer: named };
    const callerBy = (verdict: Verdict): Caller | Refused => {
      if (!verdict.ok) return verdict.why === 'unavailable' ? unavailable(verdict.detail) : invalidToken(verdict.detail);
      const { claims, issuer } = verdict;
      if (issuer.audience === 'caller' && (named === undefined || !claims.audience.includes(named)))
        return invalidToken('it was minted for somebody else, or its product did not present its key');
      return { consumer: named ?? clientOf(claims, isKnown), user: userOf(claims, token), scopes: claims.scopes };
    };
    const verdict = verified.verify(token);
    return verdict instanceof Promise ? verdict.then(callerBy) : callerBy(verdict);
  };
}

const clientOf = ({ client }: Claims, isKnown: (name: string) => boolean): string | undefined =>
  client !== undefined && isKnown(client) ? client : undefined;

const userOf = ({ kind, issuer, subject }: Claims, token: string): Caller['user'] =>
  kind === 'user' ? { issuer, subject, token } : undefined;

const misfit = ({ header, detail }: Misfit): Refused => (header === 'x-api-key' ? invalidKey(detail) : invalidToken(detail));

const invalidKey = (detail: string): Refused => ({
  status: 401,
  code: 'invalid_key',
  detail,
  headers: { 'www-authenticate': 'Bearer' },
});

const invalidToken = (detail: string): Refused => ({
  status: 401,
  code: 'invalid_token',
  detail,
  headers: { 'www-authenticate': 'Bearer error="invalid_token"' },
});

const unavailable = (detail: string): Refused => ({
  status: 503,
  code: 'auth_unavailable',
  detail,
  headers: {},
  retryAfter: UNAVAILABLE_S,
});
