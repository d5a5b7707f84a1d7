import { expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import type { AnyOperation } from '#contracts/kernel/index.js';
import { answered, failed } from '../../src/upstream/answer.js';
import type { Call, Identity } from '../../src/upstream/call.js';
import { failureOf } from '../../src/upstream/endpoint.js';
import { drained } from '../upstream/layers/calls.js';
import { Shelves, callOf, library } from './shelves.js';

const operations: readonly (readonly [AnyOperation, object])[] = [
  [library.getBook, { id: 'b-1' }],
  [library.getBook, { id: 'b-2', language: 'de' }],
  [library.getIndex, { words: 1 }],
  [library.getPrices, {}],
  [library.getLoans, {}],
  [library.search, { text: 'a' }],
];

/** Whose answer a call's is, by its contract: what a product that echoes its caller would say. */
function echo({ endpoint: { operation }, input, scope: { identity, serial } }: Call): string {
  const { consumer, user } = identity;
  const whose = { public: 'all', consumer: consumer ?? `#${serial}`, user: user === undefined ? `#${serial}` : [user, consumer] };
  return JSON.stringify([operation.name, input, whose[operation.dependsOn]]);
}

/** What only this one may see: said where the product says that it is for one alone. */
const personal = ({ scope: { identity, serial } }: Call): string => JSON.stringify([identity.user ?? `#${serial}`, identity.consumer]);

const HEADERS = [
  {},
  {},
  { 'cache-control': 'max-age=2' },
  { etag: '"1"' },
  { 'cache-control': 'no-cache', etag: '"1"' },
  { 'cache-control': 'private' },
  { 'cache-control': 'no-store' },
  { 'set-cookie': 'a=b' },
];

// Texts that would melt into each other, were they only joined.
const name = fc.option(fc.constantFrom('a', 'b', 'ab', 'a:b', '1:a', ''), { nil: undefined });
const spans = fc.record({
  freshMs: fc.constantFrom(0, 1_000, 5_000),
  staleMs: fc.constantFrom(0, 2_000),
  staleIfErrorMs: fc.constantFrom(0, 10_000),
  absentMs: fc.constantFrom(0, 1_000),
});
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('ask' as const), who: fc.nat(5), what: fc.nat(operations.length - 1) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('land' as const), at: fc.nat(20), how: fc.nat(HEADERS.length + 2) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('leave' as const), at: fc.nat(20) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(1, 999, 2_000, 6_000) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('purge' as const),
      label: fc.constantFrom('tag:book:b-1', 'product:library', 'route:GET /v1/test'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('turn' as const), spans }) },
);
const caller: fc.Arbitrary<Identity> = fc.record({ user: name, consumer: name });

it('nobody is ever given what is another one`s, whatever users, operations, spans, aborts and purges come', async () => {
  let all = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(caller, { minLength: 6, maxLength: 6 }),
      fc.array(step, { minLength: 40, maxLength: 80 }),
      async (callers, steps) => {
        const shelves = new Shelves();
        const answers: (readonly [unknown, Call])[] = [];
        const given: { readonly call: Call; readonly outcome: Promise<unknown> }[] = [];
        for (const at of steps) {
          if (at.do === 'ask') {
            const [operation, input] = operations[at.what] ?? [library.getLoans, {}];
            const call = callOf(operation, { ...input }, shelves.request(callers[at.who]));
            const outcome = Promise.resolve(shelves.ask(call)).then((settled) => {
              if (settled.ok) answers.push([settled.value, call]);
            });
            given.push({ call, outcome });
          } else if (at.do === 'land') land(shelves, at.at, at.how);
          else if (at.do === 'leave') given[at.at]?.call.cancellation.cancel('cancelled');
          else if (at.do === 'wait') shelves.clock.advance(at.ms);
          else if (at.do === 'purge') await shelves.caches.purge([at.label]);
          else shelves.policy = at.spans;
          await drained();
        }
        for (let round = 0; round < 3; round++) {
          for (let i = 0; i < shelves.asked; i++) land(shelves, i, 0);
          await drained();
        }
        await Promise.all(given.map(({ outcome }) => outcome));
        for (const [value, call] of answers) expect([[echo(call)], [echo(call), personal(call)]]).toContainEqual(value);
        all += answers.length;
        expect(shelves.told.bugs).toEqual([]);
        expect(shelves.caches.refreshing.size).toBe(0);
      },
    ),
    { numRuns: 150 },
  );
  expect(all).toBeGreaterThan(500);
});

/** The product answers one call: with an echo, a 304, a failure, or that there is none. */
function land({ below }: Shelves, at: number, how: number): void {
  const call = below.calls[at];
  if (!call) return;
  const headers = HEADERS[how];
  const own = headers !== undefined && ['private', 'no-store'].includes(headers['cache-control'] ?? '');
  if (headers && call.conditions && how % 2 === 1) below.lands(answered({ status: 304, headers, value: undefined }), at);
  else if (headers)
    below.lands(answered({ status: 200, headers, value: own || headers['set-cookie'] ? [echo(call), personal(call)] : [echo(call)] }), at);
  else if (how === HEADERS.length) below.lands(failed(failureOf(call.endpoint, 'error', 'broken')), at);
  else if (how === HEADERS.length + 1) below.lands(failed(failureOf(call.endpoint, 'refused', 'refused')), at);
  else below.lands(failed(failureOf(call.endpoint, 'declared', 'none', { error: 'bookNotFound' })), at);
}
