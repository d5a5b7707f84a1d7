import { randomUUID } from 'node:crypto';
import { SignJWT } from 'jose';
import { LRUCache } from 'lru-cache';
import type { Clock } from '../clock.js';
import { digest } from '../upstream/key.js';
import type { VerificationKey } from './algorithms.js';
import type { Issuer } from './issuer.js';
import { type PublicJwk, type SigningKey, previousKey } from './signing-key.js';

/** How long a minted token is good for. */
const LIFETIME_S = 300;

/** The share of its life that one is handed out for: the rest is for the call that carries it. */
const HANDED_OUT = 0.8;

const MOST_KEPT = 20_000;

/** What a token is minted for: one product, on behalf of one user who came through one consumer. */
export interface Purpose {
  /** The product: nobody else accepts it. */
  readonly audience: string;
  /** The user, by who answers for that name. */
  readonly user: { readonly issuer: string; readonly subject: string };
  readonly consumer: string | undefined;
  /** What it may be used for; undefined: it does not say. */
  readonly scopes: readonly string[] | undefined;
}

/** What a minter is made of. */
export interface MinterTerms {
  /** The gateway's name: the `iss` of what it mints. */
  readonly name: string;
  readonly key: SigningKey;
  readonly clock: Clock;
  /** JWKs of keys that were signed with before: they stay published, and what they signed is accepted, to its end. */
  readonly previous?: readonly unknown[];
}

/** Signs short-lived tokens, each for one product (in the spirit of RFC 8693): a stolen one opens no other. */
export class Minter {
  /** The gateway as an issuer: what it minted is accepted from the product that it was minted for. */
  readonly issuer: Issuer;
  readonly #terms: MinterTerms;
  readonly #published: readonly PublicJwk[];
  readonly #minted = new LRUCache<string, { readonly token: string; readonly until: number }>({ max: MOST_KEPT });
  readonly #underWay = new Map<string, Promise<string>>();

  /** @throws SigningKeyError where a previous key is none. */
  constructor(terms: MinterTerms) {
    this.#terms = terms;
    const { key, name, previous = [] } = terms;
    const current = previousKey(key.publicJwk);
    const all = [current, ...previous.map(previousKey).filter(({ key: { kid } }) => kid !== key.kid)];
    this.#published = all.map(({ publicJwk }) => publicJwk);
    const byKid: ReadonlyMap<string, VerificationKey> = new Map(all.map(({ key }) => [key.kid, key]));
    this.issuer = {
      name,
      audience: 'caller',
      algorithms: [...new Set(all.flatMap(({ key: { algorithms } }) => [...algorithms]))],
      keys: { epoch: 0, keyOf: (kid) => byKid.get(kid) ?? 'unknown' },
      names: 'users',
    };
  }

  /** The gateway's own set of keys, to be published. */
  publicJwks(): { readonly keys: readonly PublicJwk[] } {
    return { keys: this.#published };
  }

  /** A token for this purpose: no promise where one is there that is good for a while. */
  mint(purpose: Purpose): string | Promise<string> {
    const key = keyOf(purpose);
    const nowMs = this.#terms.clock.date();
    const found = this.#minted.get(key);
    if (found && nowMs < found.until) return found.token;
    const underWay = this.#underWay.get(key);
    if (underWay) return underWay;
    const minted = this.#sign(purpose, nowMs).then(
      (token) => {
        this.#underWay.delete(key);
        this.#minted.set(key, { token, until: nowMs + LIFETIME_S * HANDED_OUT * 1000 });
        return token;
      },
      (error: unknown) => {
        this.#underWay.delete(key);
        throw error;
      },
    );
    this.#underWay.set(key, minted);
    return minted;
  }

  #sign({ audience, user, consumer, scopes }: Purpose, nowMs: number): Promise<string> {
    const { name, key } = this.#terms;
    const issuedAt = Math.floor(nowMs / 1000);
    return new SignJWT({
      idp: user.issuer,
      ...(consumer !== undefined && { client_id: consumer }),
      ...(scopes !== undefined && { scope: scopes.join(' ') }),
    })
      .setProtectedHeader({ alg: key.algorithm, kid: key.kid, typ: 'at+jwt' })
      .setIssuer(name)
      .setSubject(user.subject)
      .setAudience(audience)
      .setIssuedAt(issuedAt)
      .setExpirationTime(issuedAt + LIFETIME_S)
      .setJti(randomUUID())
      .sign(key.privateKey);
  }
}

/** All that a token says, as one key: two purposes never share one. */
const keyOf = ({ audience, user, consumer, scopes }: Purpose): string =>
  digest([
    audience,
    user.issuer,
    user.subject,
    ...(consumer === undefined ? ['0'] : ['1', consumer]),
    ...(scopes === undefined ? ['0'] : ['1', ...[...scopes].sort()]),
  ]);
