import { describe, expect, it } from '@jest/globals';
import type { StopReason } from '../../../src/upstream/cancellation.js';
import { Attempt, deadline } from '../../../src/upstream/deadline.js';
import { handClock } from '../../hand-clock.js';
import { Below, DEADLINE_MS, answering, callOf, ok, request, shop, throwing } from './calls.js';

function started(operation: typeof shop.getCart | typeof shop.placeOrder, input: Readonly<Record<string, unknown>>) {
  const clock = handClock();
  const below = new Below();
  const by = request();
  const outcome = deadline(clock)(callOf(operation, input, by), below.next);
  const attempt = below.calls[0]?.cancellation;
  if (!(attempt instanceof Attempt)) throw new TypeError('expected the call to go on under an attempt of its own');
  return { clock, below, by, outcome, attempt };
}
const read = () => started(shop.getCart, { name: 'a' });
const write = () => started(shop.placeOrder, { id: 'o-1' });

describe('deadline', () => {
  it('stops an attempt when its total time is over, not a millisecond sooner', () => {
    const { clock, attempt } = read();
    clock.advance(DEADLINE_MS - 1);
    expect(attempt.reason).toBeUndefined();
    clock.advance(1);
    expect(attempt.reason).toBe('timeout' satisfies StopReason);
  });

  it('gives up a read when nobody waits any more, whether it was sent or not', () => {
    const [unsent, sent] = [read(), read()];
    sent.attempt.sent = true;
    for (const { by, attempt } of [unsent, sent]) {
      by.cancellation.cancel('timeout');
      expect(attempt.reason).toBe('cancelled' satisfies StopReason);
    }
  });

  it('gives up a write that was not sent, and lets one that was sent run to its deadline', () => {
    const [unsent, sent] = [write(), write()];
    sent.attempt.sent = true;
    for (const { by } of [unsent, sent]) by.cancellation.cancel('cancelled');
    expect(unsent.attempt.reason).toBe('cancelled');
    sent.clock.advance(DEADLINE_MS - 1);
    expect(sent.attempt.reason).toBeUndefined();
    sent.clock.advance(1);
    expect(sent.attempt.reason).toBe('timeout');
  });

  it.each([
    ['lands', (below: Below) => below.lands(ok('cart'))],
    ['crashes', (below: Below) => below.crashes(new Error('a mistake'))],
  ])('takes its timer back and stops listening when a call %s', async (_, ends) => {
    const { clock, below, by, outcome } = read();
    expect([clock.pending, by.cancellation.listeners.size]).toEqual([1, 1]);
    ends(below);
    await Promise.allSettled([outcome]);
    expect([clock.pending, by.cancellation.listeners.size]).toEqual([0, 0]);
  });

  it('passes on what came at once as it is, and leaves no timer behind', () => {
    const clock = handClock();
    const by = request();
    const outcome = ok('cart');
    expect(
      deadline(clock)(
        callOf(shop.getCart, { name: 'a' }, by),
        answering(() => outcome),
      ),
    ).toBe(outcome);
    expect([clock.pending, by.cancellation.listeners.size]).toEqual([0, 0]);
  });

  it('lets a bug through untouched, and leaves no timer behind', async () => {
    const clock = handClock();
    const by = request();
    const bug = new Error('a mistake');
    expect(() => deadline(clock)(callOf(shop.getCart, { name: 'a' }, by), throwing(bug))).toThrow(bug);
    expect([clock.pending, by.cancellation.listeners.size]).toEqual([0, 0]);
    const { below, outcome } = read();
    below.crashes(bug);
    await expect(outcome).rejects.toBe(bug);
  });

  it('stops at once what is begun when nobody waits', () => {
    const clock = handClock();
    const below = new Below();
    const by = request();
    by.cancellation.cancel('cancelled');
    void deadline(clock)(callOf(shop.getCart, { name: 'a' }, by), below.next);
    expect(below.calls[0]?.cancellation.reason).toBe('cancelled');
  });
});
