import { createHash } from 'node:crypto';
import type { Redis, Reply } from './redis.js';
import type { Script } from './script.js';
import { seal, unseal } from './seal.js';
import { deleteEntry, freeEntries, purgeAll, purgeTags, readEntry, storeEntry } from './tier-scripts.js';

/** What a tier is made of. */
export interface TierTerms {
  readonly redis: Redis;
  /** What every key begins with: `il:1:`. The same in all instances, another for another format. */
  readonly prefix: string;
  /** What values are sealed with: see `sealSecret`. */
  readonly secret: Buffer;
  /** Counts what reads came to. `undecodable`: there was something, but nothing that this gateway sealed for that key. */
  readonly read?: (outcome: 'hit' | 'miss' | 'undecodable') => void;
}

/** What a read gave. */
export interface TierRead {
  readonly bytes: Buffer | undefined;
  /**
   * When it was read, on Redis' own scale: hand it to `set` with what is fetched after this read. A purge in between then
   * wins. Undefined where Redis can't say: what is fetched can't be stored.
   */
  readonly stamp: string | undefined;
}

const MISS: TierRead = { bytes: undefined, stamp: undefined };
/** How long Redis remembers that something was purged: longer than any fetch that began before takes to come back. */
const REMEMBER_MS = 600_000;
const MOST_BYTES = 1_048_576;
const MOST_BYTES_UNDER_WAY = 16 * MOST_BYTES;
const MOST_TAGS = 1_000;
const MOST_OWED = 10_000;
const FREE_AT_ONCE = 1_000;
const SETTLE_AGAIN_MS = 1_000;

/**
 * The second tier of the cache: opaque bytes in Redis, by key, with tags. A read is one round trip and never throws: a miss
 * is what it gives for everything but an entry that this gateway sealed for that very key and whose tags nobody purged.
 *
 * A purge that Redis did not confirm is owed: until it is made up for (as soon as Redis is back), this instance reads
 * nothing, so that what was purged does not come back. Other instances may read it until then.
 */
export class Tier {
  readonly #terms: TierTerms;
  readonly #clock: string;
  readonly #tags: string;
  readonly #owedTags = new Set<string>();
  readonly #owedKeys = new Set<string>();
  readonly #forget: () => void;
  #owesAll = false;
  #settling = false;
  #settleAt = Number.NEGATIVE_INFINITY;
  #bytesUnderWay = 0;

  constructor(terms: TierTerms) {
    this.#terms = terms;
    this.#clock = `${terms.prefix}clock`;
    this.#tags = `${terms.prefix}tag:`;
    this.#forget = terms.redis.onChange((up) => {
      if (up) this.#settleAt = Number.NEGATIVE_INFINITY;
      if (up && this.owes) void this.#settle();
    });
  }

  /** Where an entry stands in Redis. */
  at(key: string): string {
    return `${this.#terms.prefix}entry:${key}`;
  }

  /** Whether purges wait to be made up for. Nothing is read meanwhile. */
  get owes(): boolean {
    return this.#settling || this.#owesAll || this.#owedTags.size > 0 || this.#owedKeys.size > 0;
  }

  /** Reads an entry. */
  async get(key: string): Promise<TierRead> {
    const read = await this.#read(key);
    const outcome = read.bytes ? 'hit' : read.undecodable ? 'undecodable' : 'miss';
    this.#terms.read?.(outcome);
    return read;
  }

  /** Stores an entry for `ttlMs`. @returns whether it is stored; not where a purge came between, nor above 1 MiB. */
  async set(key: string, bytes: Buffer, ttlMs: number, tags: readonly string[], stamp: string | undefined): Promise<boolean> {
    const ms = Math.floor(ttlMs);
    const names = hashed(tags);
    if (stamp === undefined || ms < 1 || names.length > MOST_TAGS || bytes.length > MOST_BYTES) return false;
    if (this.#bytesUnderWay + bytes.length > MOST_BYTES_UNDER_WAY) return false;
    this.#bytesUnderWay += bytes.length;
    const at = this.at(key);
    const sealed = seal(this.#terms.secret, at, bytes);
    const reply = await this.#run('tier.set', storeEntry, [at, this.#clock], [this.#tags, stamp, String(ms), sealed, ...names]);
    this.#bytesUnderWay -= bytes.length;
    return reply.ok && reply.value[0] === 1;
  }

  /** Deletes an entry, also one that is on its way. @returns whether there was one; undefined where Redis can't say. */
  async del(key: string): Promise<boolean | undefined> {
    const reply = await this.#run('tier.del', deleteEntry, [this.at(key), this.#clock], [String(REMEMBER_MS)]);
    if (reply.ok) return reply.value[0] === 1;
    this.#owe(this.#owedKeys, [key]);
    return undefined;
  }

  /** Purges every entry that has one of the tags. @returns how many there were; undefined where Redis can't say. */
  async purgeTags(tags: readonly string[]): Promise<number | undefined> {
    const names = hashed(tags);
    const count = await this.#purge(names);
    if (count === undefined) this.#owe(this.#owedTags, names);
    return count;
  }

  /** Purges everything, at once and uncounted. @returns whether Redis confirmed it. */
  async purgeAll(): Promise<boolean> {
    const { ok } = await this.#run('tier.purge', purgeAll, [this.#clock], []);
    if (!ok) this.#owesAll = true;
    return ok;
  }

  /** Lets go of Redis. */
  close(): void {
    this.#forget();
  }

  async #read(key: string): Promise<TierRead & { readonly undecodable?: boolean }> {
    if (this.owes) {
      void this.#settle();
      return MISS;
    }
    const at = this.at(key);
    const reply = await this.#run('tier.get', readEntry, [at, this.#clock], [this.#tags]);
    if (!reply.ok || this.owes) return MISS;
    const [state, stamp, sealed] = reply.value;
    const bytes = state === 1 && Buffer.isBuffer(sealed) ? unseal(this.#terms.secret, at, sealed) : undefined;
    return { bytes, stamp: String(stamp), undecodable: !bytes && state !== 0 };
  }

  /** Ends the generation of each tag, then frees what belonged to it, a bounded number of entries at a time. */
  async #purge(names: readonly string[]): Promise<number | undefined> {
    const purged = await this.#run('tier.purge', purgeTags, [this.#clock], [this.#tags, String(REMEMBER_MS), ...names]);
    if (!purged.ok) return undefined;
    let count = 0;
    for (const [i, name] of names.entries()) {
      const generation = String(purged.value[i]);
      if (generation !== '') count += await this.#free(name, generation);
    }
    return count;
  }

  async #free(name: string, generation: string): Promise<number> {
    const index = `${this.#tags}${name}:${generation}`;
    let count = 0;
    for (;;) {
      const reply = await this.#run('tier.free', freeEntries, [index], [`${name}${generation}`, String(FREE_AT_ONCE)]);
      if (!reply.ok) return count; // invalid all the same, and freed by its end
      const [freed, left] = reply.value;
      count += Number(freed);
      if (left === 0) return count;
    }
  }

  #owe(owed: Set<string>, names: readonly string[]): void {
    for (const name of names) owed.add(name);
    if (this.#owedTags.size + this.#owedKeys.size <= MOST_OWED) return;
    this.#owesAll = true;
    this.#owedTags.clear();
    this.#owedKeys.clear();
  }

  /** Makes up for what is owed, one attempt at a time, and every second at most where Redis answers with errors (it is full, or read-only). */
  async #settle(): Promise<void> {
    const { redis } = this.#terms;
    const now = redis.terms.clock.now();
    if (this.#settling || !redis.up() || now < this.#settleAt) return;
    this.#settling = true;
    this.#settleAt = now + SETTLE_AGAIN_MS;
    await this.#payBack();
    this.#settling = false;
  }

  async #payBack(): Promise<void> {
    if (this.#owesAll) {
      this.#owesAll = false;
      if (!(await this.purgeAll())) return;
    }
    for (const key of this.#owedKeys) {
      this.#owedKeys.delete(key);
      if ((await this.del(key)) === undefined) return;
    }
    while (this.#owedTags.size > 0) {
      const names = [...this.#owedTags].slice(0, FREE_AT_ONCE);
      for (const name of names) this.#owedTags.delete(name);
      if ((await this.#purge(names)) !== undefined) continue;
      this.#owe(this.#owedTags, names);
      return;
    }
  }

  #run(name: string, script: Script, keys: readonly string[], args: readonly (string | Buffer)[]): Promise<Reply<readonly unknown[]>> {
    return this.#terms.redis.run(name, (client) => script.run(client, keys, args));
  }
}

/** Tags as names of one length, each once: 132 bits of SHA-256. */
const hashed = (tags: readonly string[]): readonly string[] => [
  ...new Set(tags.map((tag) => createHash('sha256').update(tag).digest('base64url').slice(0, 22))),
];
