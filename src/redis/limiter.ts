import type { Redis } from './redis.js';
import { Script } from './script.js';

/** What a limit says to one request. */
export interface Admission {
  readonly admitted: boolean;
  /** How many more would be admitted at once. */
  readonly remaining: number;
  /** When one more would be admitted; 0 where one would be now. */
  readonly retryAfterMs: number;
  /** When the whole burst is there again. */
  readonly resetMs: number;
}

/**
 * The generic cell rate algorithm: the key holds the time, in Redis' own microseconds, at which all that was admitted is
 * paid for. One that lies further ahead than the burst allows (a limit that was lowered, a clock set back, garbage) counts
 * as a burst used up. KEYS the key. ARGV microseconds per request, burst. Gives `[admitted, remaining, retry, reset]`, in microseconds.
 */
const gcra = new Script(`
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local each, burst = tonumber(ARGV[1]), tonumber(ARGV[2])
local most = each * burst
local found = redis.pcall('GET', KEYS[1])
local paid = type(found) == 'string' and tonumber(found) or now
if not (paid > now) then paid = now end
if paid > now + most then paid = now + most end
local ahead = paid - now + each
local admitted = ahead <= most
if admitted then redis.call('SET', KEYS[1], string.format('%.0f', now + ahead), 'PX', string.format('%.0f', math.ceil(ahead / 1000)))
else ahead = paid - now end
local retry = math.max(0, ahead + each - most)
return {admitted and 1 or 0, math.floor((most - ahead) / each), string.format('%.0f', retry), string.format('%.0f', ahead)}
`);

/** Limits that all instances keep together, each decided in one round trip, on Redis' clock. */
export class Limiter {
  readonly #redis: Redis;
  readonly #prefix: string;
  readonly #undecided: () => void;

  /** `prefix`: what every key begins with, `il:1:limit:`. `undecided` is told of each request that Redis can't say anything of. */
  constructor(redis: Redis, prefix: string, undecided: () => void = () => undefined) {
    this.#redis = redis;
    this.#prefix = prefix;
    this.#undecided = undecided;
  }

  /**
   * Asks for one request of `key`, under a rate and a burst (at least 1) that may change from call to call. Undefined where
   * Redis can't say: the caller then keeps a limit of its own, its share among the instances.
   */
  async admit(key: string, perSecond: number, burst: number): Promise<Admission | undefined> {
    const each = String(1_000_000 / perSecond);
    const reply = await this.#redis.run('limiter.admit', (client) => gcra.run(client, [this.#prefix + key], [each, String(burst)]));
    if (!reply.ok) {
      this.#undecided();
      return undefined;
    }
    const [admitted, remaining, retry, reset] = reply.value;
    return {
      admitted: admitted === 1,
      remaining: Number(remaining),
      retryAfterMs: Math.ceil(Number(String(retry)) / 1_000),
      resetMs: Math.ceil(Number(String(reset)) / 1_000),
    };
  }
}
