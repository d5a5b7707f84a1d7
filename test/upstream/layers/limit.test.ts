import { describe, expect, it } from '@jest/globals';
import type { LimitPolicy } from '../../../src/policy/snapshot.js';
import { type Outcome, failed } from '../../../src/upstream/answer.js';
import { failureOf } from '../../../src/upstream/endpoint.js';
import { Limits, limit } from '../../../src/upstream/limit.js';
import { calmOperation } from '../../calm-policy.js';
import { handClock } from '../../hand-clock.js';
import { Below, all, answering, callOf, endpointOf, fails, ok, request, shop, throwing } from './calls.js';
import { depotCall } from './depot.js';

const ten: LimitPolicy = { perSecond: 10, burst: 3 };
const off: LimitPolicy = { perSecond: Infinity, burst: 1 };
const throttled = (retryAfter?: number): Outcome =>
  failed(failureOf(endpointOf(shop.getCart), 'throttled', 'less, please', { status: 429, retryAfter }));

function rig(rate: LimitPolicy = off) {
  const clock = handClock();
  const limits = new Limits(clock);
  const layer = limit(limits);
  let made = 0;
  const asking = (own = rate) => request({ policy: { product: { ...calmOperation(1).product, limit: own } } });
  /** Makes a call that comes to this at once, unless it is refused. */
  const make = (outcome: Outcome = ok(1), call = callOf(shop.getCart, { name: 'a' }, asking())): Outcome => {
    const next = answering(() => {
      made++;
      return outcome;
    });
    const came = layer(call, next);
    if (!('ok' in came)) throw new TypeError('expected it at once');
    return came;
  };
  return { clock, limits, layer, asking, make, made: () => made };
}

describe('the limit toward a product', () => {
  it('lets its burst through at once and its rate from then on; the rest fails at once and says when to come again', () => {
    const { clock, make, made } = rig({ perSecond: 0.4, burst: 3 });
    for (let n = 0; n < 3; n++) expect(make()).toEqual(ok(1));
    expect(make()).toEqual(
      failed(failureOf(endpointOf(shop.getCart), 'limited', 'shop is called no more than 0.4 times a second', { retryAfter: 3 })),
    );
    clock.advance(2499);
    expect(make()).toMatchObject({ failure: { kind: 'limited', retryAfter: 1 } });
    clock.advance(1);
    expect(make()).toEqual(ok(1));
    expect(made()).toBe(4);
  });

  it('is one for all operations of the product, and none of another’s', () => {
    const { make, asking } = rig({ perSecond: 1, burst: 1 });
    make();
    expect(make(ok(1), callOf(shop.getRate, { name: 'a' }, asking()))).toMatchObject({ failure: { kind: 'limited' } });
    expect(make(ok(2), depotCall(asking()))).toEqual(ok(2));
  });

  it('may be off: nothing is counted then', () => {
    const { make, made, limits } = rig(off);
    for (let n = 0; n < 1000; n++) make();
    expect([made(), limits.gcra.size]).toEqual([1000, 0]);
  });

  it('passes on what came at once as it is, and a bug untouched', async () => {
    const { layer, asking, make } = rig(ten);
    const outcome = ok('cart');
    expect(make(outcome)).toBe(outcome);
    const bug = new Error('a mistake');
    const below = new Below();
    const call = () => callOf(shop.getCart, { name: 'a' }, asking());
    expect(() => layer(call(), throwing(bug))).toThrow(bug);
    const pending = layer(call(), below.next);
    below.crashes(bug);
    await expect(pending).rejects.toBe(bug);
  });

  it('shows what is left of it', () => {
    const { make, limits, clock } = rig(ten);
    expect(limits.state('shop', ten)).toEqual({ remaining: 3, heldMs: 0 });
    make();
    make(throttled(2));
    clock.advance(50);
    expect(limits.state('shop', ten)).toEqual({ remaining: 1, heldMs: 1950 });
    expect(limits.state('depot', ten)).toEqual({ remaining: 3, heldMs: 0 });
  });
});

describe('a product that asked to be called less', () => {
  it('is left alone until then; calls fail at once as the one that was told', () => {
    const { clock, make, made } = rig();
    expect(make(throttled(7))).toEqual(throttled(7));
    expect(make()).toEqual(
      failed(failureOf(endpointOf(shop.getCart), 'throttled', 'shop asked to be called less, and is left alone', { retryAfter: 7 })),
    );
    clock.advance(6001);
    expect(make()).toMatchObject({ failure: { kind: 'throttled', retryAfter: 1 } });
    clock.advance(998);
    expect(make()).toMatchObject({ failure: { kind: 'throttled', retryAfter: 1 } });
    clock.advance(1);
    expect(make()).toEqual(ok(1));
    expect(made()).toBe(2);
  });

  it('is heard where it answers later, too', async () => {
    const { layer, asking, make } = rig();
    const below = new Below();
    const pending = layer(callOf(shop.getCart, { name: 'a' }, asking()), below.next);
    below.lands(throttled(7));
    expect(await pending).toEqual(throttled(7));
    expect(make()).toMatchObject({ failure: { kind: 'throttled' } });
  });

  it('is left alone in all its operations, and no other product is', () => {
    const { make, asking } = rig();
    make(throttled(7));
    expect(make(ok(1), callOf(shop.getRate, { name: 'a' }, asking()))).toMatchObject({
      failure: { kind: 'throttled', operation: 'getRate' },
    });
    expect(make(ok(2), depotCall(asking()))).toEqual(ok(2));
  });

  it('is left alone for a minute at most, and for a second where it does not say how long', () => {
    const { clock, make } = rig();
    make(throttled(3600));
    clock.advance(59_999);
    expect(make()).toMatchObject({ failure: { kind: 'throttled', retryAfter: 1 } });
    clock.advance(1);
    make(throttled());
    clock.advance(999);
    expect(make()).toMatchObject({ failure: { kind: 'throttled' } });
    clock.advance(1);
    expect(make(throttled(0))).toEqual(throttled(0));
    expect(make()).toEqual(ok(1));
  });

  it('is left alone for the longest of the times that it named, in whatever order they came', async () => {
    const { clock, layer, asking, make, limits } = rig();
    const below = new Below();
    const pending = [1, 2, 3].map(() => layer(callOf(shop.getCart, { name: 'a' }, asking()), below.next));
    [3, 9, 5].forEach((seconds, at) => below.lands(throttled(seconds), at));
    await all(pending);
    clock.advance(8999);
    expect(make()).toMatchObject({ failure: { kind: 'throttled' } });
    clock.advance(1);
    expect([make(), limits.state('shop', off).heldMs]).toEqual([ok(1), 0]);
  });

  it('spends nothing of its limit meanwhile', () => {
    const { make, limits } = rig(ten);
    make(throttled(7));
    for (let n = 0; n < 10; n++) make();
    expect(limits.state('shop', ten)).toMatchObject({ remaining: 2 });
  });

  it('is the one that answered so: a failure of another kind holds nothing back', () => {
    const { make } = rig();
    for (const kind of ['busy', 'error', 'timeout', 'declared'] as const) make(fails(kind));
    expect(make()).toEqual(ok(1));
  });
});
