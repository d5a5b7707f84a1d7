import { describe, expect, it } from '@jest/globals';
import type { Failure } from '#contracts/kernel/index.js';
import { observe } from '../../../src/upstream/observe.js';
import { Below, all, answering, callOf, fails, ok, request, shop, throwing } from './calls.js';

function observed() {
  const told: (readonly [string, string, Failure['kind'] | undefined])[] = [];
  return { told, layer: observe({ part: (endpoint, reader, failure) => told.push([endpoint.id, reader, failure?.kind]) }) };
}

describe('observe', () => {
  it('tells what came at once, and adds no promise', () => {
    const { told, layer } = observed();
    const outcome = ok(1);
    expect(
      layer(
        callOf(shop.getCart, { name: 'a' }),
        answering(() => outcome),
      ),
    ).toBe(outcome);
    expect(
      layer(
        callOf(shop.getRate, { name: 'a' }),
        answering(() => fails('budget')),
      ),
    ).toEqual(fails('budget'));
    expect(told).toEqual([
      ['shop.v1.getCart', 'GET /v1/test', undefined],
      ['shop.v1.getRate', 'GET /v1/test', 'budget'],
    ]);
  });

  it('tells what came later, once it has come', async () => {
    const { told, layer } = observed();
    const below = new Below();
    const outcomes = [layer(callOf(shop.getCart, { name: 'a' }), below.next), layer(callOf(shop.getRate, { name: 'a' }), below.next)];
    expect(told).toEqual([]);
    below.lands(fails('timeout'), 1);
    below.lands(ok('cart'), 0);
    expect(await all(outcomes)).toEqual([ok('cart'), fails('timeout')]);
    expect(told).toEqual([
      ['shop.v1.getRate', 'GET /v1/test', 'timeout'],
      ['shop.v1.getCart', 'GET /v1/test', undefined],
    ]);
  });

  it('lets a bug through untouched and tells of no outcome', async () => {
    const { told, layer } = observed();
    const bug = new Error('a mistake');
    const below = new Below();
    expect(() => layer(callOf(shop.getCart, { name: 'a' }, request()), throwing(bug))).toThrow(bug);
    const outcome = layer(callOf(shop.getCart, { name: 'a' }), below.next);
    below.crashes(bug);
    await expect(outcome).rejects.toBe(bug);
    expect(told).toEqual([]);
  });
});
