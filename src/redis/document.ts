import type { Redis, Reply } from './redis.js';
import { Script } from './script.js';
import { seal, unseal } from './seal.js';

/** A text under a revision. */
export interface Revised {
  /** Counts the writes, from 1. */
  readonly revision: number;
  readonly text: string;
}

/** What a write came to: a conflict names the revision that is there, 0 where there is none. */
export type Written = { readonly written: true } | { readonly written: false; readonly revision: number };

/**
 * KEYS document. ARGV expected revision, next revision, sealed text. Gives `[revision]`, the one that was there. Begins with
 * DEL, so that a full Redis takes it too (EVAL, "out of memory"): a product may have to be cut off just then.
 */
const write = new Script(`
local found = redis.pcall('HGET', KEYS[1], 'revision')
local revision = type(found) == 'string' and tonumber(found) or 0
if revision ~= tonumber(ARGV[1]) then return {string.format('%.0f', revision)} end
redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[1], 'revision', ARGV[2], 'text', ARGV[3])
return {ARGV[1]}
`);

/** KEYS document. Gives `[revision, sealed text]`, or nothing where there is none. */
const read = new Script(`
local found = redis.pcall('HMGET', KEYS[1], 'revision', 'text')
if found.err or not found[1] or not found[2] then return {} end
return found
`);

/**
 * One text in Redis that all instances share, written only by those who know what is there. It has no end; a flush or an
 * eviction forgets it, so whoever depends on it keeps a copy. What this gateway did not seal for it counts as nothing.
 */
export class SharedDocument {
  readonly #redis: Redis;
  readonly #key: string;
  readonly #secret: Buffer;

  /** `secret`: see `sealSecret`. */
  constructor(redis: Redis, key: string, secret: Buffer) {
    this.#redis = redis;
    this.#key = key;
    this.#secret = secret;
  }

  /** Reads it; the value is undefined where there is none. */
  async read(): Promise<Reply<Revised | undefined>> {
    const reply = await this.#redis.run('document.read', (client) => read.run(client, [this.#key], []));
    if (!reply.ok) return reply;
    const [found, sealed] = reply.value;
    const revision = Number(String(found));
    const bytes = Buffer.isBuffer(sealed) ? unseal(this.#secret, this.#name(revision), sealed) : undefined;
    return { ok: true, value: bytes && { revision, text: bytes.toString() } };
  }

  /**
   * Writes revision `expected + 1` where the revision is the expected one, 0 for none. After `slow` it may be written all
   * the same: read it.
   */
  async write(expected: number, text: string): Promise<Reply<Written>> {
    const next = expected + 1;
    const sealed = seal(this.#secret, this.#name(next), Buffer.from(text));
    const reply = await this.#redis.run('document.write', (client) =>
      write.run(client, [this.#key], [String(expected), String(next), sealed]),
    );
    if (!reply.ok) return reply;
    const revision = Number(String(reply.value[0]));
    return { ok: true, value: revision === expected ? { written: true } : { written: false, revision } };
  }

  #name(revision: number): string {
    return `${this.#key}@${revision}`;
  }
}
