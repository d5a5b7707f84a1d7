import { KEY, READER } from './labels.js';

/** What a tier gave for a key. */
export interface TierRead {
  readonly bytes: Buffer | undefined;
  /** When it was read, on the tier's own scale: handed to `set` with what is fetched after this read, so that a purge in between wins. */
  readonly stamp: string | undefined;
}

/**
 * Where entries are kept besides memory, for all instances and across restarts. It never rejects; where it is slow or gone
 * it has nothing and stores nothing.
 */
export interface Tier {
  get(key: string): Promise<TierRead>;
  /** @returns whether it is stored: not where a purge came between, nor without a stamp */
  set(key: string, bytes: Buffer, ttlMs: number, tags: readonly string[], stamp: string | undefined): Promise<boolean>;
  /** @returns whether there was one; undefined where it can't say */
  del(key: string): Promise<boolean | undefined>;
  /** Removes what has one of the tags. @returns how many entries that were; undefined where it can't say */
  purgeTags(tags: readonly string[]): Promise<number | undefined>;
}

/** Nothing was found, and what is fetched can't be stored. */
export const nothing: TierRead = { bytes: undefined, stamp: undefined };

/** Tells the other instances what was purged here: each hands it to its `Caches.receive`. It never rejects. */
export type Publish = (labels: readonly string[]) => Promise<unknown>;

/** How many entries are deleted at once. */
const AT_ONCE = 100;

/**
 * Purges a tier by labels; `here` are the keys that went from memory.
 * @returns how many entries went, as far as the tier can say
 */
export async function purgeTier(tier: Tier, labels: readonly string[], here: readonly string[]): Promise<number> {
  const tags = labels.filter((label) => !label.startsWith(KEY));
  const named = labels.filter((label) => label.startsWith(KEY)).map((label) => label.slice(KEY.length));
  // Who was served from memory is known in memory alone: the tier's entries bear the label of their first reader.
  const keys = [...new Set(labels.some((label) => label.startsWith(READER)) ? [...named, ...here] : named)];
  let count = (tags.length > 0 ? await tier.purgeTags(tags) : 0) ?? 0;
  for (let i = 0; i < keys.length; i += AT_ONCE) {
    const deleted = await Promise.all(keys.slice(i, i + AT_ONCE).map((key) => tier.del(key)));
    count += deleted.filter((had) => had === true).length;
  }
  return count;
}
