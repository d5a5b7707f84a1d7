import { expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { z } from 'zod';
import { fallback, optional, route } from '#contracts/kernel/index.js';
import { composition } from '../../src/composition/composition.js';
import { type Said, Stage, source } from './stage.js';

const [alpha, beta, gamma, delta] = [source('alpha'), source('beta'), source('gamma'), source('delta')];
const products = [alpha, beta, gamma, delta];
const read = { value: true, note: true } as const;
const Half = z.object({ value: z.number(), note: z.string() }).nullable();

/** Four parts of four products, one of them called three times. */
const four = composition(
  route('GET /v1/four', {
    input: z.object({}),
    output: z.object({ a: Half, b: z.array(Half), c: Half, d: Half }),
    parts: { a: 'required', b: 'optional', c: 'fallback', d: 'optional' },
  }),
  {
    uses: {
      a: alpha.find.reads(read),
      b: optional(beta.find.reads(read)),
      c: fallback(gamma.find.reads(read), { value: 0, note: '' }),
      d: optional(delta.find.reads(read)),
    },
    async compose({ a, b, c, d, gather }) {
      const got = await gather({
        d: d({ name: 't-4' }),
        a: a({ name: 't-1' }),
        b: ['t-1', 't-2', 't-3'].map((name) => b({ name })),
        c: c({ name: 't-3' }),
      });
      return { a: got.a, b: got.b.map((each) => each ?? null), c: got.c, d: got.d ?? null };
    },
  },
);

/** What goes wrong beside the time that each takes; `beta` says something to each of its three calls. */
interface Troubles {
  readonly beta: readonly [Said, Said, Said];
  readonly gamma: Said;
  readonly delta: Said;
}
const none: Troubles = { beta: [{}, {}, {}], gamma: {}, delta: {} };
const some: Troubles = {
  beta: [{ status: 429, headers: { 'retry-after': '2' } }, { body: { value: 'x', note: 1 } }, { kind: 'unreachable' }],
  gamma: { status: 500 },
  delta: { kind: 'malformed' },
};

/** The bytes of the answer where products need these times: alpha, gamma and delta one each, beta three. */
async function answer(troubles: Troubles, times: readonly number[]): Promise<string> {
  const [a = 0, c = 0, d = 0, ...b] = times;
  const says = {
    'alpha.find': { afterMs: a },
    'gamma.find': { ...troubles.gamma, afterMs: c },
    'delta.find': { ...troubles.delta, afterMs: d },
    'beta.find': ({ input }: { readonly input: Readonly<Record<string, unknown>> }): Said => {
      const nth = ['t-1', 't-2', 't-3'].indexOf(String(input['name']));
      return { ...troubles.beta[nth], afterMs: b[nth] ?? b[0] ?? 0 };
    },
  };
  const { composed } = await new Stage(four, products, { says }).play({});
  expect(composed.kind).toBe('answer');
  return JSON.stringify(composed);
}

/** Every order of the numbers from 1 to `n`. */
function orders(n: number): readonly (readonly number[])[] {
  if (n === 0) return [[]];
  return orders(n - 1).flatMap((order) => Array.from({ length: n }, (_, at) => order.toSpliced(at, 0, n)));
}

it.each([
  ['all is well', none],
  ['all but the required part fail', some],
])('gives the same bytes for all 24 orders of arrival when %s', async (_, troubles) => {
  const came = await Promise.all(orders(4).map((order) => answer(troubles, order)));
  expect(came).toHaveLength(24);
  expect(new Set(came).size).toBe(1);
});

const said = fc.constantFrom<Said>(
  {},
  { status: 404 },
  { status: 410 },
  { status: 500 },
  { status: 503, headers: { 'retry-after': '4' } },
  { kind: 'unreachable' },
  { body: { value: 1 } },
  { body: { note: 'x' } },
);

it('gives the same bytes whatever time each product needs, for whatever each says', async () => {
  const times = fc.array(fc.nat(12), { minLength: 6, maxLength: 6 });
  const troubles: fc.Arbitrary<Troubles> = fc.record({ beta: fc.tuple(said, said, said), gamma: said, delta: said });
  await fc.assert(
    fc.asyncProperty(troubles, times, times, async (wrong, one, other) => {
      expect(await answer(wrong, one)).toBe(await answer(wrong, other));
    }),
  );
}, 60_000);
