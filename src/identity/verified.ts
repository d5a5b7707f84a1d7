import { hash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { Clock } from '../clock.js';
import { SKEW_MS } from './claims.js';
import type { Issuers } from './issuer.js';
import { LONGEST_TOKEN, type Verdict, verifyToken } from './token.js';

/** How many tokens are remembered: accepted, and refused ones. Apart, so that a flood of bad ones displaces no good one. */
const MOST = { accepted: 20_000, refused: 2_000 };

/** How long it is remembered that a token is refused. */
const REFUSED_MS = 30_000;

/** A verdict, and the date at which it is forgotten. */
interface Remembered {
  readonly verdict: Verdict;
  readonly until: number;
}

/**
 * Tokens that were verified before, by the SHA-256 of the whole token: a signature costs a hundred times more than a look.
 * One is gone exactly when it expires, and as soon as its issuer's keys have become others. Equal ones that come at the
 * same time are verified once.
 */
export class VerifiedTokens {
  readonly #issuers: Issuers;
  readonly #clock: Clock;
  readonly #accepted: LRUCache<string, Remembered>;
  readonly #refused: LRUCache<string, Remembered>;
  readonly #underWay = new Map<string, Promise<Verdict>>();

  constructor(issuers: Issuers, clock: Clock, most = MOST) {
    this.#issuers = issuers;
    this.#clock = clock;
    this.#accepted = new LRUCache({ max: most.accepted });
    this.#refused = new LRUCache({ max: most.refused });
  }

  /** See `verifyToken`; no promise where it is known. */
  verify(text: string): Verdict | Promise<Verdict> {
    const nowMs = this.#clock.date();
    if (text.length > LONGEST_TOKEN) return verifyToken(text, this.#issuers, nowMs);
    const key = hash('sha256', text, 'base64url');
    const known = this.#known(this.#accepted, key, nowMs) ?? this.#known(this.#refused, key, nowMs);
    if (known) return known;
    const underWay = this.#underWay.get(key);
    if (underWay) return underWay;
    const verdict = verifyToken(text, this.#issuers, nowMs);
    if (!(verdict instanceof Promise)) return verdict; // what is told without keys is told as fast again
    const remembered = verdict.then((settled) => {
      this.#underWay.delete(key);
      return this.#remember(key, settled);
    });
    this.#underWay.set(key, remembered);
    return remembered;
  }

  #known(kept: LRUCache<string, Remembered>, key: string, nowMs: number): Verdict | undefined {
    const found = kept.get(key);
    if (!found) return undefined;
    const { verdict, until } = found;
    const { heldAgainst } = verdict;
    if (nowMs < until && heldAgainst?.keys.epoch === heldAgainst?.epoch) return verdict;
    kept.delete(key);
    return undefined;
  }

  #remember(key: string, verdict: Verdict): Verdict {
    const nowMs = this.#clock.date();
    if (verdict.ok) {
      const until = verdict.claims.expiresAtMs + SKEW_MS;
      if (nowMs >= until) return { ok: false, why: 'invalid_token', detail: 'it has expired (exp)' }; // while keys were waited for
      this.#accepted.set(key, { verdict, until });
    } else if (verdict.heldAgainst) this.#refused.set(key, { verdict, until: nowMs + REFUSED_MS });
    return verdict;
  }
}
