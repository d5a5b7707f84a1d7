import { describe, expect, it } from '@jest/globals';
import type { BulkheadPolicy } from '../../../src/policy/snapshot.js';
import { failed } from '../../../src/upstream/answer.js';
import { Bulkheads, bulkhead } from '../../../src/upstream/bulkhead.js';
import { failureOf } from '../../../src/upstream/endpoint.js';
import { calmOperation } from '../../calm-policy.js';
import { handClock } from '../../hand-clock.js';
import { Below, all, answering, callOf, drained, endpointOf, fails, hasSettled, ok, request, shop, throwing } from './calls.js';
import { depotCall } from './depot.js';

const terms: BulkheadPolicy = { concurrent: 2, queue: 2, waitMs: 100 };

const asking = (more: Partial<BulkheadPolicy> = {}) =>
  request({ policy: { product: { ...calmOperation(1).product, bulkhead: { ...terms, ...more } } } });

function rig() {
  const clock = handClock();
  const bulkheads = new Bulkheads(clock);
  const layer = bulkhead(bulkheads);
  const below = new Below();
  const make = (by = asking()) => layer(callOf(shop.getCart, { name: 'a' }, by), below.next);
  return { clock, bulkheads, layer, below, make, state: () => bulkheads.state()[0] };
}
const busy = failed(failureOf(endpointOf(shop.getCart), 'busy', 'as many calls to shop are in flight as may be', { retryAfter: 1 }));

describe('calls to one product', () => {
  it('are in flight up to its cap, wait up to its queue, and fail at once beyond', async () => {
    const { below, make, state } = rig();
    const outcomes = Array.from({ length: 5 }, () => make());
    expect(below.calls).toHaveLength(2);
    expect(outcomes[4]).toEqual(busy);
    expect(await Promise.all(outcomes.slice(0, 4).map(hasSettled))).toEqual([false, false, false, false]);
    expect(state()).toEqual({ product: 'shop', inFlight: 2, waiting: 2 });
  });

  it('share one bulkhead, whatever the operation', () => {
    const { layer, below } = rig();
    for (const operation of [shop.getCart, shop.getRate, shop.getTerms]) void layer(callOf(operation, { name: 'a' }, asking()), below.next);
    expect(below.calls).toHaveLength(2);
  });

  it('leave those to another product alone', () => {
    const { layer, below, make } = rig();
    for (let n = 0; n < 5; n++) void make();
    void layer(depotCall(asking()), below.next);
    expect(below.calls.map(({ endpoint }) => endpoint.operation.product)).toEqual(['shop', 'shop', 'depot']);
  });

  it('get the places of those that ended, first come, first served', async () => {
    const { layer, below } = rig();
    const outcomes = ['a', 'b', 'c', 'd'].map((name) => layer(callOf(shop.getCart, { name }, asking()), below.next));
    below.lands(fails('error'), 1);
    await drained();
    expect(below.calls.map(({ input }) => input['name'])).toEqual(['a', 'b', 'c']);
    below.lands(ok('c'), 2);
    await drained();
    expect(below.calls.map(({ input }) => input['name'])).toEqual(['a', 'b', 'c', 'd']);
    for (const [at, value] of [
      [0, 'a'],
      [3, 'd'],
    ] as const)
      below.lands(ok(value), at);
    expect(await all(outcomes)).toEqual([ok('a'), fails('error'), ok('c'), ok('d')]);
  });

  it('pass on what came at once as it is, and hold no place', () => {
    const { layer, state } = rig();
    const outcome = ok('cart');
    for (let n = 0; n < 5; n++)
      expect(
        layer(
          callOf(shop.getCart, { name: 'a' }, asking()),
          answering(() => outcome),
        ),
      ).toBe(outcome);
    expect(state()).toMatchObject({ inFlight: 0 });
  });

  it('give their place back where a bug ends them, now, later, or after a wait', async () => {
    const { layer, below, make, state } = rig();
    const bug = new Error('a mistake');
    const call = () => callOf(shop.getCart, { name: 'a' }, asking());
    expect(() => layer(call(), throwing(bug))).toThrow(bug);
    const flying = [make(), make()];
    const waiting = layer(call(), throwing(bug));
    below.crashes(bug, 0);
    await expect(flying[0]).rejects.toBe(bug);
    await expect(waiting).rejects.toBe(bug);
    below.lands(ok(1), 1);
    await flying[1];
    expect(state()).toMatchObject({ inFlight: 0, waiting: 0 });
  });

  it('that answer at once after a wait let all others through, however many wait', async () => {
    const { layer, below, make, state } = rig();
    const deep = asking({ queue: 5000 });
    const flying = [make(deep), make(deep)];
    const waiting = Array.from({ length: 5000 }, (_, n) =>
      layer(
        callOf(shop.getCart, { name: 'a' }, deep),
        answering(() => ok(n)),
      ),
    );
    below.lands(ok('first'), 0);
    expect(await all(waiting)).toEqual(Array.from({ length: 5000 }, (_, n) => ok(n)));
    below.lands(ok('second'), 1);
    await all(flying);
    expect(state()).toMatchObject({ inFlight: 0, waiting: 0 });
  });
});

describe('a call that waits', () => {
  it('is refused when it has waited long enough, not a millisecond sooner, and calls nobody', async () => {
    const { clock, below, make, state } = rig();
    const [first, , third] = [make(), make(), make()];
    clock.advance(99);
    expect(await hasSettled(third)).toBe(false);
    clock.advance(1);
    expect(await third).toEqual(busy);
    expect(state()).toMatchObject({ inFlight: 2, waiting: 0 });
    below.lands(ok(1), 0);
    await first;
    expect([below.calls.length, clock.pending]).toEqual([2, 0]);
  });

  it.each(['cancelled', 'timeout'] as const)('leaves at once when nobody waits for it any more: %s', async (kind) => {
    const { clock, below, make, state } = rig();
    const by = asking();
    const [first, , third, fourth] = [make(), make(), make(by), make()];
    by.cancellation.cancel(kind);
    expect(await third).toMatchObject({ ok: false, failure: { kind } });
    expect(state()).toMatchObject({ inFlight: 2, waiting: 1 });
    expect(clock.pending).toBe(1);
    below.lands(ok(1), 0);
    await first;
    expect(await hasSettled(fourth)).toBe(false);
    expect(below.calls).toHaveLength(3);
  });

  it('was given up before it came: it takes no place in the queue', async () => {
    const { clock, make, state } = rig();
    const by = asking();
    by.cancellation.cancel('cancelled');
    void make();
    void make();
    expect(await make(by)).toMatchObject({ failure: { kind: 'cancelled' } });
    expect([state(), clock.pending]).toEqual([{ product: 'shop', inFlight: 2, waiting: 0 }, 0]);
  });

  it('takes its timer back and stops listening once it has a place', async () => {
    const { clock, below, make } = rig();
    const by = asking();
    void make();
    void make();
    const third = make(by);
    expect([clock.pending, by.cancellation.listeners.size]).toEqual([1, 1]);
    below.lands(ok(1), 0);
    await drained();
    expect([clock.pending, by.cancellation.listeners.size]).toEqual([0, 0]);
    below.lands(ok(3), 2);
    expect(await third).toEqual(ok(3));
  });
});

describe('a cap that changes', () => {
  it('lets those that wait in first when it grows', async () => {
    const { layer, below } = rig();
    const call = (name: string, by = asking()) => void layer(callOf(shop.getCart, { name }, by), below.next);
    for (const name of ['a', 'b', 'c', 'd']) call(name);
    call('e', asking({ concurrent: 4 }));
    await drained();
    expect(below.calls.map(({ input }) => input['name'])).toEqual(['a', 'b', 'c', 'd']);
    below.lands(ok('a'), 0);
    await drained();
    expect(below.calls.map(({ input }) => input['name'])).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  it('lets nobody in before it is reached from above when it shrinks', async () => {
    const { below, make } = rig();
    const four = [1, 2, 3, 4].map(() => make(asking({ concurrent: 4 })));
    const later = make(asking({ concurrent: 1 }));
    for (const at of [0, 1, 2]) {
      below.lands(ok(at), at);
      await four[at];
      expect(await hasSettled(later)).toBe(false);
      expect(below.calls).toHaveLength(4);
    }
    below.lands(ok(3), 3);
    await drained();
    expect(below.calls).toHaveLength(5);
  });

  it('is that of the newest request: an older one that calls late does not bring the old cap back', () => {
    const { below, make } = rig();
    const old = asking({ concurrent: 5 });
    void make(asking({ concurrent: 1, queue: 0 }));
    expect(make(old)).toEqual(busy);
    expect(below.calls).toHaveLength(1);
  });
});
