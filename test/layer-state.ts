import { Store } from '../src/cache/store.js';
import type { Clock } from '../src/clock.js';
import { LayerState, type StateTerms } from '../src/upstream/state.js';

/** What the layers keep, fresh for a test; chance always says a half. */
export const layerState = (clock: Clock, more: Partial<StateTerms> = {}): LayerState =>
  new LayerState({
    clock,
    random: () => 0.5,
    store: new Store({ maxBytes: 16 * 1024 ** 2, maxEntries: 10_000 }),
    cacheObserver: {
      bug: (error) => {
        throw error;
      },
      undecodable: () => undefined,
    },
    breakerChanged: () => undefined,
    ...more,
  });
