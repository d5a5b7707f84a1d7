import { expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { z } from 'zod';
import { type AnyPart, type Need, fallback, isComplete, optional, route } from '#contracts/kernel/index.js';
import { type Composition, composition } from '../../src/composition/composition.js';
import { type Said, Stage, drained, source } from './stage.js';

const alpha = source('alpha');
const DEADLINE_MS = 8;
const ROUTE_DEADLINE_MS = 20;

/** One call of a composition that is made of chains: each chain awaits its calls one after the other, all chains at once. */
interface Step {
  readonly part: number;
  readonly said: Said;
}
interface Schedule {
  readonly needs: readonly Need[];
  readonly chains: readonly (readonly Step[])[];
  readonly fanOut: number;
}

const said: fc.Arbitrary<Said> = fc.oneof(
  fc.record({ afterMs: fc.integer({ min: 0, max: 25 }) }),
  fc.record({ afterMs: fc.integer({ min: 0, max: 25 }), status: fc.constantFrom(404, 410, 429, 500) }),
  fc.constantFrom<Said>({}, { hangs: true }, { kind: 'unreachable' }, { kind: 'malformed' }, { body: {} }),
);
const schedule: fc.Arbitrary<Schedule> = fc.record({
  needs: fc.array(fc.constantFrom<Need>('optional', 'optional', 'fallback', 'required'), { minLength: 3, maxLength: 3 }),
  chains: fc.array(fc.array(fc.record({ part: fc.nat(2), said }), { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 4 }),
  fanOut: fc.constantFrom(3, 50),
});

const read = alpha.find.reads({ value: true });
const partOf = (need: Need): AnyPart => (need === 'optional' ? optional(read) : need === 'fallback' ? fallback(read, { value: 0 }) : read);

/** Every call has a name of its own, so that it is told apart from the others and never shared. */
const nameOf = (chain: number, step: number): string => `c${chain}s${step}`;

function scheduled({ needs, chains }: Schedule): Composition {
  const parts: Record<string, Need> = {};
  const uses: Record<string, AnyPart> = {};
  needs.forEach((need, i) => {
    parts[`p${i}`] = need;
    uses[`p${i}`] = partOf(need);
  });
  type Calls = Readonly<Record<string, (input: unknown) => PromiseLike<unknown>>>;
  return composition(route('GET /v1/scheduled', { input: z.object({}), output: z.object({ came: z.int() }), parts }), {
    uses,
    async compose(given) {
      const calls = given as unknown as Calls;
      const came = await Promise.all(
        chains.map(async (chain, c) => {
          let came = 0;
          for (const [s, { part }] of chain.entries()) if ((await calls[`p${part}`]?.({ name: nameOf(c, s) })) !== undefined) came++;
          return came;
        }),
      );
      return { came: came.reduce((sum, n) => sum + n, 0) };
    },
  });
}

it('answers every schedule of slow, hanging and failing parts within the deadline of its route, and leaves nothing behind', async () => {
  const kinds = new Map<string, number>();
  await fc.assert(
    fc.asyncProperty(schedule, async (plan) => {
      const byName = new Map(plan.chains.flatMap((chain, c) => chain.map(({ said }, s) => [nameOf(c, s), said] as const)));
      const stage = new Stage(scheduled(plan), [alpha], {
        deadlineMs: DEADLINE_MS,
        routeDeadlineMs: ROUTE_DEADLINE_MS,
        fanOut: plan.fanOut,
        says: { 'alpha.find': ({ input }) => byName.get(String(input['name'])) ?? {} },
      });
      const { composed, at, timings } = await stage.play({});
      kinds.set(composed.kind, (kinds.get(composed.kind) ?? 0) + 1);

      expect(at).toBeLessThanOrEqual(ROUTE_DEADLINE_MS);
      expect(composed.kind).not.toBe('bug');
      expect(stage.sent.length).toBeLessThanOrEqual(plan.fanOut);
      for (const { ms } of timings) expect(ms).toBeLessThanOrEqual(ROUTE_DEADLINE_MS);
      const parts = composed.kind === 'answer' ? composed.parts : {};
      expect(isComplete(parts)).toBe(composed.kind === 'answer' ? composed.complete : true);
      await drained();
      expect(stage.clock.pending).toBe(0);
    }),
    { numRuns: 1000 },
  );
  expect([...kinds.keys()].toSorted()).toEqual(['answer', 'failure']);
}, 60_000);
