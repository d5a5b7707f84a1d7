import type { Clock } from '../clock.js';
import type { Admission, Rate } from './gcra.js';
import type { Limiter } from './limiter.js';

/** What a storage of `@nestjs/throttler` says of one hit. The times are in whole seconds. */
export interface Hit {
  readonly totalHits: number;
  readonly timeToExpire: number;
  readonly isBlocked: boolean;
  readonly timeToBlockExpire: number;
}

/** The storage of `@nestjs/throttler` (its `ThrottlerStorage`), spelled out so that limits stand without Nest. `ttl` is in milliseconds. */
export interface HitStorage {
  increment(key: string, ttl: number, limit: number, blockDuration: number, throttlerName: string): Promise<Hit>;
}

/** How long a storage of somebody else's may take to answer, in milliseconds. */
const ANSWERS_WITHIN_MS = 50;

/**
 * A limiter as a storage of the throttler: `limit` hits at once, and as many again over each `ttl`. Nobody is blocked for
 * longer than until the next hit would be admitted, whatever the block duration: a window has an edge, a bucket has none.
 */
export class LimiterStorage implements HitStorage {
  constructor(readonly limiter: Limiter) {}

  async increment(key: string, ttl: number, limit: number): Promise<Hit> {
    const { admitted, remaining, retryAfterMs, resetMs } = await this.limiter.admit(key, { perSecond: (limit / ttl) * 1000, burst: limit });
    return {
      totalHits: admitted ? limit - remaining : limit + 1,
      timeToExpire: Math.ceil(resetMs / 1000),
      isBlocked: !admitted,
      timeToBlockExpire: Math.ceil(retryAfterMs / 1000),
    };
  }
}

/**
 * The limiter that a storage stands for. Ours is asked directly; one of somebody else's through the throttler's own
 * interface, and where that fails or takes longer than 50 ms, `local` decides.
 */
export function limiterOver(storage: HitStorage, local: Limiter, clock: Clock): Limiter {
  if (storage instanceof LimiterStorage) return storage.limiter;
  return {
    admit(key, rate) {
      const ttl = Math.ceil((rate.burst / rate.perSecond) * 1000);
      return new Promise((resolve) => {
        const decideHere = (): void => resolve(local.admit(key, rate));
        const timer = clock.after(ANSWERS_WITHIN_MS, decideHere);
        storage
          .increment(key, ttl, rate.burst, ttl, 'route')
          .then((hit) => resolve(admissionOf(hit, rate)), decideHere)
          .finally(() => timer.cancel());
      });
    },
  };
}

const admissionOf = ({ totalHits, timeToExpire, isBlocked, timeToBlockExpire }: Hit, { burst }: Rate): Admission => ({
  admitted: !isBlocked,
  remaining: Math.max(0, burst - totalHits),
  retryAfterMs: isBlocked ? timeToBlockExpire * 1000 : 0,
  resetMs: timeToExpire * 1000,
});
