import { z } from 'zod';
import type { Clock, Timer } from '../clock.js';
import { type Algorithm, type VerificationKey, verificationKey } from './algorithms.js';

/** The keys by which tokens of one issuer are verified. */
export interface Keys {
  /** Another number whenever the keys have become others: what was found with the old ones has to be found anew. */
  readonly epoch: number;
  /** The key of exactly this id. `unknown`: the issuer has none; `unavailable`: nobody knows which keys it has. */
  keyOf(kid: string): Found | Promise<Found>;
}

/** What asking for a key came to. */
export type Found = VerificationKey | 'unknown' | 'unavailable';

/** Gets a set of keys. It has to bound the time and the size itself, and never to follow a redirect; it may reject. */
export type FetchJwks = (url: string) => Promise<{ readonly status: number; readonly body: Buffer }>;

/** What the keys of an issuer are made of. */
export interface JwksTerms {
  /** Where it publishes them; nothing else is ever fetched. */
  readonly url: string;
  readonly algorithms: readonly Algorithm[];
  readonly fetch: FetchJwks;
  readonly clock: Clock;
  /** From 0 to below 1. */
  readonly random: () => number;
  /** Told how each fetch went; undefined: well. For metrics and the log. */
  readonly fetched?: (trouble: unknown) => void;
}

/** How old keys become before they are fetched anew: up to a fifth sooner, so that replicas do not ask together. */
const REFRESH_MS = 10 * 60_000;

/** How long after one fetch the next may follow, once keys are loaded: whoever sends unknown ids causes no more. */
const COOLDOWN_MS = 30_000;

/** How long the first loading waits before it tries again, at first; twice as long each time, up to the cooldown. */
const FIRST_RETRY_MS = 1_000;

/** How long the last good keys are used while the issuer is away. */
const MAX_AGE_MS = 24 * 3_600_000;

/** How many keys of a set are looked at. */
const MOST_KEYS = 100;

const Published = z.object({ keys: z.array(z.unknown()) });

/**
 * One issuer's published keys (RFC 7517), fetched in the background: known keys are found without waiting, whatever becomes
 * of the issuer. Only an unknown id makes a request wait, for a fetch that is due; all that wait share it.
 */
export class Jwks implements Keys {
  readonly #terms: JwksTerms;
  #keys: ReadonlyMap<string, VerificationKey> = new Map();
  #print = '';
  #epoch = 0;
  #goodSince = Number.NEGATIVE_INFINITY;
  #startedAt = Number.NEGATIVE_INFINITY;
  #misses = 0;
  #fetching: Promise<void> | undefined;
  #timer: Timer | undefined;
  #closed = false;

  /** Begins to fetch at once. */
  constructor(terms: JwksTerms) {
    this.#terms = terms;
    void this.#fetch();
  }

  get epoch(): number {
    this.#forgetOld();
    return this.#epoch;
  }

  keyOf(kid: string): Found | Promise<Found> {
    const key = this.#known(kid);
    if (typeof key === 'object') return key;
    const due = this.#loaded && this.#terms.clock.now() - this.#startedAt >= COOLDOWN_MS;
    const fetching = this.#fetching ?? (due && !this.#closed ? this.#fetch() : undefined);
    return fetching ? fetching.then(() => this.#known(kid)) : key;
  }

  /** Fetches no more. */
  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  get #loaded(): boolean {
    return this.#goodSince > Number.NEGATIVE_INFINITY;
  }

  #known(kid: string): Found {
    this.#forgetOld();
    return this.#keys.get(kid) ?? (this.#loaded ? 'unknown' : 'unavailable');
  }

  #forgetOld(): void {
    if (!this.#loaded || this.#terms.clock.now() - this.#goodSince <= MAX_AGE_MS) return;
    this.#goodSince = Number.NEGATIVE_INFINITY;
    this.#take([], '');
  }

  #fetch(): Promise<void> {
    const { clock, fetch, url, fetched } = this.#terms;
    this.#timer?.cancel();
    this.#startedAt = clock.now();
    const asked = async (): Promise<void> => {
      try {
        this.#read(await fetch(url));
        this.#goodSince = this.#startedAt;
        this.#misses = 0;
        fetched?.(undefined);
      } catch (error) {
        this.#misses++;
        fetched?.(error);
      }
      if (!this.#closed) this.#timer = clock.after(this.#nextInMs(), () => void this.#fetch());
    };
    this.#fetching = asked().finally(() => {
      this.#fetching = undefined;
    });
    return this.#fetching;
  }

  #nextInMs(): number {
    const { random } = this.#terms;
    if (this.#misses === 0) return REFRESH_MS * (1 - random() / 5);
    const wait = this.#loaded ? COOLDOWN_MS : Math.min(COOLDOWN_MS, FIRST_RETRY_MS * 2 ** (this.#misses - 1));
    return wait * (1 + random() / 5);
  }

  /** @throws where it is no set of keys: the ones that are known stay. */
  #read({ status, body }: { readonly status: number; readonly body: Buffer }): void {
    if (status !== 200) throw new Error(`expected keys with status 200, got ${status}`);
    const { keys } = Published.parse(JSON.parse(body.toString()));
    const usable = keys.slice(0, MOST_KEYS).flatMap((published) => verificationKey(published, this.#terms.algorithms) ?? []);
    const print = JSON.stringify(usable.map(({ kid, key, algorithms }) => [kid, key.export({ format: 'jwk' }), [...algorithms]]));
    this.#take(usable, print);
  }

  #take(keys: readonly VerificationKey[], print: string): void {
    if (print === this.#print) return;
    this.#print = print;
    this.#epoch++;
    // Of two keys with one id the first counts: it is the newest where issuers publish the newest first.
    this.#keys = new Map(keys.toReversed().map((key) => [key.kid, key]));
  }
}
