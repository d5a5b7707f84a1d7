import type { CacheCounts } from '../cache/caches.js';
import type { LimitPolicy } from '../policy/snapshot.js';
import type { BreakerState } from '../upstream/breaker.js';
import type { BulkheadState } from '../upstream/bulkhead.js';
import type { LimitState } from '../upstream/limit.js';

/** What is kept of a product, and how reads of it were answered. */
export type CacheState = Readonly<Record<'entries' | 'bytes', number> & Pick<CacheCounts, 'hit' | 'stale' | 'revalidated' | 'miss'>>;

/** What the layers say of themselves. */
export abstract class States {
  abstract breakers(): readonly BreakerState[];
  abstract bulkheads(): readonly BulkheadState[];
  abstract limit(product: string, rate: LimitPolicy): LimitState;
  /** By product; of those alone of which something was read. */
  abstract caches(): Readonly<Record<string, CacheState>>;
}

/** What the layers keep of one product; null where it was never called. */
export interface ProductState {
  /** Of each operation that was called. */
  readonly breakers: BreakerState[];
  readonly bulkhead: Omit<BulkheadState, 'product'> | null;
  readonly limit: LimitState;
  /** `saved`: how many of the answers the product was not asked for. */
  readonly cache: Readonly<Record<'entries' | 'bytes' | 'saved' | 'answers', number>> | null;
}

/** Reads every layer once, and says what it has of each product. */
export function productStates(states: States): (product: string, rate: LimitPolicy) => ProductState {
  const [breakers, bulkheads, caches] = [states.breakers(), states.bulkheads(), states.caches()];
  return (product, rate) => {
    const bulkhead = bulkheads.find((one) => one.product === product);
    const cache = Object.hasOwn(caches, product) ? caches[product] : undefined;
    return {
      breakers: breakers.filter(({ operation }) => operation.startsWith(`${product}.v`)),
      bulkhead: bulkhead ? { inFlight: bulkhead.inFlight, waiting: bulkhead.waiting } : null,
      limit: states.limit(product, rate),
      cache: cache ? { entries: cache.entries, bytes: cache.bytes, ...answersOf(cache) } : null,
    };
  };
}

const answersOf = ({ hit, stale, revalidated, miss }: CacheState): Record<'saved' | 'answers', number> => ({
  saved: hit + stale,
  answers: hit + stale + revalidated + miss,
});
