import { describe, expect, it } from '@jest/globals';
import type { BreakerPolicy } from '../../../src/policy/snapshot.js';
import { Breakers, breaker } from '../../../src/upstream/breaker.js';
import { budget } from '../../../src/upstream/budget.js';
import { Bulkheads, bulkhead } from '../../../src/upstream/bulkhead.js';
import { deadline } from '../../../src/upstream/deadline.js';
import { type Transport, decode } from '../../../src/upstream/decode.js';
import { failureOf } from '../../../src/upstream/endpoint.js';
import { Hedges, hedge } from '../../../src/upstream/hedge.js';
import { Limits, limit } from '../../../src/upstream/limit.js';
import { RetryBudgets, retry } from '../../../src/upstream/retry.js';
import { build } from '../../../src/upstream/stack.js';
import { type HandClock, handClock } from '../../hand-clock.js';
import { calmOperation } from '../../calm-policy.js';
import { callOf, drained, request, shop } from './calls.js';

/** The same chances in every run (a linear congruential generator: Numerical Recipes). */
function chances(seed: number): () => number {
  let state = seed;
  return () => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32;
}

/** How a product fails a call. */
const errs: Transport = () => Promise.resolve({ ok: true, reply: { status: 500, headers: {}, body: Buffer.alloc(0) } });
const hangs: Transport = ({ cancellation, endpoint }) =>
  new Promise((resolve) =>
    cancellation.on({ stop: (reason) => resolve({ ok: false, failure: failureOf(endpoint, reason, 'it never answered') }) }),
  );

/** The protecting layers in their order, over a product that fails every call. */
function failing(clock: HandClock, policy: Partial<BreakerPolicy>, fails = errs) {
  const reached: string[] = [];
  const transport: Transport = (call) => {
    reached.push(call.outgoing.body ?? call.outgoing.path);
    return fails(call);
  };
  const random = chances(4711);
  const breakers = new Breakers(clock, random, () => undefined);
  const retries = new RetryBudgets(clock);
  const bulkheads = new Bulkheads(clock);
  const next = build(
    [
      budget(),
      retry(retries, breakers, clock, random),
      hedge(new Hedges(), retries, breakers, bulkheads, clock),
      breaker(breakers),
      limit(new Limits(clock)),
      bulkhead(bulkheads),
      deadline(clock),
    ],
    decode(transport),
  );
  const own = { retry: { attempts: 3, waitMs: 50 }, hedge: { afterMs: 100 }, breaker: { ...calmOperation(1).breaker, ...policy } };
  const asking = () => request({ policy: own, deadlineAt: clock.now() + 5000 });
  return { reached, next, asking };
}

/** Makes a request every `everyMs`, each to end before the test does. */
async function storm(clock: HandClock, requests: number, everyMs: number, make: (nth: number) => unknown): Promise<void> {
  const open: unknown[] = [];
  for (let nth = 0; nth < requests; nth++) {
    open.push(make(nth));
    await drained();
    clock.advance(everyMs);
    await drained();
  }
  while (clock.pending > 0) {
    clock.advance(100);
    await drained();
  }
  await Promise.all(open);
}

describe('a product that fails every call', () => {
  it.each([
    ['an error', 'at once', errs, 0],
    ['an error', 'twenty a second', errs, 50],
    ['an error', 'a thousand a second', errs, 1],
    ['silence', 'at once', hangs, 0],
    ['silence', 'twenty a second', hangs, 50],
    ['silence', 'a thousand a second', hangs, 1],
  ])(
    'is called no more than 1.1 times for each request and ten times, whose answer is %s, by requests %s',
    async (_, __, fails, everyMs) => {
      const clock = handClock();
      const { reached, next, asking } = failing(clock, { minimum: 1_000_000 }, fails);
      await storm(clock, 1000, everyMs, (nth) => next(callOf(shop.getCart, { name: `c-${nth}` }, asking())));
      expect(reached.length).toBeLessThanOrEqual(1.1 * 1000 + 10);
      expect(reached.length).toBeGreaterThan(1000); // there were further attempts to be bounded
    },
  );

  it('is hardly called any more once its breaker is open', async () => {
    const clock = handClock();
    const { reached, next, asking } = failing(clock, { ratio: 0.5, minimum: 20, windowMs: 10_000, openMs: 5000, trials: 2 });
    await storm(clock, 1000, 20, (nth) => next(callOf(shop.getCart, { name: `c-${nth}` }, asking())));
    // 20 until it opens, then one trial after each wait of 5 s and more within the 20 s.
    expect(reached.length).toBeLessThanOrEqual(20 + 4);
  });

  it('never gets a write twice', async () => {
    const clock = handClock();
    const { reached, next, asking } = failing(clock, { minimum: 1_000_000 });
    await storm(clock, 500, 20, (nth) => next(callOf(shop.placeOrder, { id: `o-${nth}` }, asking())));
    expect(reached).toHaveLength(500);
    expect(new Set(reached).size).toBe(500);
  });
});
