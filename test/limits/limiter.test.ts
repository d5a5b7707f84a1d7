import { describe, expect, it } from '@jest/globals';
import type { Admission, Rate } from '../../src/limits/gcra.js';
import { type Limiter, localLimiter, sharedLimiter } from '../../src/limits/limiter.js';
import { handClock } from '../hand-clock.js';

/** How many of so many requests are admitted. */
async function admitted(limiter: Limiter, requests: number, rate: Rate): Promise<number> {
  let count = 0;
  for (let i = 0; i < requests; i++) if ((await limiter.admit('k', rate)).admitted) count++;
  return count;
}

const rate = { perSecond: 8, burst: 12 };

describe('limits in memory', () => {
  it('follow the gateway’s clock', async () => {
    const clock = handClock();
    const limiter = localLimiter(clock);
    expect(await admitted(limiter, 20, rate)).toBe(12);
    clock.advance(500);
    expect(await admitted(limiter, 20, rate)).toBe(4);
  });

  it('answer at once: there is nothing to wait for', () => {
    expect(localLimiter(handClock()).admit('k', rate)).not.toBeInstanceOf(Promise);
  });
});

describe('limits that instances share', () => {
  const yes: Admission = { admitted: true, remaining: 3, retryAfterMs: 0, resetMs: 1000 };

  it('are asked with the whole rate, and what they say holds', async () => {
    const asked: unknown[] = [];
    const shared = { admit: async (...terms: unknown[]) => (asked.push(terms), yes) };
    const limiter = sharedLimiter(shared, localLimiter(handClock()), () => 4);
    expect(await limiter.admit('k', rate)).toBe(yes);
    expect(await admitted(limiter, 30, rate)).toBe(30);
    expect(asked[0]).toEqual(['k', 8, 12]);
  });

  it.each([
    [1, 12, 8],
    [2, 6, 4],
    [4, 3, 2],
    [5, 2, 1],
    [100, 1, 0],
  ])(
    'fall back on each instance’s own share: of %i instances this one admits %i at once, %i more within a second',
    async (instances, burst, more) => {
      const clock = handClock();
      const limiter = sharedLimiter({ admit: async () => undefined }, localLimiter(clock), () => instances);
      expect(await admitted(limiter, 30, rate)).toBe(burst);
      let later = 0;
      for (let ms = 0; ms < 1000; ms += 50) {
        clock.advance(50);
        later += await admitted(limiter, 1, rate);
      }
      expect(later).toBe(more);
    },
  );

  it('count together again as soon as they can be asked', async () => {
    let reachable = false;
    const limiter = sharedLimiter({ admit: async () => (reachable ? yes : undefined) }, localLimiter(handClock()), () => 12);
    expect(await admitted(limiter, 2, rate)).toBe(1);
    reachable = true;
    expect(await admitted(limiter, 2, rate)).toBe(2);
  });
});
