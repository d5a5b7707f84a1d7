import type { Timer } from '../clock.js';
import { NONE, Overrides, type OverridesStore } from '../policy/overrides.js';
import type { Bus } from './bus.js';
import type { SharedDocument } from './document.js';
import type { Redis } from './redis.js';

const TOPIC = 'overrides';

/** How soon a look is due again where Redis is there and takes no write: it is read-only, for instance. */
const LOOK_AGAIN_MS = 1_000;

/** What overrides are shared through. */
export interface SharedOverridesTerms {
  readonly redis: Redis;
  readonly document: SharedDocument;
  readonly bus: Bus;
  /** This process's own copy. */
  readonly file: OverridesStore;
}

/**
 * Overrides that all replicas share: the document in Redis decides, the bus tells of a new revision, and a copy in this
 * process's own file outlives Redis. While Redis is away, or takes no write, a change is kept in the file alone; the later
 * revision wins when it is back, and whoever has it looks by itself: at once, or every second until it is written.
 */
export function sharedOverrides({ redis, document, bus, file }: SharedOverridesTerms): OverridesStore {
  const listeners = new Set<() => void>();
  let again: Timer | undefined;
  const look = (): void => {
    for (const listener of listeners) listener();
  };
  const parsed = (text: string): Overrides => {
    const known = Overrides.safeParse(JSON.parse(text));
    return known.success ? known.data : NONE;
  };
  /** Undefined where it can't be said; there is another look then. */
  const write = async (expected: number, next: Overrides): Promise<boolean | undefined> => {
    const reply = await document.write(expected, JSON.stringify(next));
    if (reply.ok) return reply.value.written;
    again?.cancel();
    if (redis.up()) again = redis.terms.clock.after(LOOK_AGAIN_MS, look);
    return undefined;
  };
  return {
    async load() {
      const own = await file.load();
      const reply = await document.read();
      if (!reply.ok) return own;
      const theirs = reply.value ? parsed(reply.value.text) : NONE;
      if (theirs.revision >= own.revision) {
        if (theirs.revision > own.revision) await file.save(theirs);
        return theirs;
      }
      const written = await write(reply.value?.revision ?? 0, own);
      if (written) await bus.publish(TOPIC, { revision: own.revision }); // others may have looked before
      return own;
    },
    async save(next) {
      const found = await document.read();
      if (found.ok) {
        if (found.value && parsed(found.value.text).revision >= next.revision) return false;
        if ((await write(found.value?.revision ?? 0, next)) === false) return false;
      }
      const saved = await file.save(next);
      await bus.publish(TOPIC, { revision: next.revision });
      return saved;
    },
    onChange(listener) {
      listeners.add(listener);
      bus.on(TOPIC, { message: listener, mayHaveMissed: listener });
      redis.onChange((up) => up && listener());
    },
  };
}
