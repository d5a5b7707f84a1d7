import { Keyv } from 'keyv';
import type { Clock } from '../clock.js';
import type { Store } from './store.js';

/** A text that is kept, and until when, on the steady clock. */
interface Text {
  readonly text: string;
  readonly until: number;
}

/** The partition that `CACHE_MANAGER` has. */
const PARTITION = 'cache-manager';

/**
 * A keyv 5 over a partition of the bounded store, for Nest's `CACHE_MANAGER`: what is put there takes its part of the same
 * room as products' answers, and no more. keyv swallows what a store throws unless somebody listens: `trouble` does.
 */
export function keyvStore(store: Store, clock: Clock, trouble: (error: unknown) => void): Keyv {
  const texts = store.partition<Text>(PARTITION);
  const get = (key: string): string | undefined => {
    const found = texts.get(key);
    if (found && found.until <= clock.now()) texts.delete(key);
    else return found?.text;
  };
  const adapter = {
    opts: {},
    get: (key: string) => Promise.resolve(get(key)),
    has: (key: string) => Promise.resolve(get(key) !== undefined),
    set: (key: string, text: string, ttl: number | undefined) =>
      Promise.resolve(texts.set(key, { text, until: ttl === undefined ? Infinity : clock.now() + ttl }, 2 * text.length)),
    delete: (key: string) => Promise.resolve(texts.delete(key)),
    clear: () => Promise.resolve(texts.clear()),
  };
  const keyv = new Keyv({ store: adapter });
  keyv.on('error', trouble);
  return keyv;
}
