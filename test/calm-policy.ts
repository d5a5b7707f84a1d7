import { ANONYMOUS } from '../src/policy/access.js';
import type { OperationPolicy, RoutePolicy } from '../src/policy/snapshot.js';

/** Everything off but the deadline: what a test does not speak of does not happen. */
export const calmOperation = (deadlineMs: number, more: Partial<OperationPolicy> = {}): OperationPolicy => ({
  deadlineMs,
  cache: { freshMs: 0, staleMs: 0, staleIfErrorMs: 0, absentMs: 0 },
  retry: { attempts: 0, waitMs: 50 },
  hedge: { afterMs: 0 },
  breaker: { ratio: 1, minimum: 100_000, windowMs: 10_000, openMs: 5000, trials: 1 },
  product: { limit: { perSecond: Infinity, burst: 1 }, bulkhead: { concurrent: 10_000, queue: 0, waitMs: 1 }, isolated: false },
  ...more,
});

/** A route with nothing on but its deadline and its fan-out. */
export const calmRoute = (deadlineMs: number, fanOut = 50): RoutePolicy => ({
  deadlineMs,
  fanOut,
  cache: { freshMs: 0, staleMs: 0 },
  limit: { perSecond: Infinity, burst: 1 },
  access: { consumers: new Set([ANONYMOUS]), scopes: [], needsUser: false },
});
