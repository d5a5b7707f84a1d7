import { describe, expect, it } from '@jest/globals';
import { meter } from '../../../src/upstream/meter.js';
import { handClock } from '../../hand-clock.js';
import { Below, all, answering, callOf, fails, ok, shop, throwing } from './calls.js';

function metered() {
  const told: (readonly unknown[])[] = [];
  const clock = handClock();
  const layer = meter(
    {
      begins: (endpoint) => told.push(['begins', endpoint.id]),
      ends: (endpoint, ms, failure) => told.push(['ends', endpoint.id, ms, failure?.kind]),
    },
    clock,
  );
  return { told, clock, layer };
}
const cart = () => callOf(shop.getCart, { name: 'a' });

describe('meter', () => {
  it('counts what comes at once, and adds no promise', () => {
    const { told, layer } = metered();
    const outcome = fails('budget');
    expect(
      layer(
        cart(),
        answering(() => outcome),
      ),
    ).toBe(outcome);
    expect(told).toEqual([
      ['begins', 'shop.v1.getCart'],
      ['ends', 'shop.v1.getCart', 0, 'budget'],
    ]);
  });

  it('times what comes later', async () => {
    const { told, clock, layer } = metered();
    const below = new Below();
    const outcomes = [layer(cart(), below.next), layer(cart(), below.next)];
    clock.advance(30);
    below.lands(ok('cart'), 1);
    await outcomes[1];
    clock.advance(12);
    below.lands(fails('timeout'), 0);
    expect(await all(outcomes)).toEqual([fails('timeout'), ok('cart')]);
    expect(told.slice(2)).toEqual([
      ['ends', 'shop.v1.getCart', 30, undefined],
      ['ends', 'shop.v1.getCart', 42, 'timeout'],
    ]);
  });

  it('lets a bug through untouched, and still says that the call has ended', async () => {
    const { told, clock, layer } = metered();
    const below = new Below();
    const bug = new Error('a mistake');
    expect(() => layer(cart(), throwing(bug))).toThrow(bug);
    const outcome = layer(cart(), below.next);
    clock.advance(5);
    below.crashes(bug);
    await expect(outcome).rejects.toBe(bug);
    expect(told).toEqual([
      ['begins', 'shop.v1.getCart'],
      ['ends', 'shop.v1.getCart', 0, undefined],
      ['begins', 'shop.v1.getCart'],
      ['ends', 'shop.v1.getCart', 5, undefined],
    ]);
  });
});
