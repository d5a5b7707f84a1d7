import { describe, expect, it } from '@jest/globals';
import { type FailureKind, failureKinds } from '#contracts/kernel/index.js';
import type { OperationPolicy } from '../../../src/policy/snapshot.js';
import { Breakers, breaker } from '../../../src/upstream/breaker.js';
import { Bulkheads, bulkhead } from '../../../src/upstream/bulkhead.js';
import type { Call, Layer } from '../../../src/upstream/call.js';
import { deadline } from '../../../src/upstream/deadline.js';
import { Hedges, hedge } from '../../../src/upstream/hedge.js';
import { RetryBudgets } from '../../../src/upstream/retry.js';
import { build } from '../../../src/upstream/stack.js';
import { calmOperation } from '../../calm-policy.js';
import { handClock } from '../../hand-clock.js';
import { Below, DEADLINE_MS, answering, callOf, drained, endpointOf, fails, hasSettled, ok, request, shop, throwing } from './calls.js';

/** What the product is asked for at most: the attempt's deadline and its wait for a place. */
const WORST_MS = DEADLINE_MS + 1;

/** A hedging layer that asks again after 50 ms, with as many calls saved up as it takes. */
function rig(policy: Partial<OperationPolicy> = {}) {
  const clock = handClock();
  const hedges = new Hedges();
  const around = { closed: true, full: false };
  const retries = new RetryBudgets(clock);
  const layer = hedge(hedges, retries, { isClosed: () => around.closed }, { isFull: () => around.full }, clock);
  const below = new Below();
  const asking = () => request({ policy: { hedge: { afterMs: 50 }, ...policy } });
  const make = (by = asking()) => layer(callOf(shop.getCart, { name: 'a' }, by), below.next);
  /** Calls that were answered, so many milliseconds after they were made. */
  const answered = async (count: number, ms = 0) => {
    for (let nth = 0; nth < count; nth++) {
      const calls = new Below();
      const outcome = layer(callOf(shop.getCart, { name: `b-${nth}` }, asking()), calls.next);
      clock.advance(ms);
      calls.lands(ok('earlier'));
      await outcome;
    }
  };
  const passes = async (ms: number) => {
    clock.advance(ms);
    await drained();
  };
  const land = async (outcome: ReturnType<typeof ok>, at: number) => {
    below.lands(outcome, at);
    await drained();
  };
  return { clock, hedges, retries, around, layer, below, asking, make, answered, passes, land };
}

describe('a call that takes long', () => {
  it('is made a second time, and comes to the first answer: the other attempt is given up', async () => {
    for (const winner of [0, 1]) {
      const { make, answered, passes, below, clock, asking } = rig();
      await answered(20);
      const by = asking();
      const outcome = make(by);
      await passes(49);
      expect(below.calls).toHaveLength(1);
      await passes(1);
      expect(below.calls).toHaveLength(2);
      below.lands(ok(winner), winner);
      expect(await outcome).toEqual(ok(winner));
      expect(below.calls.map(({ cancellation }) => cancellation.reason)[1 - winner]).toBe('cancelled');
      expect(by.cancellation.reason).toBeUndefined();
      expect([clock.pending, by.cancellation.listeners.size]).toEqual([0, 0]);
    }
  });

  it('is made once where the product has had its twentieth: five are saved up at most', async () => {
    const { make, answered, passes, below } = rig();
    await answered(19);
    void make(); // the twentieth
    void make();
    await passes(50);
    expect(below.calls).toHaveLength(2 + 1);
    await answered(1000);
    for (let nth = 0; nth < 10; nth++) void make();
    await passes(50);
    expect(below.calls).toHaveLength(2 + 1 + 10 + 5);
  });

  it('is made once where it may be retried and the budget of retries is used up: it pays for both', async () => {
    const { make, answered, passes, below, retries } = rig({ retry: { attempts: 1, waitMs: 50 } });
    await answered(40);
    while (retries.of('shop').attempts > 1) retries.of('shop').take();
    void make();
    void make();
    await passes(50);
    expect(below.calls).toHaveLength(2 + 1);
    expect(retries.of('shop').attempts).toBe(0);
  });

  it('is made a third time never', async () => {
    const { make, answered, passes, below } = rig();
    await answered(100);
    void make();
    await passes(50);
    await passes(50);
    await passes(300);
    expect(below.calls).toHaveLength(2);
  });

  it('is not made again where it was answered before', async () => {
    const { make, answered, passes, below, clock, asking } = rig();
    await answered(20);
    const by = asking();
    const outcome = make(by);
    await passes(49);
    below.lands(ok('soon'));
    expect(await outcome).toEqual(ok('soon'));
    expect([clock.pending, by.cancellation.listeners.size]).toEqual([0, 0]);
    await passes(1000);
    expect(below.calls).toHaveLength(1);
  });

  it('is made once where it is no answer that came before: that is for a retry', async () => {
    const { make, answered, passes, below } = rig();
    await answered(20);
    const outcome = make();
    below.lands(fails('error'));
    expect(await outcome).toEqual(fails('error'));
    await passes(1000);
    expect(below.calls).toHaveLength(1);
  });

  it('is a POST: then it is made once, unless its contract calls it repeatable', async () => {
    const { layer, asking, answered, passes, below } = rig();
    await answered(40);
    void layer(callOf(shop.placeOrder, { id: 'o-1' }, asking()), below.next);
    await passes(100);
    expect(below.calls).toHaveLength(1);
    void layer(callOf(shop.find, { text: 'a' }, asking()), below.next);
    await passes(100);
    expect(below.calls).toHaveLength(3);
  });

  it.each<[string, (around: { closed: boolean; full: boolean }) => void]>([
    ['its breaker is not closed', (around) => (around.closed = false)],
    ['the product has no place free', (around) => (around.full = true)],
  ])('is made once where %s', async (_, change) => {
    const { make, answered, passes, below, around } = rig();
    await answered(20);
    void make();
    change(around);
    await passes(100);
    expect(below.calls).toHaveLength(1);
    Object.assign(around, { closed: true, full: false });
    void make();
    await passes(100);
    expect(below.calls).toHaveLength(3); // nothing was spent on the one before
  });

  it.each([
    [1, 1],
    [2, 2],
  ])('takes a place of its own, and does not wait for one: of %d places', async (concurrent, calls) => {
    const { clock, hedges, retries, answered, below } = rig();
    await answered(20);
    const bulkheads = new Bulkheads(clock);
    const { product } = calmOperation(DEADLINE_MS);
    const policy = { hedge: { afterMs: 50 }, product: { ...product, bulkhead: { concurrent, queue: 10, waitMs: 100 } } };
    const next = build([hedge(hedges, retries, { isClosed: () => true }, bulkheads, clock), bulkhead(bulkheads)], below.next);
    void next(callOf(shop.getCart, { name: 'a' }, request({ policy })));
    clock.advance(50);
    expect(below.calls).toHaveLength(calls);
    expect(bulkheads.state()).toEqual([{ product: 'shop', inFlight: calls, waiting: 0 }]);
  });

  it('is made once while its breaker tries whether the product is well again', async () => {
    const clock = handClock();
    const breakers = new Breakers(
      clock,
      () => 0.5,
      () => undefined,
    );
    const layers = [hedge(new Hedges(), new RetryBudgets(clock), breakers, { isFull: () => false }, clock), breaker(breakers)];
    const trying = { ratio: 0.05, minimum: 20, windowMs: 10_000, openMs: 5000, trials: 2 };
    const make = (innermost: Layer) =>
      build(layers, innermost)(callOf(shop.getCart, { name: 'a' }, request({ policy: { hedge: { afterMs: 50 }, breaker: trying } })));
    for (let nth = 0; nth < 22; nth++) await make(() => (nth < 20 ? ok('cart') : fails('error')));
    clock.advance(5000);
    const below = new Below();
    void make(below.next);
    expect(breakers.state()).toMatchObject([{ state: 'half-open' }]);
    clock.advance(50);
    expect(below.calls).toHaveLength(1);
  });

  it('is made once where nobody waits for it any more', async () => {
    const { make, answered, passes, below, asking } = rig();
    await answered(20);
    const by = asking();
    void make(by);
    by.cancellation.cancel('cancelled');
    await passes(100);
    expect(below.calls.map(({ cancellation }) => cancellation.reason)).toEqual(['cancelled']);
  });

  it('stops both attempts where nobody waits for it any more, and says why', async () => {
    const { make, answered, passes, below, asking } = rig();
    await answered(20);
    const by = asking();
    void make(by);
    await passes(50);
    by.cancellation.cancel('timeout');
    expect(below.calls.map(({ cancellation }) => cancellation.reason)).toEqual(['timeout', 'timeout']);
  });

  it('lets a bug of either attempt through', async () => {
    const bug = new Error('a mistake');
    const { layer, asking, clock } = rig();
    const by = asking();
    expect(() => layer(callOf(shop.getCart, { name: 'a' }, by), throwing(bug))).toThrow(bug);
    expect([clock.pending, by.cancellation.listeners.size]).toEqual([0, 0]);
    for (const at of [0, 1]) {
      const { make, answered, passes, below } = rig();
      await answered(20);
      const ended = Promise.allSettled([make()]);
      await passes(50);
      below.crashes(bug, at);
      expect(await ended).toEqual([{ status: 'rejected', reason: bug }]);
      expect(below.calls[1 - at]?.cancellation.reason).toBe('cancelled');
    }
  });
});

describe('the second attempt', () => {
  it.each(failureKinds)('decides nothing where it fails, unless its contract names the error: %s', async (kind) => {
    const { make, answered, passes, land } = rig();
    await answered(20);
    const outcome = make();
    await passes(50);
    await land(fails(kind), 1);
    expect(await hasSettled(outcome)).toBe(kind === 'declared');
    await land(ok('late'), 0);
    expect(await outcome).toEqual(kind === 'declared' ? fails('declared') : ok('late'));
  });

  it('counts where the first fails after all', async () => {
    const { make, answered, passes, land } = rig();
    await answered(20);
    const outcome = make();
    await passes(50);
    await land(fails('error'), 0);
    expect(await hasSettled(outcome)).toBe(false);
    await land(ok('second'), 1);
    expect(await outcome).toEqual(ok('second'));
  });

  it.each<[string, readonly number[]]>([
    ['first', [0, 1]],
    ['last', [1, 0]],
  ])('fails as well: the call comes to what its first attempt came to, which ended %s', async (_, order) => {
    const kinds: readonly FailureKind[] = ['unreachable', 'error'];
    const { make, answered, passes, land, clock } = rig();
    await answered(20);
    const outcome = make();
    await passes(50);
    for (const at of order) await land(fails(kinds[at] ?? 'open'), at);
    expect(await outcome).toEqual(fails('unreachable'));
    expect(clock.pending).toBe(0);
  });

  it('is out of time when the first one would be at the latest: no call takes longer than without it', async () => {
    const { make, answered, passes, land, below } = rig();
    await answered(20);
    void make();
    await passes(50);
    await land(fails('error'), 0);
    await passes(WORST_MS - 51);
    expect(below.calls[1]?.cancellation.reason).toBeUndefined();
    await passes(1);
    expect(below.calls[1]?.cancellation.reason).toBe('timeout');
  });

  it('is not made where it could only come when the first one is out of time', async () => {
    const { make, answered, clock } = rig({ hedge: { afterMs: WORST_MS } });
    await answered(20);
    void make();
    expect(clock.pending).toBe(0);
  });
});

describe('when a call is made again', () => {
  it('is after as long as nineteen of twenty took lately, where that is more than the policy says', async () => {
    const { make, answered, passes, below } = rig();
    await answered(95, 80);
    await answered(5, 300);
    await answered(20, 10); // in time, so that there is a second attempt left
    void make();
    await passes(79);
    expect(below.calls).toHaveLength(1);
    await passes(1);
    expect(below.calls).toHaveLength(2);
  });

  it('follows a product that grew slower, and one that is fast again', async () => {
    const { answered, hedges } = rig();
    const { id } = endpointOf(shop.getCart);
    for (const ms of [10, 400, 30]) {
      await answered(200, ms);
      expect(hedges.latenciesOf(id).p95).toBe(ms);
    }
  });

  it('is not told by calls that failed', async () => {
    const { make, below, clock, hedges } = rig();
    const outcome = make();
    clock.advance(40);
    below.lands(fails('timeout'));
    await outcome;
    expect(hedges.latenciesOf(endpointOf(shop.getCart).id).p95).toBe(0);
  });
});

describe('a policy that does not hedge', () => {
  it('lets calls by untouched, and keeps nothing of them', () => {
    const { layer, hedges, clock } = rig({ hedge: { afterMs: 0 } });
    const pending = Promise.resolve(ok('cart'));
    expect(layer(callOf(shop.getCart, { name: 'a' }, request()), () => pending)).toBe(pending);
    expect([clock.pending, hedges.latenciesOf(endpointOf(shop.getCart).id).p95]).toEqual([0, 0]);
  });

  it('is one that answers at once: no promise where nothing waits', () => {
    const { layer, asking } = rig();
    const outcome = ok('cart');
    expect(
      layer(
        callOf(shop.getCart, { name: 'a' }, asking()),
        answering(() => outcome),
      ),
    ).toBe(outcome);
  });
});

/** The same chances in every run (a linear congruential generator: Numerical Recipes). */
function chances(seed: number): () => number {
  let state = seed;
  return () => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32;
}

/** A product under load, whose attempts take as long as `takes` says (Infinity: until they are given up). */
async function load(requests: number, takes: (nth: number) => number, policy: Partial<OperationPolicy> = {}) {
  const clock = handClock();
  const breakers = new Breakers(
    clock,
    () => 0.5,
    () => undefined,
  );
  const bulkheads = new Bulkheads(clock);
  let calls = 0;
  let given = 0;
  const product: Layer = (call: Call) =>
    new Promise((resolve) => {
      const timer = clock.after(takes(calls++), () => resolve(ok('answer')));
      call.cancellation.on({
        stop(reason) {
          given++;
          timer.cancel();
          resolve(fails(reason));
        },
      });
    });
  const layers = [
    hedge(new Hedges(), new RetryBudgets(clock), breakers, bulkheads, clock),
    breaker(breakers),
    bulkhead(bulkheads),
    deadline(clock),
  ];
  const next = build(layers, product);
  const took: number[] = [];
  const open: unknown[] = [];
  const asking = request({ policy: { hedge: { afterMs: 15 }, ...policy } });
  const millisecond = async () => {
    clock.advance(1);
    await drained();
  };
  for (let nth = 0; nth < requests; nth++) {
    const began = clock.now();
    const outcome = Promise.resolve(next(callOf(shop.getCart, { name: `c-${nth}` }, asking)));
    open.push(outcome.then(() => took.push(clock.now() - began)));
    for (let ms = 0; ms < 5; ms++) await millisecond();
  }
  for (let ms = 0; clock.pending > 0 && ms < 2 * WORST_MS; ms++) await millisecond();
  await Promise.all(open);
  took.sort((a, b) => a - b);
  return { calls, given, p99: took[Math.ceil(requests * 0.99) - 1] ?? 0, clock, breakers: breakers.state(), bulkheads: bulkheads.state() };
}

describe('a product under load', () => {
  it('of whose answers two in a hundred take twenty times as long: their wait is cut by 60 % and more, with 5 % more calls and fewer', async () => {
    const stragglers = () => {
      const random = chances(4711);
      return () => (random() < 0.02 ? 200 : 10);
    };
    const without = await load(2000, stragglers(), { hedge: { afterMs: 0 } });
    const withHedges = await load(2000, stragglers());
    expect([without.calls, without.p99]).toEqual([2000, 200]);
    expect(withHedges.p99).toBeLessThanOrEqual(0.4 * without.p99);
    expect(withHedges.calls).toBeGreaterThan(2000); // there were second attempts to be bounded
    expect(withHedges.calls).toBeLessThanOrEqual(1.05 * 2000);
    expect(withHedges.given).toBe(withHedges.calls - 2000); // each of which had a loser
  });

  it.each([
    ['slow as a whole', () => 200],
    ['silent', () => Infinity],
  ])('gets no more than 5 %% more calls while it is %s', async (_, takes) => {
    const { calls } = await load(1000, takes);
    expect(calls).toBeGreaterThan(1000);
    expect(calls).toBeLessThanOrEqual(1.05 * 1000);
  });

  it('has nothing counted against it for the attempts that were given up, and all its places back', async () => {
    let nth = 0;
    const every = await load(400, () => (++nth % 21 === 0 ? 400 : 10));
    expect(every.given).toBeGreaterThan(10);
    expect(every.breakers).toMatchObject([{ state: 'closed', failures: 0 }]);
    expect(every.bulkheads).toMatchObject([{ inFlight: 0, waiting: 0 }]);
    expect(every.clock.pending).toBe(0);
  });
});
