import type { Bus } from '../redis/bus.js';
import type { SharedDocument } from '../redis/document.js';
import type { Redis } from '../redis/redis.js';
import { type ConsumerKeys, NO_KEYS } from './consumer-keys.js';
import { type KeyStore, parseKeys, writeKeys } from './key-store.js';

const TOPIC = 'consumer-keys';

/**
 * Consumers' keys that all replicas share: the document in Redis decides, the bus tells of a new revision, and a copy in
 * this process's own file outlives Redis. While Redis is away a change is kept in the file alone; the later revision wins
 * when it is back, and whoever brings it there tells the others.
 */
export function sharedKeys(redis: Redis, document: SharedDocument, bus: Bus, file: KeyStore): KeyStore {
  const tell = ({ revision }: ConsumerKeys): Promise<boolean> => bus.publish(TOPIC, { revision });
  return {
    async load() {
      const own = await file.load();
      const reply = await document.read();
      if (!reply.ok) return own;
      const theirs = (reply.value && parseKeys(reply.value.text)) ?? NO_KEYS;
      if (theirs.revision >= own.revision) {
        if (theirs.revision > own.revision) await file.save(theirs);
        return theirs;
      }
      const written = await document.write(reply.value?.revision ?? 0, writeKeys(own));
      if (written.ok && written.value.written) await tell(own);
      return own;
    },
    async save(next) {
      let shared = false;
      const found = await document.read();
      if (found.ok) {
        const stored = (found.value && parseKeys(found.value.text)) ?? NO_KEYS;
        if (stored.revision >= next.revision) return 'conflict';
        const reply = await document.write(found.value?.revision ?? 0, writeKeys(next));
        if (reply.ok && !reply.value.written) return 'conflict';
        shared = reply.ok;
      }
      // What is in Redis is in force, even where this process can keep no copy of it.
      const kept = await file.save(next).catch((error: unknown) => {
        if (!shared) throw error;
        return 'conflict' as const;
      });
      const told = await tell(next);
      if (shared) return told ? 'everywhere' : 'here';
      return kept === 'conflict' ? 'conflict' : 'here';
    },
    onChange(listener) {
      const forget = bus.on(TOPIC, { message: listener, mayHaveMissed: listener });
      const forgetUp = redis.onChange((up) => up && listener()); // it may not have answered when it was read last
      const watching = file.onChange(listener); // what was written here while Redis was away
      return {
        [Symbol.dispose]() {
          forget();
          forgetUp();
          watching[Symbol.dispose]();
        },
      };
    },
  };
}
