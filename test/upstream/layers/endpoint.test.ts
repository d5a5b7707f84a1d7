import { expect, it } from '@jest/globals';
import { endpoints, failureOf } from '../../../src/upstream/endpoint.js';
import { Target } from '../../../src/upstream/target.js';
import { endpointOf, shop } from './calls.js';

it('is made once for each operation, with its place in the policy, its target and the batch that stands for it', () => {
  const asked: string[] = [];
  const target = new Target({ urls: [], credential: undefined, connections: 1, connectTimeoutMs: 1, maxAnswerBytes: 1 });
  const operations = [shop.getItem, shop.getCart, shop.listItems];
  const made = endpoints(operations, (product, version) => {
    asked.push(`${product} v${version}`);
    return target;
  });
  expect([...made.values()].map(({ id, index, operation }) => [id, index, operation.name])).toEqual(
    expect.arrayContaining([
      ['shop.v1.getItem', 0, 'getItem'],
      ['shop.v1.getCart', 1, 'getCart'],
      ['shop.v1.listItems', 2, 'listItems'],
    ]),
  );
  expect(made.size).toBe(3);
  expect(asked).toEqual(['shop v1', 'shop v1', 'shop v1']);
  expect(made.get(shop.getItem)?.batch?.endpoint).toBe(made.get(shop.listItems));
  expect(made.get(shop.getItem)?.batch?.terms).toBe(shop.listItems.batches);
  expect([made.get(shop.getCart)?.batch, made.get(shop.listItems)?.batch]).toEqual([undefined, undefined]);
});

it('has no batch where the batch operation is not among the contracts', () => {
  const target = new Target({ urls: [], credential: undefined, connections: 1, connectTimeoutMs: 1, maxAnswerBytes: 1 });
  expect(endpoints([shop.getItem], () => target).get(shop.getItem)?.batch).toBeUndefined();
});

it('names itself in its failures', () => {
  expect(failureOf(endpointOf(shop.getItem), 'busy', 'later', { retryAfter: 2 })).toEqual({
    kind: 'busy',
    product: 'shop',
    version: 1,
    operation: 'getItem',
    message: 'later',
    retryAfter: 2,
  });
});
