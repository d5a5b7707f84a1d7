import { describe, expect, it } from '@jest/globals';
import { type FailureKind, failureKinds } from '#contracts/kernel/index.js';
import type { RetryPolicy } from '../../../src/policy/snapshot.js';
import { type Outcome, failed } from '../../../src/upstream/answer.js';
import { failureOf } from '../../../src/upstream/endpoint.js';
import { RetryBudget, RetryBudgets, retry } from '../../../src/upstream/retry.js';
import { handClock } from '../../hand-clock.js';
import {
  Below,
  type Request,
  all,
  answering,
  callOf,
  drained,
  endpointOf,
  fails,
  hasSettled,
  ok,
  request,
  shop,
  throwing,
} from './calls.js';
import { depotCall } from './depot.js';

/** A retry layer; `random` gives the share of the longest wait, `closed` whether the breaker is. */
function rig(more: Partial<RetryPolicy> = {}, random = () => 0.5, deadlineAt = Infinity) {
  const clock = handClock();
  const budgets = new RetryBudgets(clock);
  const breaker = { closed: true };
  const layer = retry(budgets, { isClosed: () => breaker.closed }, clock, random);
  const below = new Below();
  const asking = () => request({ deadlineAt, policy: { retry: { attempts: 3, waitMs: 100, ...more } } });
  const make = (by = asking()) => layer(callOf(shop.getCart, { name: 'a' }, by), below.next);
  /** The latest call fails. */
  const fail = async (outcome = fails('error')) => {
    below.lands(outcome, below.calls.length - 1);
    await drained();
  };
  const passes = async (ms: number) => {
    clock.advance(ms);
    await drained();
  };
  return { clock, budgets, breaker, layer, below, asking, make, fail, passes };
}

describe('a call', () => {
  it.each(failureKinds)('is made again where its failure may pass and is not ours: %s', async (kind) => {
    const retried: readonly FailureKind[] = ['timeout', 'unreachable', 'error'];
    const { make, fail, passes, below, clock } = rig({ attempts: 1 });
    const outcome = make();
    await fail(fails(kind));
    expect(clock.pending).toBe(retried.includes(kind) ? 1 : 0);
    await passes(50);
    expect(below.calls).toHaveLength(retried.includes(kind) ? 2 : 1);
    below.lands(ok('second'), 1);
    expect(await outcome).toEqual(retried.includes(kind) ? ok('second') : fails(kind));
  });

  it('that the contract does not call repeatable is made once', async () => {
    const { layer, below, asking, fail, passes } = rig();
    const outcome = layer(callOf(shop.placeOrder, { id: 'o-1' }, asking()), below.next);
    await fail(fails('unreachable'));
    await passes(10_000);
    expect(await outcome).toEqual(fails('unreachable'));
    expect(below.calls).toHaveLength(1);
  });

  it('goes by untouched where none is made again', () => {
    const { layer, asking } = rig({ attempts: 0 });
    const pending = Promise.resolve(ok('cart'));
    expect(layer(callOf(shop.getCart, { name: 'a' }, asking()), () => pending)).toBe(pending);
  });

  it('is made once where the policy says so', async () => {
    const { make, fail, passes, below } = rig({ attempts: 0 });
    const outcome = make();
    await fail();
    await passes(10_000);
    expect([await outcome, below.calls.length]).toEqual([fails('error'), 1]);
  });

  it('that a POST may repeat is made again', async () => {
    const { layer, below, asking, fail, passes } = rig();
    void layer(callOf(shop.find, { text: 'a' }, asking()), below.next);
    await fail();
    await passes(50);
    expect(below.calls).toHaveLength(2);
  });

  it('comes to what its last attempt came to', async () => {
    const { make, fail, passes, below } = rig({ attempts: 2 });
    const outcome = make();
    await fail(fails('error'));
    await passes(50);
    await fail(fails('timeout'));
    await passes(100);
    await fail(fails('unreachable'));
    await passes(10_000);
    expect([await outcome, below.calls.length]).toEqual([fails('unreachable'), 3]);
  });

  it('that succeeds, or fails for good, is passed on as it is, at once where it came at once', () => {
    const { layer, asking } = rig();
    for (const outcome of [ok('cart'), fails('declared'), fails('busy')])
      expect(
        layer(
          callOf(shop.getCart, { name: 'a' }, asking()),
          answering(() => outcome),
        ),
      ).toBe(outcome);
  });

  it('that failed at once is made again all the same', async () => {
    const { layer, asking, passes } = rig();
    let made = 0;
    const outcome = layer(
      callOf(shop.getCart, { name: 'a' }, asking()),
      answering(() => (++made === 3 ? ok('third') : fails('error'))),
    );
    await passes(50);
    await passes(100);
    expect([await outcome, made]).toEqual([ok('third'), 3]);
  });

  it('lets a bug through untouched, in a further attempt too', async () => {
    const { layer, asking, make, fail, passes, below } = rig();
    const bug = new Error('a mistake');
    expect(() => layer(callOf(shop.getCart, { name: 'a' }, asking()), throwing(bug))).toThrow(bug);
    const ended = Promise.allSettled([make()]);
    await fail();
    await passes(50);
    below.crashes(bug, 1);
    expect(await ended).toEqual([{ status: 'rejected', reason: bug }]);
  });
});

describe('the wait before another attempt', () => {
  it.each([
    ['half of the longest', [0.5, 0.5, 0.5], [50, 100, 200]],
    ['as chance has it', [0.25, 0.9, 0], [25, 180, 0]],
  ])('is exact for a given chance: %s', async (_, chances, waits) => {
    const drawn = [...chances];
    const { make, fail, passes, below } = rig({}, () => drawn.shift() ?? 0);
    void make();
    for (const [nth, waitMs] of waits.entries()) {
      await fail();
      if (waitMs > 0) await passes(waitMs - 1);
      expect(below.calls).toHaveLength(nth + 1);
      await passes(waitMs > 0 ? 1 : 0);
      expect(below.calls).toHaveLength(nth + 2);
    }
  });

  it('is drawn from two seconds at most', async () => {
    const { make, fail, passes, below } = rig({ waitMs: 1500 }, () => 0.5);
    void make();
    for (const [nth, waitMs] of [750, 1000, 1000].entries()) {
      await fail();
      await passes(waitMs - 1);
      expect(below.calls).toHaveLength(nth + 1);
      await passes(1);
      expect(below.calls).toHaveLength(nth + 2);
    }
  });

  it('is no shorter than the product asked for', async () => {
    const { make, fail, passes, below } = rig();
    void make();
    await fail(failed(failureOf(endpointOf(shop.getCart), 'error', 'later', { retryAfter: 1 })));
    await passes(999);
    expect(below.calls).toHaveLength(1);
    await passes(1);
    expect(below.calls).toHaveLength(2);
  });

  it('never ends with the request’s time or later: there is no further attempt then', async () => {
    for (const [deadlineAt, calls] of [
      [50, 1],
      [51, 2],
    ] as const) {
      const { make, fail, passes, below, clock } = rig({ attempts: 1 }, () => 0.5, deadlineAt);
      const outcome = make();
      await fail();
      expect(await hasSettled(outcome)).toBe(calls === 1);
      await passes(50);
      expect([below.calls.length, clock.pending]).toEqual([calls, 0]);
    }
  });

  it('is not begun where the product asked for more time than there is', async () => {
    const { make, fail, clock } = rig({}, () => 0, 1000);
    const outcome = make();
    const later = failed(failureOf(endpointOf(shop.getCart), 'error', 'later', { retryAfter: 1 }));
    await fail(later);
    expect([await outcome, clock.pending]).toEqual([later, 0]);
  });

  it.each(['cancelled', 'timeout'] as const)('ends at once when nobody waits any more: %s', async (kind) => {
    const { make, asking, fail, passes, below, clock } = rig();
    const by = asking();
    const outcome = make(by);
    await fail();
    expect([clock.pending, by.cancellation.listeners.size]).toEqual([1, 1]);
    by.cancellation.cancel(kind);
    expect(clock.pending).toBe(0);
    expect(await outcome).toMatchObject({ ok: false, failure: { kind, operation: 'getCart' } });
    await passes(1000);
    expect(below.calls).toHaveLength(1);
  });

  it('is not begun where nobody waits any more', async () => {
    const { make, asking, fail, clock } = rig();
    const by = asking();
    const outcome = make(by);
    by.cancellation.cancel('cancelled');
    await fail();
    expect([await outcome, clock.pending]).toEqual([fails('error'), 0]);
  });

  it('stops listening when it is over', async () => {
    const { make, asking, fail, passes } = rig();
    const by = asking();
    void make(by);
    await fail();
    await passes(50);
    expect(by.cancellation.listeners.size).toBe(0);
  });
});

describe('a breaker that is not closed', () => {
  it('means no further attempt', async () => {
    const { make, fail, clock, breaker } = rig();
    const outcome = make();
    breaker.closed = false;
    await fail();
    expect([await outcome, clock.pending]).toEqual([fails('error'), 0]);
  });

  it('that opened during the wait means none either, and the call fails as it did', async () => {
    const { make, fail, passes, breaker, below } = rig();
    const outcome = make();
    await fail();
    breaker.closed = false;
    await passes(50);
    expect([await outcome, below.calls.length]).toEqual([fails('error'), 1]);
  });
});

describe('the budget of a product', () => {
  const taken = (budget: RetryBudget): number => {
    let times = 0;
    while (times < 100 && budget.take()) times++;
    return times;
  };

  it('has ten further attempts saved up, and no more', () => {
    const clock = handClock();
    const budget = new RetryBudget(clock);
    clock.advance(60_000);
    for (let n = 0; n < 1000; n++) budget.earn();
    expect(taken(budget)).toBe(10);
  });

  it('grows by one for ten first attempts, exactly', () => {
    const clock = handClock();
    const budget = new RetryBudget(clock);
    taken(budget);
    for (let nth = 1; nth <= 100; nth++) {
      budget.earn();
      expect(budget.take()).toBe(nth % 10 === 0);
    }
  });

  it('grows by one a second where there are few first attempts, which are paid out of that', () => {
    const clock = handClock();
    const budget = new RetryBudget(clock);
    taken(budget);
    clock.advance(999);
    expect(budget.take()).toBe(false);
    clock.advance(1);
    expect([budget.take(), budget.take()]).toEqual([true, false]);
    for (let n = 0; n < 25; n++) {
      clock.advance(200); // five a second are worth half an attempt a second
      budget.earn();
    }
    expect(taken(budget)).toBe(5);
  });

  it('grows by a tenth of the first attempts alone where there are many', () => {
    const clock = handClock();
    const budget = new RetryBudget(clock);
    taken(budget);
    for (let n = 0; n < 60; n++) {
      clock.advance(50);
      budget.earn();
    }
    expect(taken(budget)).toBe(6);
  });

  it('is paid ten seconds in advance at most: a rush of calls does not end the one a second for long', () => {
    const clock = handClock();
    const budget = new RetryBudget(clock);
    for (let n = 0; n < 1000; n++) budget.earn();
    taken(budget);
    clock.advance(10_000);
    expect(taken(budget)).toBe(0);
    clock.advance(1000);
    expect(taken(budget)).toBe(1);
  });

  it('grows with the calls that are made, whatever they come to', () => {
    const { layer, asking, budgets } = rig();
    taken(budgets.of('shop'));
    for (let n = 0; n < 20; n++)
      void layer(
        callOf(shop.getCart, { name: 'a' }, asking()),
        answering(() => (n % 2 === 0 ? ok(n) : fails('declared'))),
      );
    expect(taken(budgets.of('shop'))).toBe(2);
  });

  it('ends further attempts when it is used up, and is no other product’s', async () => {
    const { layer, asking, budgets, clock } = rig({ attempts: 1 });
    taken(budgets.of('shop'));
    const next = answering(({ endpoint }) => fails('error', endpoint.operation));
    expect(layer(callOf(shop.getCart, { name: 'a' }, asking()), next)).toEqual(fails('error'));
    expect(layer(callOf(shop.getRate, { name: 'a' }, asking()), next)).toEqual(fails('error', shop.getRate));
    expect(clock.pending).toBe(0);
    void layer(
      depotCall(asking()),
      answering(() => fails('error')),
    );
    expect(clock.pending).toBe(1);
  });

  it('gets back an attempt that was not made, given up or cut off', async () => {
    const { make, asking, fail, passes, breaker, budgets } = rig();
    const by: Request = asking();
    const givenUp = make(by);
    await fail();
    by.cancellation.cancel('cancelled');
    await givenUp;
    const cutOff = make();
    await fail();
    breaker.closed = false;
    await passes(50);
    await cutOff;
    expect(taken(budgets.of('shop'))).toBe(10);
  });

  it('is spent one by one, and shows what is left', async () => {
    const { make, fail, passes, budgets } = rig();
    void make();
    for (const [nth, waitMs] of [50, 100, 200].entries()) {
      expect(budgets.state()).toEqual([{ product: 'shop', attempts: 10 - nth }]);
      await fail();
      await passes(waitMs);
    }
    expect(taken(budgets.of('shop'))).toBe(7);
  });

  it('is not touched by calls that may not be repeated', () => {
    const { layer, asking, budgets } = rig();
    taken(budgets.of('shop'));
    for (let n = 0; n < 100; n++)
      void layer(
        callOf(shop.placeOrder, { id: 'o-1' }, asking()),
        answering(() => fails('error')),
      );
    expect(budgets.of('shop').take()).toBe(false);
  });
});

it('makes further attempts under the calls’ own policies, side by side', async () => {
  const { layer, asking, below, passes } = rig();
  const outcomes: (Outcome | PromiseLike<Outcome>)[] = [];
  for (const name of ['a', 'b']) outcomes.push(layer(callOf(shop.getCart, { name }, asking()), below.next));
  for (const at of [0, 1]) below.lands(fails('error'), at);
  await drained();
  await passes(50);
  expect(below.calls.map(({ input }) => input['name'])).toEqual(['a', 'b', 'a', 'b']);
  for (const at of [2, 3]) below.lands(ok(at), at);
  expect(await all(outcomes)).toEqual([ok(2), ok(3)]);
});
