import type { WhyNot as WhyNotOfProduct } from '../cache/asking.js';
import type { Caches } from '../cache/caches.js';
import { labelOf, labelsOf, readerLabel } from '../cache/labels.js';
import type { Provenance } from '../cache/provenance.js';
import type { Partition } from '../cache/store.js';
import type { Prepared } from '../composition/prepare.js';
import type { Composed, Ran } from '../composition/run.js';
import type { RoutePolicy } from '../policy/snapshot.js';
import type { Call, Identity } from '../upstream/call.js';
import { Digests, ownerOf } from '../upstream/key.js';
import { KeptResponse } from './kept-response.js';
import type { Response } from './problems.js';

/** Why a composed answer is not kept. */
export type WhyNot = Exclude<WhyNotOfProduct, 'contract'> | 'incomplete' | 'stale';

/** A composed answer that was found, and what it is good for. */
export interface Found {
  readonly kept: KeptResponse;
  /** How long it stays fresh; below 0, how long it has not been. */
  readonly ttlMs: number;
}

/** What a composed answer is when it is to be kept. */
export interface Made {
  readonly prepared: Prepared;
  readonly key: string | undefined;
  readonly response: Response;
  readonly composed: Extract<Composed, { readonly kind: 'answer' }>;
  readonly ran: Ran;
  readonly provenance: Provenance;
  /** From before its parts were called: the store's generation, and the time on the steady clock. */
  readonly generation: number;
  readonly began: number;
}

/** How often each sort of answer was given for one route. */
export type RouteCounts = Record<'hit' | 'stale' | 'miss', number>;

/** More labels than these, and an answer is not kept: a purge could miss it. */
const MOST_LABELS = 1000;

/** What a label takes in memory, roughly. */
const LABEL_BYTES = 100;

/**
 * Composed answers, kept as ready bytes in the one bounded memory. They are labelled with all that they are made of, so that
 * every purge and every write reaches them as it reaches their parts; what a product forbids to keep of a part is not kept
 * of the whole, and nothing is served longer than its parts are good by their products' own word.
 */
export class RouteCache {
  readonly #answers: Partition<KeptResponse>;
  readonly #digests = new Digests();
  readonly #refreshing = new Set<string>();
  readonly #counts = new Map<string, RouteCounts>();

  constructor(readonly caches: Caches) {
    this.#answers = caches.terms.store.partition<KeptResponse>('routes');
  }

  /** The key of an answer: the route, its input, and whose it is; undefined where nobody knows whose. */
  keyOf({ composition, dependsOn }: Prepared, input: unknown, identity: Identity): string | undefined {
    const owner = ownerOf(dependsOn, identity);
    return owner && this.#digests.of(['composed', composition.route.line, JSON.stringify(input), ...owner]);
  }

  /** What is kept under a key, where it may be served; counted. */
  find(key: string, route: string, { cache }: RoutePolicy): Found | undefined {
    const kept = this.#answers.get(key);
    const ttlMs = kept && !this.caches.doubts(kept.at) ? this.#ttlOf(kept, cache) : undefined;
    this.#count(route, ttlMs === undefined ? 'miss' : ttlMs > 0 ? 'hit' : 'stale');
    return kept && ttlMs !== undefined ? { kept, ttlMs } : undefined;
  }

  /** Keeps an answer that may be kept. @returns how long it stays fresh, or why it is not kept */
  keep(made: Made, { cache }: RoutePolicy): { readonly ttlMs: number } | { readonly why: WhyNot } {
    const { prepared, key, response, ran, provenance, generation, began } = made;
    const { clock, store, random } = this.caches.terms;
    if (key === undefined) return { why: 'identity' };
    const why = this.#whyNot(made);
    if (why !== undefined) return { why };
    const labels = labelsOfAll(ran.calls, provenance.keys, prepared.composition.route.line);
    if (!labels) return { why: 'tags' };
    if (this.caches.doubts(began) || store.purgedSince(generation, key, labels)) return { why: 'purged' };
    const { ageMs = 0, lifetimeMs } = provenance;
    const kept = new KeptResponse(response, clock.now(), ageMs, lifetimeMs, 0.9 + 0.2 * random());
    if (!this.#answers.set(key, kept, kept.bytes + labels.size * LABEL_BYTES, [...labels])) return { why: 'size' };
    return { ttlMs: this.#ttlOf(kept, cache) ?? 0 };
  }

  /** Makes a stale answer anew in the background, once at a time. */
  refresh(key: string, make: () => PromiseLike<unknown>): void {
    if (this.#refreshing.has(key)) return;
    this.#refreshing.add(key);
    Promise.resolve(make())
      .catch((bug: unknown) => this.caches.terms.observer.bug(bug))
      .finally(() => this.#refreshing.delete(key));
  }

  /** How often each sort of answer was given, by route. */
  get counts(): ReadonlyMap<string, RouteCounts> {
    return this.#counts;
  }

  /** How long an answer stays fresh; undefined where it is of no use any more. */
  #ttlOf({ at, jitter, lifetimeMs }: KeptResponse, { freshMs, staleMs }: RoutePolicy['cache']): number | undefined {
    const held = this.caches.terms.clock.now() - at;
    if (held >= lifetimeMs) return undefined;
    const ttlMs = Math.min(freshMs * jitter, lifetimeMs) - held;
    return ttlMs > 0 || -ttlMs < staleMs ? ttlMs : undefined;
  }

  #whyNot({ prepared, composed, ran, provenance }: Made): WhyNot | undefined {
    if (!composed.complete) return 'incomplete';
    if (provenance.unstorable !== undefined) return provenance.unstorable;
    if (provenance.stale) return 'stale';
    if (provenance.lifetimeMs <= 0) return 'lifetime';
    return ran.knewCaller && prepared.dependsOn !== 'user' ? 'identity' : undefined; // the key says less than it was told
  }

  #count(route: string, state: keyof RouteCounts): void {
    let counts = this.#counts.get(route);
    if (!counts) this.#counts.set(route, (counts = { hit: 0, stale: 0, miss: 0 }));
    counts[state]++;
  }
}

/** All that an answer can be purged by; undefined where that is too much. */
function labelsOfAll(calls: readonly Call[], keys: readonly string[], line: string): ReadonlySet<string> | undefined {
  const labels = new Set([readerLabel(line), ...keys.map((key) => labelOf({ key }))]);
  for (const call of calls) {
    const own = labelsOf(call);
    if (!own) return undefined;
    for (const label of own) labels.add(label);
    const { batch } = call.endpoint;
    if (batch) labels.add(labelOf({ operation: batch.endpoint.id }));
    if (labels.size > MOST_LABELS) return undefined;
  }
  return labels;
}
