import { describe, expect, it } from '@jest/globals';
import { rateLimitFields } from '../../src/limits/fields.js';

describe('the headers of a limit', () => {
  const rows = {
    'a burst that is earned in a second': [{ perSecond: 100, burst: 100 }, 'q=100;w=1'],
    'a burst that is earned sooner': [{ perSecond: 200, burst: 20 }, 'q=200;w=1'],
    'a burst that takes longer': [{ perSecond: 5, burst: 20 }, 'q=20;w=4'],
    'a burst that takes a broken number of seconds': [{ perSecond: 3, burst: 20 }, 'q=21;w=7'],
    'a rate per minute': [{ perSecond: 0.5, burst: 20 }, 'q=20;w=40'],
    'a rate per hour, which no binary fraction holds': [{ perSecond: 1 / 3600, burst: 7 }, 'q=7;w=25200'],
  } as const;
  it.each(Object.entries(rows))('say the rate as a quota per window in whole seconds: %s', (_, [rate, policy]) => {
    const fields = rateLimitFields('route', rate, { admitted: true, remaining: 1, retryAfterMs: 0, resetMs: 1 });
    expect(fields['ratelimit-policy']).toBe(`"route";${policy}`);
  });

  it('say what is left, and the seconds until all of it is there, rounded up', () => {
    const rate = { perSecond: 10, burst: 50 };
    const left = (remaining: number, resetMs: number): string | undefined =>
      rateLimitFields('route', rate, { admitted: true, remaining, retryAfterMs: 0, resetMs })['ratelimit'];
    expect([left(42, 2001), left(0, 5000), left(50, 0)]).toEqual(['"route";r=42;t=3', '"route";r=0;t=5', '"route";r=50;t=0']);
  });
});
