import { describe, expect, it } from '@jest/globals';
import { budget } from '../../../src/upstream/budget.js';
import { Below, answering, callOf, ok, request, shop, throwing } from './calls.js';

const cart = (by = request()) => callOf(shop.getCart, { name: 'a' }, by);

describe('budget', () => {
  it('lets as many calls of one request pass as it may make, and no more', () => {
    const below = new Below();
    const by = request({ limit: 3 });
    const outcomes = Array.from({ length: 5 }, () => budget()(cart(by), below.next));
    expect(below.calls).toHaveLength(3);
    expect(by.budget.spent).toBe(3);
    expect(outcomes.slice(0, 3)).toEqual([expect.any(Promise), expect.any(Promise), expect.any(Promise)]);
    for (const refused of outcomes.slice(3))
      expect(refused).toMatchObject({
        ok: false,
        failure: {
          kind: 'budget',
          product: 'shop',
          operation: 'getCart',
          message: 'the request has made the 3 product calls that it may make',
        },
      });
  });

  it('counts each request for itself', () => {
    const below = new Below();
    const layer = budget();
    void layer(cart(request({ limit: 1 })), below.next);
    void layer(cart(request({ limit: 1 })), below.next);
    expect(below.calls).toHaveLength(2);
  });

  it('passes on what came at once as it is, and a bug untouched', () => {
    const outcome = ok('cart');
    expect(
      budget()(
        cart(),
        answering(() => outcome),
      ),
    ).toBe(outcome);
    const bug = new Error('a mistake');
    expect(() => budget()(cart(), throwing(bug))).toThrow(bug);
  });
});
