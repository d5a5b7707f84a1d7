import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import type { AnyOperation } from '#contracts/kernel/index.js';
import type { Call, Identity } from '../../../src/upstream/call.js';
import { coalesce } from '../../../src/upstream/coalesce.js';
import { Below, all, callOf, ok, request, shop } from './calls.js';

const operations: Readonly<Record<string, AnyOperation>> = { public: shop.getRate, consumer: shop.getTerms, user: shop.getCart };

describe.each([
  // whose answer, two who ask, whether they may share
  ['public', {}, {}, true],
  ['public', { user: 'u-1', consumer: 'web' }, { user: 'u-2', consumer: 'app' }, true],
  ['consumer', { consumer: 'web', user: 'u-1' }, { consumer: 'web', user: 'u-2' }, true],
  ['consumer', { consumer: 'web' }, { consumer: 'app' }, false],
  ['consumer', {}, {}, false],
  ['consumer', { user: 'u-1' }, { user: 'u-1' }, false],
  ['user', { user: 'u-1', consumer: 'web' }, { user: 'u-1', consumer: 'web' }, true],
  ['user', { user: 'u-1' }, { user: 'u-1' }, true],
  ['user', { user: 'u-1', consumer: 'web' }, { user: 'u-1', consumer: 'app' }, false],
  ['user', { user: 'u-1' }, { user: 'u-2' }, false],
  ['user', { user: 'ab', consumer: 'c' }, { user: 'a', consumer: 'bc' }, false],
  ['user', { user: 'a', consumer: 'b' }, { user: 'ab' }, false],
  ['user', { consumer: 'web' }, { consumer: 'web' }, false],
  ['user', {}, {}, false],
] satisfies [string, Partial<Identity>, Partial<Identity>, boolean][])('an answer that depends on %s', (dependsOn, one, other, shared) => {
  const operation = operations[dependsOn] ?? shop.getCart;

  it(`is ${shared ? '' : 'never '}shared between ${JSON.stringify(one)} and ${JSON.stringify(other)}`, () => {
    const below = new Below();
    const layer = coalesce();
    for (const identity of [one, other])
      void layer(callOf(operation, { name: 'a' }, request({ ...identity, requestId: 'the-same' })), below.next);
    expect(below.calls).toHaveLength(shared ? 1 : 2);
  });

  it(`is shared by the calls of one request of ${JSON.stringify(one)}`, () => {
    const below = new Below();
    const layer = coalesce();
    const by = request(one);
    for (let i = 0; i < 2; i++) void layer(callOf(operation, { name: 'a' }, by), below.next);
    expect(below.calls).toHaveLength(1);
  });
});

/** What a product that answers each by who asks would say. */
function echo({ endpoint: { operation }, scope: { identity, serial }, input }: Call): string {
  const { consumer, user } = identity;
  const whose = { public: 'all', consumer: [consumer ?? serial], user: [user ?? serial, consumer] }[operation.dependsOn];
  return JSON.stringify([operation.name, input, whose]);
}

// Texts that would melt into each other, were they only joined.
const text = fc.constantFrom('a', 'b', 'ab', 'a:b', '1:a', 'user', '1');
const name = fc.constantFrom('a', 'b', 'a:b', '1:a', 'user');
const caller = fc.record({ user: fc.option(text, { nil: undefined }), consumer: fc.option(text, { nil: undefined }) });
const asked = fc.record({ by: fc.nat(4), dependsOn: fc.constantFrom('public', 'consumer', 'user'), name });

it('never gives anybody another one`s answer, whoever asks for what', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(caller, { minLength: 5, maxLength: 5 }),
      fc.array(asked, { minLength: 2, maxLength: 20 }),
      async (callers, asks) => {
        const requests = callers.map((who) => request({ ...who, requestId: 'the-same' }));
        const below = new Below();
        const layer = coalesce();
        const calls = asks.map((ask) => callOf(operations[ask.dependsOn] ?? shop.getCart, { name: ask.name }, requests[ask.by]));
        const outcomes = calls.map((call) => layer(call, below.next));
        below.calls.forEach((call, i) => below.lands(ok(echo(call)), i));
        expect(await all(outcomes)).toEqual(calls.map((call) => ok(echo(call))));
        expect(below.calls).toHaveLength(new Set(calls.map(echo)).size);
      },
    ),
    { numRuns: 300 },
  );
});
