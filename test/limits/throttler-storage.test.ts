import { describe, expect, it } from '@jest/globals';
import type { ThrottlerStorage } from '@nestjs/throttler';
import { localLimiter } from '../../src/limits/limiter.js';
import { type Hit, type HitStorage, LimiterStorage, limiterOver } from '../../src/limits/throttler-storage.js';
import { handClock } from '../hand-clock.js';

const rate = { perSecond: 4, burst: 8 };

/** A storage that counts and never lets go, as somebody else may write one. */
const counting = (limit: number): ThrottlerStorage & { readonly asked: unknown[] } => {
  const asked: unknown[] = [];
  return {
    asked,
    async increment(...terms): Promise<Hit> {
      asked.push(terms);
      const isBlocked = asked.length > limit;
      return { totalHits: asked.length, timeToExpire: 2, isBlocked, timeToBlockExpire: isBlocked ? 2 : 0 };
    },
  };
};

describe('the limiter as a storage of the throttler', () => {
  it('counts hits up to the limit, then says when the next one is admitted', async () => {
    const storage: ThrottlerStorage = new LimiterStorage(localLimiter(handClock()));
    const hits: Hit[] = [];
    for (let i = 0; i < 4; i++) hits.push(await storage.increment('k', 9000, 3, 60_000, 'default'));
    expect(hits).toEqual([
      { totalHits: 1, timeToExpire: 3, isBlocked: false, timeToBlockExpire: 0 },
      { totalHits: 2, timeToExpire: 6, isBlocked: false, timeToBlockExpire: 0 },
      { totalHits: 3, timeToExpire: 9, isBlocked: false, timeToBlockExpire: 0 },
      { totalHits: 4, timeToExpire: 9, isBlocked: true, timeToBlockExpire: 3 },
    ]);
  });

  it('admits nothing where the limit is 0', async () => {
    const hit = await new LimiterStorage(localLimiter(handClock())).increment('k', 1000, 0);
    expect(hit.isBlocked).toBe(true);
  });
});

describe('the limiter over a storage', () => {
  it('is the storage’s own where it is ours: nothing is waited for', () => {
    const clock = handClock();
    const own = localLimiter(clock);
    expect(limiterOver(new LimiterStorage(own), localLimiter(clock), clock)).toBe(own);
  });

  it('asks somebody else’s for the burst over the time in which it is earned, and understands what it says', async () => {
    const clock = handClock();
    const storage = counting(1);
    const limiter = limiterOver(storage, localLimiter(clock), clock);
    expect(await limiter.admit('k', rate)).toEqual({ admitted: true, remaining: 7, retryAfterMs: 0, resetMs: 2000 });
    expect(await limiter.admit('k', rate)).toEqual({ admitted: false, remaining: 6, retryAfterMs: 2000, resetMs: 2000 });
    expect(storage.asked[0]).toEqual(['k', 2000, 8, 2000, 'route']);
    await clock.downTo(0);
  });

  const broken: Readonly<Record<string, HitStorage['increment']>> = {
    rejects: () => Promise.reject(new Error('down')),
    'never answers': () => new Promise(() => undefined),
  };
  it.each(Object.entries(broken))('decides by itself within 50 ms where a storage %s', async (_, increment) => {
    const clock = handClock();
    const limiter = limiterOver({ increment }, localLimiter(clock), clock);
    const decided = Promise.all(Array.from({ length: 10 }, async () => limiter.admit('k', rate)));
    clock.advance(50);
    expect((await decided).filter(({ admitted }) => admitted)).toHaveLength(8);
    await clock.downTo(0);
  });
});
