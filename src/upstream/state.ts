import type { Clock } from '../clock.js';
import { type CacheObserver, Caches } from '../cache/caches.js';
import type { Store } from '../cache/store.js';
import type { Publish, Tier } from '../cache/tier.js';
import { type BreakerObserver, Breakers } from './breaker.js';
import { Bulkheads } from './bulkhead.js';
import { Hedges } from './hedge.js';
import { Limits } from './limit.js';
import { RetryBudgets } from './retry.js';

/** What the state of the layers is made of. */
export interface StateTerms {
  readonly clock: Clock;
  /** From 0 to below 1. */
  readonly random: () => number;
  /** The memory, bounded, for all products together. */
  readonly store: Store;
  readonly cacheObserver: CacheObserver;
  readonly breakerChanged: BreakerObserver;
  /** Where entries are kept besides memory, and how purges reach other instances. */
  readonly tier?: Tier | undefined;
  readonly publish?: Publish | undefined;
}

/** What the layers keep: it lives as long as the process, policies come and go over it. All of it is bounded by contracts or by size. */
export class LayerState {
  readonly store: Store;
  readonly caches: Caches;
  readonly retries: RetryBudgets;
  readonly hedges = new Hedges();
  readonly breakers: Breakers;
  readonly limits: Limits;
  readonly bulkheads: Bulkheads;

  constructor(readonly terms: StateTerms) {
    const { clock, random, store, cacheObserver, tier, publish } = terms;
    this.store = store;
    this.caches = new Caches({ clock, random, store, observer: cacheObserver, ...(tier && { tier }), ...(publish && { publish }) });
    this.retries = new RetryBudgets(clock);
    this.breakers = new Breakers(clock, random, terms.breakerChanged);
    this.limits = new Limits(clock);
    this.bulkheads = new Bulkheads(clock);
  }
}
