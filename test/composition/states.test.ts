import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { z } from 'zod';
import { fallback, optional, route } from '#contracts/kernel/index.js';
import { composition } from '../../src/composition/composition.js';
import { type Said, Stage, source, thing } from './stage.js';

const alpha = source('alpha');
const beta = source('beta');
const gamma = source('gamma');
const products = [alpha, beta, gamma];
const value = { value: true, note: true } as const;

const Half = z.object({ value: z.number(), note: z.string() });

/** One part of each need: what each gave, as it came. */
const mixed = composition(
  route('GET /v1/mixed/{id}', {
    input: z.object({ id: z.string(), calls: z.int().optional() }),
    output: z.object({ must: Half, may: Half.nullable(), stand: Half }),
    parts: { must: 'required', may: 'optional', stand: 'fallback', never: 'optional' },
  }),
  {
    uses: {
      must: alpha.find.reads(value),
      may: optional(beta.find.reads(value)),
      stand: fallback(gamma.find.reads(value), { value: -1, note: 'a stand-in' }),
      never: optional(alpha.get.reads(value)),
    },
    async compose({ input: { id }, must, may, stand, gather }) {
      const got = await gather({ must: must({ name: id }), may: may({ name: id }), stand: stand({ name: id }) });
      return { must: got.must, may: got.may ?? null, stand: got.stand };
    },
  },
);

const { value: one, note } = thing('t-1');
const whole = { value: one, note };

describe('a part', () => {
  it('that was answered is ok, one that was never called skipped, and the answer is complete', async () => {
    const { composed } = await new Stage(mixed, products).run();
    expect(composed).toEqual({
      kind: 'answer',
      whole: new Map(),
      data: { must: whole, may: whole, stand: whole },
      complete: true,
      parts: { must: { state: 'ok' }, may: { state: 'ok' }, stand: { state: 'ok' }, never: { state: 'skipped' } },
    });
  });

  it('that is optional and failed says which product and why, and the answer is not complete', async () => {
    const says = { 'beta.find': { status: 503, headers: { 'retry-after': '7' } } };
    const { composed } = await new Stage(mixed, products, { says }).run();
    expect(composed).toMatchObject({
      kind: 'answer',
      whole: new Map(),
      data: { must: whole, may: null, stand: whole },
      complete: false,
      parts: { may: { state: 'failed', product: 'beta', reason: 'throttled', retryAfter: 7 } },
    });
  });

  it('with a stand-in gives it where it failed, and says so', async () => {
    const { composed } = await new Stage(mixed, products, { says: { 'gamma.find': { kind: 'unreachable' } } }).run();
    expect(composed).toEqual({
      kind: 'answer',
      whole: new Map(),
      data: { must: whole, may: whole, stand: { value: -1, note: 'a stand-in' } },
      complete: false,
      parts: {
        must: { state: 'ok' },
        may: { state: 'ok' },
        stand: { state: 'fallback', product: 'gamma', reason: 'unreachable' },
        never: { state: 'skipped' },
      },
    });
  });

  it('of which the product says that there is none is ok: absence is an answer', async () => {
    const says = { 'beta.find': { status: 404 }, 'gamma.find': { status: 404 } };
    const { composed } = await new Stage(mixed, products, { says }).run();
    expect(composed).toMatchObject({
      data: { may: null, stand: { value: -1 } },
      complete: true,
      parts: { may: { state: 'ok' }, stand: { state: 'ok' } },
    });
  });

  it('that failed by another declared error is failed', async () => {
    const { composed } = await new Stage(mixed, products, { says: { 'beta.find': { status: 410 } } }).run();
    expect(composed).toMatchObject({ complete: false, parts: { may: { state: 'failed', reason: 'declared' } } });
  });

  it('whose read field broke names the field, and no bytes of the product', async () => {
    const says = { 'beta.find': { body: { id: 't-1', value: 'secret', note: 'n' } } };
    const { composed } = await new Stage(mixed, products, { says }).run();
    expect(composed).toMatchObject({ parts: { may: { state: 'failed', reason: 'contract', fields: ['value'] } } });
    expect(JSON.stringify(composed)).not.toContain('secret');
  });
});

/** A list of things, each by its own call of one part. */
const listed = composition(
  route('GET /v1/listed', {
    input: z.object({ names: z.array(z.string()) }),
    output: z.object({ values: z.array(z.number().nullable()) }),
    parts: { each: 'optional' },
  }),
  {
    uses: { each: optional(alpha.find.reads({ value: true })) },
    async compose({ input, each, gather }) {
      const { all } = await gather({ all: input.names.map((name) => each({ name })) });
      return { values: all.map((got) => got?.value ?? null) };
    },
  },
);

/** What `alpha` says, by the name that is asked for. */
const byName = (said: Readonly<Record<string, Said>>) => ({
  'alpha.find': ({ input }: { readonly input: Readonly<Record<string, unknown>> }): Said => said[String(input['name'])] ?? {},
});

describe('a part that is called many times', () => {
  it('is partial where some calls failed, and says how many of how many', async () => {
    const says = byName({ 't-2': { status: 500 }, 't-3': { status: 404 }, 't-4': { status: 500 } });
    const { composed } = await new Stage(listed, products, { says }).run({ names: ['t-1', 't-2', 't-3', 't-4', 't-5'] });
    expect(composed).toEqual({
      kind: 'answer',
      whole: new Map(),
      data: { values: [1, null, null, null, 5] },
      complete: false,
      parts: { each: { state: 'partial', product: 'alpha', reason: 'error', failed: 2, total: 5 } },
    });
  });

  it('is failed where all of them did, and the reason is that of the first call, whichever failed first', async () => {
    const says = byName({ 't-1': { status: 500, afterMs: 30 }, 't-2': { kind: 'unreachable' } });
    const { composed } = await new Stage(listed, products, { says }).play({ names: ['t-1', 't-2'] });
    expect(composed).toMatchObject({ parts: { each: { state: 'failed', product: 'alpha', reason: 'error' } } });
    expect(composed).not.toHaveProperty('parts.each.failed');
  });

  it('tells each broken field once, in order, and the longest wait', async () => {
    const broken: Said = { body: { id: 't', value: null, note: 'n' } };
    const says = byName({
      't-1': broken,
      't-2': broken,
      't-3': { status: 429, headers: { 'retry-after': '3' } },
      't-4': { status: 429, headers: { 'retry-after': '9' } },
    });
    const { composed } = await new Stage(listed, products, { says }).run({ names: ['t-1', 't-2', 't-3', 't-4', 't-5'] });
    expect(composed).toMatchObject({
      parts: { each: { state: 'partial', reason: 'contract', fields: ['value'], retryAfter: 9, failed: 4, total: 5 } },
    });
  });

  it('is skipped when the list is empty, and the answer is complete', async () => {
    const { composed } = await new Stage(listed, products).run({ names: [] });
    expect(composed).toMatchObject({ complete: true, data: { values: [] }, parts: { each: { state: 'skipped' } } });
  });

  it('fails by the budget beyond what one request may call', async () => {
    const names = Array.from({ length: 52 }, (_, n) => `t-${n}`);
    const stage = new Stage(listed, products);
    const { composed } = await stage.run({ names });
    expect(stage.sent).toHaveLength(50);
    expect(composed).toMatchObject({ parts: { each: { state: 'partial', reason: 'budget', failed: 2, total: 52 } } });
  });
});

const outcome = fc.constantFrom<Said>(
  {},
  { status: 404 },
  { status: 410 },
  { status: 500 },
  { kind: 'unreachable' },
  { body: {} },
  { hangs: true },
);

it('makes an answer complete exactly when no part is failed, partial or fallback', async () => {
  await fc.assert(
    fc.asyncProperty(fc.record({ may: outcome, stand: outcome }), async ({ may, stand }) => {
      const says = { 'beta.find': may, 'gamma.find': stand };
      const { composed } = await new Stage(mixed, products, { says, deadlineMs: 3, routeDeadlineMs: 5 }).play();
      const fine = [may, stand].every((said) => Object.keys(said).length === 0 || said.status === 404);
      expect(composed).toMatchObject({ kind: 'answer', complete: fine });
      const states = Object.values(composed.kind === 'answer' ? composed.parts : {}).map(({ state }) => state);
      expect(fine).toBe(!states.some((state) => ['failed', 'partial', 'fallback'].includes(state)));
    }),
  );
}, 60_000);
