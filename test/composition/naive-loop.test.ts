import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { optional, route } from '#contracts/kernel/index.js';
import { composition } from '../../src/composition/composition.js';
import { Stage, source, thing } from './stage.js';

const alpha = source('alpha');
const beta = source('beta');
const products = [alpha, beta];
const Line = z.object({ name: z.string(), near: z.string().nullable() });

/** Each line asks one product and then, by what came, another one: as one would write it without thinking of batches. */
const lines = composition(
  route('GET /v1/lines', {
    input: z.object({ ids: z.array(z.string()) }),
    output: z.object({ lines: z.array(Line) }),
    parts: { item: 'required', near: 'optional' },
  }),
  {
    uses: { item: alpha.get.reads({ value: true, note: true }), near: optional(beta.get.reads({ note: true })) },
    async compose({ input, item, near }) {
      const lines = input.ids.map(async (id) => {
        const { value, note } = await item({ id });
        return { name: note, near: (await near({ id: `t-${value + 1}` }))?.note ?? null };
      });
      return { lines: await Promise.all(lines) };
    },
  },
);
const ids = Array.from({ length: 30 }, (_, n) => `t-${n + 1}`);

describe('a naive loop of two steps', () => {
  it('makes one call for each step, and the right entity stands in each line', async () => {
    const stage = new Stage(lines, products, {
      says: {
        'alpha.list': ({ input }) => ({ afterMs: 3, body: { things: (input['ids'] as readonly unknown[]).toReversed().map(thing) } }),
      },
    });
    const { composed } = await stage.play({ ids });
    expect(stage.called).toEqual(['alpha.list', 'beta.list']);
    expect(composed).toMatchObject({
      complete: true,
      data: { lines: ids.map((_, n) => ({ name: `about t-${n + 1}`, near: `about t-${n + 2}` })) },
    });
  });

  it('counts as two calls of the budget', async () => {
    const stage = new Stage(lines, products, { fanOut: 2 });
    expect((await stage.run({ ids })).composed).toMatchObject({ kind: 'answer', complete: true });
    expect(stage.scope.budget.spent).toBe(2);
  });

  it('finds an entity that the product left out to be absent, which is no failure of an optional part', async () => {
    const stage = new Stage(lines, products, { says: { 'beta.list': { body: { things: [thing('t-3'), thing('t-2')] } } } });
    expect((await stage.run({ ids: ['t-1', 't-2', 't-3'] })).composed).toMatchObject({
      complete: true,
      data: { lines: [{ near: 'about t-2' }, { near: 'about t-3' }, { near: null }] },
      parts: { near: { state: 'ok' } },
    });
  });

  it('fails one line where one entity of the batch is broken, and says the field of the single operation', async () => {
    const broken = { ...thing('t-3'), note: 7 };
    const stage = new Stage(lines, products, { says: { 'beta.list': { body: { things: [thing('t-2'), broken, thing('t-4')] } } } });
    expect((await stage.run({ ids: ['t-1', 't-2', 't-3'] })).composed).toMatchObject({
      complete: false,
      data: { lines: [{ near: 'about t-2' }, { near: null }, { near: 'about t-4' }] },
      parts: { near: { state: 'partial', product: 'beta', reason: 'contract', fields: ['note'], failed: 1, total: 3 } },
    });
  });

  it('fails every line where the batch does', async () => {
    const stage = new Stage(lines, products, { says: { 'beta.list': { status: 500 } } });
    expect((await stage.run({ ids: ['t-1', 't-2'] })).composed).toMatchObject({
      complete: false,
      data: { lines: [{ near: null }, { near: null }] },
      parts: { near: { state: 'failed', product: 'beta', reason: 'error' } },
    });
    expect(stage.called).toEqual(['alpha.list', 'beta.list']);
  });
});
