import { describe, expect, it } from '@jest/globals';
import type { Scope } from '../../../src/upstream/call.js';
import { coalesce } from '../../../src/upstream/coalesce.js';
import { Below, all, answering, callOf, drained, fails, hasSettled, ok, request, shop, throwing } from './calls.js';

const rate = (by: Scope = request(), name = 'eur') => callOf(shop.getRate, { name }, by);

describe('coalesce', () => {
  it('makes equal calls that meet once, and gives each the answer', async () => {
    const below = new Below();
    const layer = coalesce();
    const outcomes = [layer(rate(), below.next), layer(rate(), below.next), layer(rate(), below.next)];
    expect(below.calls).toHaveLength(1);
    below.lands(ok(1.08));
    expect(await all(outcomes)).toEqual([ok(1.08), ok(1.08), ok(1.08)]);
  });

  it('gives everybody the failure of their one call', async () => {
    const below = new Below();
    const layer = coalesce();
    const outcomes = [layer(rate(), below.next), layer(rate(), below.next)];
    below.lands(fails('unreachable'));
    expect(await all(outcomes)).toEqual([fails('unreachable'), fails('unreachable')]);
    expect(below.calls).toHaveLength(1);
  });

  it('keeps nothing once a flight has landed', async () => {
    const below = new Below();
    const layer = coalesce();
    for (let i = 0; i < 3; i++) {
      const outcome = layer(rate(), below.next);
      below.lands(ok(i), i);
      expect(await outcome).toEqual(ok(i));
    }
    expect(below.calls).toHaveLength(3);
  });

  it('passes on what came at once as it is, and shares no such call', () => {
    const layer = coalesce();
    let calls = 0;
    const next = answering(() => ok(++calls));
    expect([layer(rate(), next), layer(rate(), next)]).toEqual([ok(1), ok(2)]);
  });

  it('never shares what may not be repeated', () => {
    const below = new Below();
    const layer = coalesce();
    const by = request();
    void layer(callOf(shop.placeOrder, { id: 'o-1' }, by), below.next);
    void layer(callOf(shop.placeOrder, { id: 'o-1' }, by), below.next);
    expect(below.calls).toHaveLength(2);
  });

  it.each([
    ['another operation', callOf(shop.getRate, { name: 'eur' }), callOf(shop.getTerms, { name: 'eur' }, request({ consumer: 'web' }))],
    ['another path', callOf(shop.getRate, { name: 'eur' }), callOf(shop.getRate, { name: 'sek' })],
    [
      'another body',
      callOf(shop.find, { text: 'a' }, request({ user: 'u-1' })),
      callOf(shop.find, { text: 'b' }, request({ user: 'u-1' })),
    ],
    [
      'another header',
      callOf(shop.find, { text: 'a', language: 'de' }, request({ user: 'u-1' })),
      callOf(shop.find, { text: 'a', language: 'fr' }, request({ user: 'u-1' })),
    ],
    [
      'a header that the other has not',
      callOf(shop.find, { text: 'a' }, request({ user: 'u-1' })),
      callOf(shop.find, { text: 'a', language: 'fr' }, request({ user: 'u-1' })),
    ],
    ['another policy', callOf(shop.getRate, { name: 'eur' }), callOf(shop.getRate, { name: 'eur' }, request({ revision: '2' }))],
  ])('does not share a call with %s', (_, one, other) => {
    const below = new Below();
    const layer = coalesce();
    void layer(one, below.next);
    void layer(other, below.next);
    expect(below.calls).toHaveLength(2);
  });
});

describe('who waits for a flight', () => {
  it('stays when the one who began it leaves', async () => {
    const below = new Below();
    const layer = coalesce();
    const [leader, follower] = [request(), request()];
    const outcomes = [layer(rate(leader), below.next), layer(rate(follower), below.next)];
    leader.cancellation.cancel('cancelled');
    expect(await outcomes[0]).toMatchObject({ ok: false, failure: { kind: 'cancelled', message: 'the request was given up' } });
    expect(below.calls[0]?.cancellation.reason).toBeUndefined();
    below.lands(ok(1.08));
    expect(await outcomes[1]).toEqual(ok(1.08));
  });

  it('leaves at its own deadline, alone', async () => {
    const below = new Below();
    const layer = coalesce();
    const [leader, follower] = [request(), request()];
    const outcomes = [layer(rate(leader), below.next), layer(rate(follower), below.next)];
    follower.cancellation.cancel('timeout');
    expect(await outcomes[1]).toMatchObject({ ok: false, failure: { kind: 'timeout', message: 'the request ran out of time' } });
    expect(await hasSettled(outcomes[0])).toBe(false);
    below.lands(ok(1.08));
    expect(await outcomes[0]).toEqual(ok(1.08));
  });

  it('stops the flight when it is the last to leave', async () => {
    const below = new Below();
    const layer = coalesce();
    const waiters = [request(), request(), request()];
    const outcomes = waiters.map((waiter) => layer(rate(waiter), below.next));
    waiters.forEach((waiter, i) => {
      expect(below.calls[0]?.cancellation.reason).toBeUndefined();
      waiter.cancellation.cancel(i === 1 ? 'timeout' : 'cancelled');
    });
    expect(below.calls[0]?.cancellation.reason).toBe('cancelled');
    expect((await all(outcomes)).map((outcome) => !outcome.ok && outcome.failure.kind)).toEqual(['cancelled', 'timeout', 'cancelled']);
  });

  it('is not counted twice when it lands first and its request ends later', async () => {
    const below = new Below();
    const layer = coalesce();
    const waiter = request();
    const outcome = layer(rate(waiter), below.next);
    below.lands(ok(1.08));
    await outcome;
    expect(waiter.cancellation.listeners.size).toBe(0);
    waiter.cancellation.cancel('cancelled');
    expect(below.calls[0]?.cancellation.reason).toBeUndefined();
  });

  it('never boards a flight that was given up', async () => {
    const below = new Below();
    const layer = coalesce();
    const first = request();
    const left = layer(rate(first), below.next);
    first.cancellation.cancel('cancelled');
    const outcome = layer(rate(), below.next);
    expect(below.calls).toHaveLength(2);
    below.lands(fails('cancelled'));
    await left;
    const joined = layer(rate(), below.next); // the old flight's end does not take the new one away
    expect(below.calls).toHaveLength(2);
    below.lands(ok(1.08), 1);
    expect(await all([outcome, joined])).toEqual([ok(1.08), ok(1.08)]);
  });

  it('is told at once where its request is over already, and the flight is stopped', async () => {
    const below = new Below();
    const by = request();
    by.cancellation.cancel('timeout');
    const outcome = coalesce()(rate(by), below.next);
    expect(below.calls[0]?.cancellation.reason).toBe('cancelled');
    expect(await outcome).toMatchObject({ ok: false, failure: { kind: 'timeout' } });
  });

  it('leaves a write to run on by itself', async () => {
    const below = new Below();
    const by = request();
    const outcome = coalesce()(callOf(shop.placeOrder, { id: 'o-1' }, by), below.next);
    by.cancellation.cancel('cancelled');
    expect(await outcome).toMatchObject({ ok: false, failure: { kind: 'cancelled' } });
    expect(below.calls[0]?.cancellation).not.toBe(by.cancellation);
  });
});

describe('a failure that is the leader`s own', () => {
  it.each(['budget', 'cancelled'] as const)('is not handed to a follower: %s', async (kind) => {
    const below = new Below();
    const layer = coalesce();
    const outcomes = [layer(rate(), below.next), layer(rate(), below.next), layer(rate(), below.next)];
    below.lands(fails(kind));
    await drained();
    expect(below.calls).toHaveLength(2); // the followers fly again, together
    below.lands(ok(1.08), 1);
    expect(await all(outcomes)).toEqual([fails(kind), ok(1.08), ok(1.08)]);
  });

  it('is each one`s own where all of them have it', async () => {
    const below = new Below();
    const layer = coalesce();
    const outcomes = [layer(rate(), below.next), layer(rate(), below.next), layer(rate(), below.next)];
    for (let i = 0; i < 3; i++) {
      below.lands(fails('budget'), i);
      await drained();
    }
    expect(await all(outcomes)).toEqual([fails('budget'), fails('budget'), fails('budget')]);
    expect(below.calls).toHaveLength(3);
  });

  it('brings nobody back who has left', async () => {
    const below = new Below();
    const layer = coalesce();
    const follower = request();
    const outcomes = [layer(rate(), below.next), layer(rate(follower), below.next)];
    follower.cancellation.cancel('timeout');
    below.lands(fails('budget'));
    expect(await all(outcomes)).toMatchObject([{ failure: { kind: 'budget' } }, { failure: { kind: 'timeout' } }]);
    await drained();
    expect(below.calls).toHaveLength(1);
  });

  it('still lets a follower leave at its own deadline on the second flight', async () => {
    const below = new Below();
    const layer = coalesce();
    const follower = request();
    void layer(rate(), below.next);
    const outcome = layer(rate(follower), below.next);
    below.lands(fails('budget'));
    await drained();
    follower.cancellation.cancel('timeout');
    expect(await outcome).toMatchObject({ failure: { kind: 'timeout' } });
    expect(below.calls[1]?.cancellation.reason).toBe('cancelled');
  });
});

describe('a bug below coalesce', () => {
  it('passes through when it is thrown, and leaves no flight behind', async () => {
    const layer = coalesce();
    const bug = new Error('a mistake');
    expect(() => layer(rate(), throwing(bug))).toThrow(bug);
    expect(
      layer(
        rate(),
        answering(() => ok(1)),
      ),
    ).toEqual(ok(1));
  });

  it('is everybody`s who waits, and leaves neither a flight nor a listener behind', async () => {
    const below = new Below();
    const layer = coalesce();
    const waiters = [request(), request()];
    const outcomes = waiters.map((waiter) => layer(rate(waiter), below.next));
    const bug = new Error('a mistake');
    below.crashes(bug);
    expect(await Promise.allSettled(outcomes.map((outcome) => Promise.resolve(outcome)))).toEqual([
      { status: 'rejected', reason: bug },
      { status: 'rejected', reason: bug },
    ]);
    expect(waiters.map(({ cancellation }) => cancellation.listeners.size)).toEqual([0, 0]);
    void layer(rate(), below.next);
    expect(below.calls).toHaveLength(2);
  });

  it.each(['before it began', 'meanwhile'])('is nobody`s where all have left %s: no rejection is left without a handler', async (when) => {
    const unhandled: unknown[] = [];
    const note = (reason: unknown): unknown => unhandled.push(reason);
    process.on('unhandledRejection', note);
    try {
      const below = new Below();
      const by = request();
      if (when === 'before it began') by.cancellation.cancel('cancelled');
      const outcome = coalesce()(rate(by), below.next);
      by.cancellation.cancel('cancelled');
      below.crashes(new Error('a mistake'));
      expect(await outcome).toMatchObject({ failure: { kind: 'cancelled' } });
      await drained();
      expect(unhandled).toEqual([]);
    } finally {
      process.off('unhandledRejection', note);
    }
  });
});
