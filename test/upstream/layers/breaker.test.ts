import { describe, expect, it } from '@jest/globals';
import { type FailureKind, failureKinds } from '#contracts/kernel/index.js';
import type { BreakerPolicy } from '../../../src/policy/snapshot.js';
import { type Outcome, failed } from '../../../src/upstream/answer.js';
import { type BreakerKind, Breakers, breaker } from '../../../src/upstream/breaker.js';
import { failureOf } from '../../../src/upstream/endpoint.js';
import { calmOperation } from '../../calm-policy.js';
import { handClock } from '../../hand-clock.js';
import { Below, all, answering, callOf, drained, endpointOf, fails, ok, request, shop, throwing } from './calls.js';

const terms: BreakerPolicy = { ratio: 0.5, minimum: 4, windowMs: 1000, openMs: 100, trials: 2 };
const isolated = { ...calmOperation(1).product, isolated: true };

/** A breaker whose waits are not moved by chance: 0.5 is the middle. */
function rig(more: Partial<BreakerPolicy> = {}, random = () => 0.5) {
  const clock = handClock();
  const told: BreakerKind[] = [];
  const breakers = new Breakers(clock, random, (_, to) => told.push(to));
  const layer = breaker(breakers);
  const call = (policy: Partial<BreakerPolicy> = {}) =>
    callOf(shop.getCart, { name: 'a' }, request({ policy: { breaker: { ...terms, ...more, ...policy } } }));
  /** Makes calls that come to this at once. */
  const makes = (outcome: Outcome, times = 1, policy: Partial<BreakerPolicy> = {}): void => {
    const next = answering(() => outcome);
    for (let n = 0; n < times; n++) void layer(call(policy), next);
  };
  /** How a call is refused, or that it is not. */
  const refusal = () => {
    const outcome = layer(
      call(),
      answering(() => ok('well')),
    );
    return !('ok' in outcome) || outcome.ok ? undefined : outcome.failure;
  };
  const state = () => breakers.of(endpointOf(shop.getCart)).state();
  return { clock, told, breakers, layer, call, makes, refusal, state };
}

describe('a closed breaker', () => {
  it('opens when enough calls were made and the ratio of them failed, not one sooner', () => {
    const { makes, told, state } = rig();
    makes(ok(1), 2);
    makes(fails('error'));
    expect(told).toEqual([]);
    makes(fails('error'));
    expect(told).toEqual(['open']);
    expect(state()).toEqual({ product: 'shop', operation: 'shop.v1.getCart', state: 'open', calls: 0, failures: 0, trialInMs: 100 });
  });

  it('stays closed below the ratio, however many fail', () => {
    const { makes, told, state } = rig();
    for (let n = 0; n < 100; n++) {
      makes(ok(1), 2);
      makes(fails('error'));
    }
    expect(told).toEqual([]);
    expect(state()).toMatchObject({ state: 'closed', calls: 300, failures: 100 });
  });

  it('opens with the success that makes the calls enough', () => {
    const { makes, told } = rig();
    makes(fails('error'), 3);
    makes(ok(1));
    expect(told).toEqual(['open']);
  });

  it('forgets what is older than its window', () => {
    const { makes, told, clock, state } = rig();
    makes(fails('error'), 3);
    clock.advance(999);
    expect(state()).toMatchObject({ calls: 3, failures: 3 });
    clock.advance(1);
    expect(state()).toMatchObject({ calls: 0, failures: 0 });
    makes(fails('error'), 3);
    expect(told).toEqual([]);
  });

  it('slides: what grows old leaves a tenth of the window at a time', () => {
    const { makes, clock, state } = rig({ ratio: 1, minimum: 100 });
    const seen: number[] = [];
    for (let n = 0; n < 30; n++) {
      makes(fails('error'));
      seen.push(state().calls);
      clock.advance(50);
    }
    expect(seen.slice(0, 20)).toEqual(Array.from({ length: 20 }, (_, n) => n + 1));
    expect(seen.slice(20)).toEqual(Array.from({ length: 10 }, (_, n) => 19 + (n % 2)));
  });

  it('passes on what came at once as it is, and a bug untouched, which counts for nothing', async () => {
    const { layer, call, state } = rig();
    const outcome = ok('cart');
    expect(
      layer(
        call(),
        answering(() => outcome),
      ),
    ).toBe(outcome);
    const bug = new Error('a mistake');
    const below = new Below();
    expect(() => layer(call(), throwing(bug))).toThrow(bug);
    const pending = layer(call(), below.next);
    below.crashes(bug);
    await expect(pending).rejects.toBe(bug);
    expect(state()).toMatchObject({ state: 'closed', calls: 1, failures: 0 });
  });
});

describe('what a breaker counts', () => {
  const breaks: readonly FailureKind[] = ['timeout', 'unreachable', 'malformed', 'error'];
  const answers: readonly FailureKind[] = ['declared', 'refused', 'contract'];

  it.each(failureKinds)('is the table of failures: %s', (kind) => {
    const { makes, state } = rig({ minimum: 100 });
    makes(fails(kind));
    const counted = breaks.includes(kind) || answers.includes(kind);
    expect(state()).toMatchObject({ calls: counted ? 1 : 0, failures: breaks.includes(kind) ? 1 : 0 });
  });

  it('is the kind of a failure alone, not its status', () => {
    const { makes, state } = rig({ minimum: 100 });
    for (const kind of ['refused', 'declared', 'timeout'] as const)
      makes(failed(failureOf(endpointOf(shop.getCart), kind, 'late', { status: 408 })));
    expect(state()).toMatchObject({ calls: 3, failures: 1 });
  });

  it('is neither a caller’s mistake nor its leaving: a thousand of each leave it closed', () => {
    const { makes, told } = rig({ minimum: 1, ratio: 0.05 });
    makes(failed(failureOf(endpointOf(shop.getCart), 'declared', 'not found', { status: 404 })), 1000);
    makes(failed(failureOf(endpointOf(shop.getCart), 'refused', 'bad request', { status: 400 })), 1000);
    makes(fails('cancelled'), 1000);
    expect(told).toEqual([]);
  });

  it('is counted for each operation alone, whatever its input: the number of breakers is that of operations', () => {
    const { layer, breakers } = rig();
    const by = request({ policy: { breaker: { ...terms, minimum: 100_000 } } });
    for (let n = 0; n < 10_000; n++) {
      void layer(
        callOf(shop.getItem, { id: `i-${n}` }, by),
        answering(() => fails('error')),
      );
      void layer(
        callOf(shop.getRate, { name: `r-${n}` }, by),
        answering(() => ok(n)),
      );
    }
    expect(breakers.state()).toMatchObject([
      { operation: 'shop.v1.getItem', calls: 10_000, failures: 10_000 },
      { operation: 'shop.v1.getRate', calls: 10_000, failures: 0 },
    ]);
  });
});

describe('an open breaker', () => {
  const opened = (more: Partial<BreakerPolicy> = {}, random?: () => number) => {
    const made = rig(more, random);
    made.makes(fails('error'), 4);
    return made;
  };

  it('fails every call at once, saying when to come again, and calls nobody', () => {
    const { layer, call, clock } = opened({ openMs: 2500 });
    const below = new Below();
    const refused = () => layer(call(), below.next);
    expect(refused()).toMatchObject({
      ok: false,
      failure: {
        kind: 'open',
        product: 'shop',
        operation: 'getCart',
        message: 'shop v1 getCart failed too often: it is not called',
        retryAfter: 3,
      },
    });
    clock.advance(501);
    expect(refused()).toMatchObject({ failure: { retryAfter: 2 } });
    clock.advance(998);
    expect(refused()).toMatchObject({ failure: { retryAfter: 2 } }); // 1,001 ms are more than a second
    clock.advance(1000);
    expect(refused()).toMatchObject({ failure: { retryAfter: 1 } });
    expect(below.calls).toEqual([]);
  });

  it('leaves the product’s other operations alone', () => {
    const { layer } = opened();
    expect(
      layer(
        callOf(shop.getRate, { name: 'eur' }),
        answering(() => ok(1)),
      ),
    ).toEqual(ok(1));
  });

  it.each([
    [0, 80],
    [0.25, 90],
    [1, 120],
  ])('waits a time that chance moves by a fifth: %d makes it %d ms of 100', (random, waitMs) => {
    const { clock, refusal } = opened({}, () => random);
    clock.advance(waitMs - 1);
    expect(refusal()?.kind).toBe('open');
    clock.advance(1);
    expect(refusal()).toBeUndefined();
  });

  it('waits as the policy in force says, one that came meanwhile too', () => {
    const { clock, layer, call, refusal } = opened({ openMs: 60_000 });
    clock.advance(50);
    const shorter = () =>
      layer(
        call({ openMs: 60 }),
        answering(() => ok(1)),
      );
    expect(shorter()).toMatchObject({ failure: { retryAfter: 1 } });
    expect(refusal()).toMatchObject({ retryAfter: 60 });
    clock.advance(10);
    expect(shorter()).toEqual(ok(1));
  });

  it('hears nothing of calls that began before it opened', async () => {
    const { clock, layer, call, makes, told, state } = rig();
    const below = new Below();
    const early = [1, 2, 3, 4, 5].map(() => layer(call(), below.next));
    makes(fails('error'), 4);
    clock.advance(100);
    const trial = layer(call(), below.next);
    for (let n = 0; n < 5; n++) below.lands(fails('timeout'), n);
    await all(early);
    expect([told, state().state]).toEqual([['open', 'half-open'], 'half-open']);
    below.lands(ok(1), 5);
    await trial;
    makes(ok(1));
    expect(told).toEqual(['open', 'half-open', 'closed']);
  });
});

describe('a half-open breaker', () => {
  const halfOpen = (more: Partial<BreakerPolicy> = {}) => {
    const made = rig(more);
    made.makes(fails('error'), 4);
    made.clock.advance(100);
    return made;
  };

  it('lets as many trials pass at once as it may, and fails the others at once', () => {
    const { layer, call, refusal } = halfOpen();
    const below = new Below();
    for (let n = 0; n < 2; n++) void layer(call(), below.next);
    expect(refusal()).toMatchObject({ kind: 'open', retryAfter: 1, message: 'shop v1 getCart is being tried again: it is not called' });
    expect(below.calls).toHaveLength(2);
  });

  it('closes when enough trials succeeded, and has forgotten what went before', () => {
    const { makes, told, state } = halfOpen();
    makes(ok(1), 2);
    expect(told).toEqual(['open', 'half-open', 'closed']);
    makes(fails('error'), 3);
    expect(state()).toMatchObject({ state: 'closed', calls: 3, failures: 3 });
  });

  it('is not kept from closing by one slow trial, whose end then says nothing', async () => {
    const { layer, call, makes, told } = halfOpen();
    const below = new Below();
    const slow = layer(call(), below.next);
    makes(ok(1), 2);
    expect(told).toEqual(['open', 'half-open', 'closed']);
    below.lands(fails('timeout'));
    await slow;
    makes(fails('error'), 3);
    expect(told).toHaveLength(3);
  });

  it('opens again with one failure, for twice as long each time, eight times as long at most; closing starts anew', () => {
    const { clock, makes, told, state } = rig();
    makes(fails('error'), 4);
    for (const waitMs of [100, 200, 400, 800, 800, 800]) {
      expect(state()).toMatchObject({ state: 'open', trialInMs: waitMs });
      clock.advance(waitMs - 1);
      expect(state()).toMatchObject({ trialInMs: 1 });
      clock.advance(1);
      makes(ok(1));
      makes(fails('unreachable'));
    }
    clock.advance(800);
    makes(ok(1), 2);
    expect(told.at(-1)).toBe('closed');
    makes(fails('error'), 4);
    expect(state()).toMatchObject({ state: 'open', trialInMs: 100 });
  });

  it('gets the place back of a trial that says nothing: cancelled, held back, or a bug', async () => {
    const { layer, call, makes, told } = halfOpen({ trials: 1 });
    const bug = new Error('a mistake');
    for (const kind of ['cancelled', 'busy', 'limited', 'throttled'] as const) makes(fails(kind));
    expect(() => layer(call(), throwing(bug))).toThrow(bug);
    const below = new Below();
    const pending = layer(call(), below.next);
    below.crashes(bug);
    await expect(pending).rejects.toBe(bug);
    expect(told).toEqual(['open', 'half-open']);
    makes(fails('declared'));
    expect(told).toEqual(['open', 'half-open', 'closed']);
  });

  it('says to a retry that it is not closed, as an open one does', () => {
    const { clock, breakers, call, makes } = rig();
    const isClosed = () => breakers.isClosed(call());
    expect(isClosed()).toBe(true);
    makes(fails('error'), 4);
    expect(isClosed()).toBe(false);
    clock.advance(100);
    expect(isClosed()).toBe(false);
    makes(ok(1));
    expect(isClosed()).toBe(false);
    makes(ok(1));
    expect(isClosed()).toBe(true);
  });
});

describe('a policy that changes', () => {
  it('keeps the window and its counts', () => {
    const { makes, told, clock, state } = rig();
    makes(fails('error'), 3, { minimum: 100, windowMs: 10_000 });
    clock.advance(5000);
    makes(fails('error'), 1, { minimum: 100, windowMs: 60_000 });
    expect(state()).toMatchObject({ calls: 4, failures: 4 });
    makes(fails('error'), 1, { minimum: 5, windowMs: 60_000 });
    expect(told).toEqual(['open']);
  });

  it('forgets at once what a shorter window does not hold', () => {
    const { makes, clock, state } = rig();
    makes(fails('error'), 3, { minimum: 100, windowMs: 10_000 });
    clock.advance(5000);
    makes(ok(1), 1, { windowMs: 5000 });
    expect(state()).toMatchObject({ calls: 1, failures: 0 });
  });
});

describe('a product that an operator isolated', () => {
  it('is not called, and no time is promised', async () => {
    const { layer, breakers, state } = rig();
    const below = new Below();
    const call = callOf(shop.getCart, { name: 'a' }, request({ policy: { product: isolated } }));
    expect(layer(call, below.next)).toEqual(
      failed(failureOf(endpointOf(shop.getCart), 'open', 'an operator isolated shop: it is not called')),
    );
    await drained();
    expect([below.calls, breakers.isClosed(call), state().state]).toEqual([[], false, 'closed']);
  });
});
