import type { Timer } from '../clock.js';
import type { Redis } from './redis.js';
import { Script } from './script.js';

const BEAT_MS = 1_000;
const GONE_AFTER_MS = 3_000;

/** KEYS set. ARGV instance, milliseconds. Gives `[how many instances there are]`. */
const beat = new Script(`
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local added = redis.pcall('ZADD', KEYS[1], now, ARGV[1])
if type(added) == 'table' then
  if not string.find(added.err, 'WRONGTYPE') then return added end -- full, read-only: the beats of the others stay
  redis.call('DEL', KEYS[1])
  redis.call('ZADD', KEYS[1], now, ARGV[1])
end
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return {redis.call('ZCARD', KEYS[1])}
`);

/**
 * How many instances share this Redis: each says every second that it is there, and as soon as Redis is, and is gone after
 * three seconds without. Fewer of them are believed after three seconds: a Redis that comes back empty hears of one first.
 */
export class Instances {
  readonly #redis: Redis;
  readonly #key: string;
  readonly #instance: string;
  readonly #forget: () => void;
  #count = 1;
  #fewerSince: number | undefined;
  #timer: Timer | undefined;
  #closed = false;

  /** `key`: the same in all instances, `il:1:instances`. */
  constructor(redis: Redis, key: string, instance: string) {
    this.#redis = redis;
    this.#key = key;
    this.#instance = instance;
    this.#forget = redis.onChange((up) => {
      if (up) void this.#beat();
    });
    void this.#beat();
  }

  /** How many there are, this one included. While Redis can't say: as many as there were. */
  count(): number {
    return this.#count;
  }

  /** Leaves. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#forget();
    this.#timer?.cancel();
    await this.#redis.run('instances.leave', (client) => client.zRem(this.#key, this.#instance));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #beat(): Promise<void> {
    this.#timer?.cancel();
    this.#timer = this.#redis.terms.clock.after(BEAT_MS, () => void this.#beat());
    const reply = await this.#redis.run('instances.beat', (client) =>
      beat.run(client, [this.#key], [this.#instance, String(GONE_AFTER_MS)]),
    );
    if (this.#closed) return;
    if (reply.ok) this.#counted(Number(reply.value[0]), this.#redis.terms.clock.now());
    else this.#fewerSince = undefined;
  }

  #counted(count: number, now: number): void {
    if (count >= this.#count) this.#fewerSince = undefined;
    else {
      this.#fewerSince ??= now;
      if (now - this.#fewerSince < GONE_AFTER_MS) return;
      this.#fewerSince = undefined;
    }
    this.#count = count;
  }
}
