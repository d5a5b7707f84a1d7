import { NONE, Overrides, type OverridesStore } from '../policy/overrides.js';
import type { Bus } from './bus.js';
import type { SharedDocument } from './document.js';

const TOPIC = 'overrides';

/**
 * Overrides that all replicas share: the document in Redis decides, the bus tells of a new revision, and a copy in this
 * process's own file outlives Redis. While Redis is away a change is kept in the file alone; the later revision wins when
 * it is back.
 */
export function sharedOverrides(document: SharedDocument, bus: Bus, file: OverridesStore): OverridesStore {
  const parsed = (text: string): Overrides => {
    const known = Overrides.safeParse(JSON.parse(text));
    return known.success ? known.data : NONE;
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
      const written = await document.write(reply.value?.revision ?? 0, JSON.stringify(own));
      if (written.ok && written.value.written) await bus.publish(TOPIC, { revision: own.revision }); // others may have looked before
      return own;
    },
    async save(next) {
      const found = await document.read();
      if (found.ok) {
        if (found.value && parsed(found.value.text).revision >= next.revision) return false;
        const reply = await document.write(found.value?.revision ?? 0, JSON.stringify(next));
        if (reply.ok && !reply.value.written) return false;
      }
      const saved = await file.save(next);
      await bus.publish(TOPIC, { revision: next.revision });
      return saved;
    },
    onChange(listener) {
      bus.on(TOPIC, { message: listener, mayHaveMissed: listener });
    },
  };
}
