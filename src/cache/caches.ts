import type { AnyOperation, Failure } from '#contracts/kernel/index.js';
import type { Clock } from '../clock.js';
import { Recent } from '../recent.js';
import type { Answer, From } from '../upstream/answer.js';
import { Batching } from '../upstream/batch.js';
import type { Call, Scope } from '../upstream/call.js';
import { Cancellation } from '../upstream/cancellation.js';
import { keptOf, noteKept, readOf, seal } from '../upstream/checked.js';
import type { Sharing } from '../upstream/coalesce.js';
import { askedOf, askerOf, digest } from '../upstream/key.js';
import type { Entry } from './entry.js';
import { FORMAT, decode, shapeOf } from './envelope.js';
import { labelsOf } from './labels.js';
import type { Partition, Store } from './store.js';
import { termsOf } from './terms.js';
import { type Publish, type Tier, type TierRead, nothing, purgeTier } from './tier.js';

/** Who is told of what no caller is told. */
export interface CacheObserver {
  /** A refresh in the background threw: a mistake of ours. */
  bug(error: unknown): void;
  /** The tier held something else than an entry for its key. */
  undecodable(product: string): void;
}

/** What the caches stand on. */
export interface CachesTerms {
  readonly clock: Clock;
  /** From 0 to below 1. */
  readonly random: () => number;
  readonly store: Store;
  readonly observer: CacheObserver;
  readonly tier?: Tier;
  readonly publish?: Publish;
}

/** How often each sort of answer was given, and how many refreshes ran in the background. */
export type CacheCounts = Record<From['state'] | 'unstored' | 'refreshes', number>;

/** What is kept of one product, and how it is used. */
export interface Shelf {
  readonly product: string;
  readonly entries: Partition<Entry>;
  readonly counts: CacheCounts;
}

/** What was made of something that a product said: the entry, stored or not, and where answers from it come from. */
export class Kept {
  constructor(
    readonly entry: Entry,
    readonly from: From,
  ) {}
}

/** How long a tier may take to say what it has, in milliseconds: then it has nothing. */
const TIER_MS = 50;
/** How long calls fly alone whose answers proved to be for one alone, in milliseconds, and how many such are remembered at least. */
const ALONE_MS = 10_000;
const LEAST_ALONE = 10_000;

/** All that is kept of products' answers. Lives as long as the process; policies come and go over it. */
export class Caches implements Sharing {
  readonly #shelves = new Map<string, Shelf>();
  readonly #alone = new Recent<number>(LEAST_ALONE);
  readonly #lookups = new Map<string, Promise<TierRead>>();
  readonly #rounds = new WeakMap<Scope, { readonly reads: Promise<TierRead>[]; readonly ended: Promise<unknown> }>();
  readonly #detached = new WeakMap<Scope, Scope>();
  readonly #keys = new WeakMap<AnyOperation, string>();
  /** The keys that are being refreshed in the background. */
  readonly refreshing = new Set<string>();
  readonly #failures = new WeakMap<Failure, Kept>();
  #doubtedAt = Number.NEGATIVE_INFINITY;

  constructor(readonly terms: CachesTerms) {}

  /** What was kept of what a product said, and where it then came from: calls that flew as one keep it once. */
  keptOf(said: Answer | Failure): Kept | undefined {
    if ('kind' in said) return this.#failures.get(said);
    const kept = keptOf(said);
    return kept instanceof Kept ? kept : undefined;
  }

  /** Notes what was kept of what a product said. @returns it */
  noteKept(said: Answer | Failure, kept: Kept): Kept {
    if ('kind' in said) this.#failures.set(said, kept);
    else noteKept(said, kept);
    return kept;
  }

  /** A product's shelf. */
  shelf(product: string): Shelf {
    let shelf = this.#shelves.get(product);
    if (!shelf) {
      const counts = { hit: 0, stale: 0, revalidated: 0, miss: 0, unstored: 0, refreshes: 0 };
      shelf = { product, entries: this.terms.store.partition<Entry>(`product:${product}`), counts };
      this.#shelves.set(product, shelf);
    }
    return shelf;
  }

  /** The key of a call's answer: all that goes out, whose it is, and the shape it has; undefined where nobody knows whose it is. */
  keyOf(call: Call): string | undefined {
    if (askerOf(call) === undefined) return undefined;
    const { operation } = call.endpoint;
    let shape = this.#keys.get(operation);
    if (shape === undefined) this.#keys.set(operation, (shape = digest([String(FORMAT), shapeOf(operation)])));
    return digest([shape, askedOf(call)]);
  }

  /** Whether purges may have been missed since something was kept or asked for: it may then only stand in for errors. */
  doubts(at: number): boolean {
    return at < this.#doubtedAt;
  }

  /**
   * What the tier has, asked for once however many wait, and not for long. What one request looks up together comes together
   * where it may go out as a batch: so what is missing still makes one.
   */
  look(key: string, { endpoint, scope }: Call): Promise<TierRead> {
    const read = this.read(key);
    if (!endpoint.batch) return read;
    let round = this.#rounds.get(scope);
    if (!round) {
      const reads: Promise<TierRead>[] = [];
      const ended = Promise.resolve().then(() => {
        this.#rounds.delete(scope);
        return Promise.all(reads);
      });
      this.#rounds.set(scope, (round = { reads, ended }));
    }
    round.reads.push(read);
    return round.ended.then(() => read);
  }

  /** What the tier has for a key, asked for once however many wait, and not for long. */
  read(key: string): Promise<TierRead> {
    const { tier, clock } = this.terms;
    if (!tier) return Promise.resolve(nothing);
    const lookup = `${this.generation} ${key}`; // what was asked for before a purge is for nobody who comes after it
    let read = this.#lookups.get(lookup);
    if (!read) {
      const { promise, resolve } = Promise.withResolvers<TierRead>();
      const timer = clock.after(TIER_MS, () => resolve(nothing));
      tier.get(key).then(resolve, () => resolve(nothing));
      read = promise.finally(() => {
        timer.cancel();
        this.#lookups.delete(lookup);
      });
      this.#lookups.set(lookup, read);
    }
    return read;
  }

  /**
   * The entry that the tier's bytes are, taken into memory where it is newer than what is `held` there, or the same and there
   * was a doubt. One that breaks what is known to be read is left where it is.
   */
  adopt(shelf: Shelf, key: string, bytes: Buffer, held: Entry | undefined, generation: number): Entry | undefined {
    const { clock, observer, store } = this.terms;
    const entry = decode(key, bytes, clock);
    if (!entry) observer.undecodable(shelf.product);
    if (!entry || (held && !this.#isBetter(entry, held))) return held;
    for (const check of held?.readers ?? []) if (!entry.readers.includes(check)) entry.readers.push(check);
    const size = entry.answer ? seal(entry.answer).bytes : 0;
    if (!store.purgedSince(generation, key, entry.labels)) shelf.entries.set(key, entry, size, entry.labels);
    return entry;
  }

  #isBetter({ answer, date }: Entry, held: Entry): boolean {
    const newer = date > held.date || (date === held.date && this.doubts(held.knownAt));
    return newer && (!answer || held.readers.every((check) => readOf(answer, check).ok));
  }

  /** Lets go of what is kept under a key, everywhere; nothing is asked of the tier where there was nothing. */
  drop(shelf: Shelf, key: string, old: Entry | undefined): void {
    shelf.entries.delete(key);
    if (old) void this.terms.tier?.del(key);
  }

  /** The scope of what is done for a request after it: for all calls of the request the same, so that they still make a batch. */
  detached(scope: Scope): Scope {
    let detached = this.#detached.get(scope);
    if (!detached) {
      const budget = { spent: 0, limit: scope.budget.limit };
      detached = { ...scope, cancellation: new Cancellation(), deadlineAt: Infinity, budget, batching: new Batching() };
      this.#detached.set(scope, detached);
    }
    return detached;
  }

  /** Purges by labels (see `labelOf`) here, in the tier and in the other instances. @returns how many entries went */
  async purge(labels: readonly string[]): Promise<number> {
    const here = this.#purgeHere(labels);
    const there = this.terms.tier ? await purgeTier(this.terms.tier, labels, here) : 0;
    await this.terms.publish?.(labels);
    return Math.max(here.length, there);
  }

  /** Another instance has purged, by these labels. */
  receive(message: unknown): void {
    if (Array.isArray(message) && message.every((label) => typeof label === 'string')) this.#purgeHere(message);
  }

  /** Purges of others may have been missed: what is kept is looked at as if it were stale, and stands in for errors only. */
  mayHaveMissed(): void {
    this.#doubtedAt = this.terms.clock.now();
  }

  #purgeHere(labels: readonly string[]): readonly string[] {
    return labels.flatMap((label) => this.terms.store.purge(label));
  }

  get generation(): number {
    return this.terms.store.generation;
  }

  purgedSince(generation: number, call: Call): boolean {
    if (generation === this.generation) return false;
    const labels = labelsOf(call);
    return !labels || this.terms.store.purgedSince(generation, this.keyOf(call) ?? '', new Set(labels));
  }

  fliesAlone(asked: string): boolean {
    const until = this.#alone.get(asked);
    return until !== undefined && until > this.terms.clock.now();
  }

  mayShare(asked: string, answer: Answer): boolean {
    const { clock } = this.terms;
    const { unstorable } = termsOf({ status: 200, headers: answer.headers }, { date: clock.date(), tookMs: 0 });
    if (unstorable === undefined || unstorable === 'no-cache') return true;
    this.#alone.set(asked, clock.now() + ALONE_MS);
    return false;
  }

  /** What is kept and how it is used, for the ops API. */
  state(): CachesState {
    const { store } = this.terms;
    return {
      bytes: store.bytes,
      entries: store.entries,
      evicted: store.evicted,
      refreshing: this.refreshing.size,
      products: Object.fromEntries(
        [...this.#shelves].map(([product, { entries, counts }]) => [
          product,
          { entries: entries.entries, bytes: entries.bytes, ...counts },
        ]),
      ),
    };
  }
}

/** The caches in numbers. */
export interface CachesState {
  readonly bytes: number;
  readonly entries: number;
  readonly evicted: number;
  readonly refreshing: number;
  readonly products: Readonly<Record<string, { readonly entries: number; readonly bytes: number } & Readonly<CacheCounts>>>;
}
