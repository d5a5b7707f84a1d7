import { Redis, type RedisObserver, type RedisTerms } from '../../src/redis/redis.js';
import { type HandClock, handClock } from '../hand-clock.js';

/** What an observer was told, as a list of words and as counts. */
export interface Heard extends RedisObserver {
  readonly ups: boolean[];
  readonly commands: string[];
  readonly troubles: unknown[];
}

/** Keeps what it is told. */
export function hearing(): Heard {
  const ups: boolean[] = [];
  const commands: string[] = [];
  const troubles: unknown[] = [];
  return {
    ups,
    commands,
    troubles,
    changed: (up) => void ups.push(up),
    command: (name, outcome) => void commands.push(`${name} ${outcome}`),
    trouble: (error) => void troubles.push(error),
  };
}

/** A Redis under a clock that stands still: no command is ever slow unless a test lets time pass. */
export interface Rig extends AsyncDisposable {
  readonly redis: Redis;
  readonly clock: HandClock;
  readonly heard: Heard;
}

/** Makes one, connecting. */
export function connecting(url: string, terms: Partial<RedisTerms> = {}): Rig {
  const clock = handClock();
  const heard = hearing();
  const redis = new Redis({ url, clock, random: () => 0.5, observer: heard, ...terms });
  return { redis, clock, heard, [Symbol.asyncDispose]: () => redis.close() };
}

/** Makes one and waits until it is usable. */
export async function connected(url: string, terms: Partial<RedisTerms> = {}): Promise<Rig> {
  const rig = connecting(url, terms);
  await becomes(rig.redis, true);
  return rig;
}

/** Resolves as soon as it is usable, or is not. */
export function becomes(redis: Redis, up: boolean): Promise<void> {
  if (redis.up() === up) return Promise.resolve();
  return new Promise((resolve) => {
    const forget = redis.onChange((now) => {
      if (now !== up) return;
      forget();
      resolve();
    });
  });
}
