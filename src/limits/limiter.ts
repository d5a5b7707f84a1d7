import type { Clock } from '../clock.js';
import { type Admission, Gcra, type Rate } from './gcra.js';

/** Decides whether one more request of a key is admitted under a rate, which is finite and may be another one each time. */
export interface Limiter {
  admit(key: string, rate: Rate): Admission | Promise<Admission>;
}

/** Limits that all instances keep together. It gives undefined where it can't be asked, soon enough to be waited for. */
export interface SharedLimiter {
  admit(key: string, perSecond: number, burst: number): Promise<Admission | undefined>;
}

/** How many callers of routes are remembered at a time. */
const MOST = 100_000;

/** Limits of this process alone: no promise, nothing to wait for. */
export function localLimiter(clock: Clock): Limiter {
  const gcra = new Gcra(MOST);
  return { admit: (key, rate) => gcra.admit(key, rate, clock.now()) };
}

/** A limiter over keys of its own: what others admit under the same limiter is not counted. */
export const limiterUnder = (prefix: string, limiter: Limiter): Limiter => ({
  admit: (key, rate) => limiter.admit(`${prefix}${key}`, rate),
});

/** Limits that are shared while they can be, and each instance's own share of them while they can't. */
export const sharedLimiter = (shared: SharedLimiter, local: Limiter, instances: () => number): Limiter => ({
  async admit(key, rate) {
    const { perSecond, burst } = rate;
    const shares = instances();
    return (
      (await shared.admit(key, perSecond, burst)) ??
      local.admit(key, { perSecond: perSecond / shares, burst: Math.max(1, Math.floor(burst / shares)) })
    );
  },
});
