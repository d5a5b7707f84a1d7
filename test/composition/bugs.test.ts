import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { optional, route } from '#contracts/kernel/index.js';
import { type CompositionTerms, composition } from '../../src/composition/composition.js';
import type { Next } from '../../src/upstream/call.js';
import { answered } from '../../src/upstream/answer.js';
import { Stage, Unhandled, drained, source, thing } from './stage.js';

const alpha = source('alpha');
const beta = source('beta');
const products = [alpha, beta];

const countRoute = route('GET /v1/counts/{id}', {
  input: z.object({ id: z.string() }),
  output: z.object({ count: z.int().max(100) }),
  errors: { countNotFound: 404 },
  parts: { must: 'required', may: 'optional' },
});
const uses = { must: alpha.find.reads({ value: true }), may: optional(beta.find.reads({ value: true })) };
type Terms = CompositionTerms<{ id: string }, { readonly count: number }, 'countNotFound', typeof countRoute.parts, typeof uses>;
const count = (compose: Terms['compose']) => composition(countRoute, { uses, compose });

const bug = new Error('a mistake');
const plain = count(async ({ must }) => ({ count: (await must({ name: 't-1' })).value }));

describe('a mistake in a composition', () => {
  it.each([
    [
      'throws',
      count(() => {
        throw bug;
      }),
    ],
    ['rejects', count(() => Promise.reject(bug))],
    [
      'throws after its parts came',
      count(async ({ must }) => {
        await must({ name: 't-1' });
        throw bug;
      }),
    ],
  ])('that %s is a bug, with the error', async (_, composed) => {
    expect((await new Stage(composed, products).run()).composed).toEqual({ kind: 'bug', error: bug });
  });

  it('is never a silent null: what is missing is not read past', async () => {
    const careless = count(async ({ may }) => {
      const { value } = z.object({ value: z.number() }).parse(await may({ name: 't-1' }));
      return { count: value };
    });
    const { composed } = await new Stage(careless, products, { says: { 'beta.find': { status: 500 } } }).run();
    expect(composed).toMatchObject({ kind: 'bug', error: { name: 'ZodError' } });
  });

  it('stops what is under way', async () => {
    const hasty = count(({ must }) => {
      void must({ name: 't-1' });
      throw bug;
    });
    const stage = new Stage(hasty, products, { says: { 'alpha.find': { hangs: true } } });
    expect(await stage.run()).toMatchObject({ composed: { kind: 'bug', error: bug }, at: 0 });
    await drained();
    expect(stage.stopped).toEqual([['alpha.find', 'cancelled']]);
    expect(stage.clock.pending).toBe(0);
  });

  it.each([
    ['a number that is too large', 101],
    ['a number that is none', Number.NaN],
  ])('that gives something else than its contract says is a bug that names the place: %s', async (_, wrong) => {
    const { composed } = await new Stage(
      count(() => Promise.resolve({ count: wrong })),
      products,
    ).run();
    expect(composed).toMatchObject({
      kind: 'bug',
      error: {
        name: 'TypeError',
        message: expect.stringMatching(/^GET \/v1\/counts\/\{id\} composed something else than its contract says, at count: /),
      },
    });
  });

  it('that gives more than its contract says shows nothing of it', async () => {
    const generous = count(() => Promise.resolve({ count: 1, secret: 'hidden' }));
    expect((await new Stage(generous, products).run()).composed).toMatchObject({ kind: 'answer', data: { count: 1 } });
    expect(JSON.stringify((await new Stage(generous, products).run()).composed)).not.toContain('hidden');
  });
});

describe('a mistake below a composition', () => {
  const rejecting: Next = () => Promise.reject(bug);
  const throwing: Next = () => {
    throw bug;
  };
  const caught = count(async ({ must, may }) => {
    try {
      await may({ name: 't-1' });
    } catch {
      return { count: 0 };
    }
    return { count: (await must({ name: 't-1' })).value };
  });
  const forgotten = count(async ({ may }) => {
    void may({ name: 't-1' });
    await drained();
    return { count: 1 };
  });

  it.each([
    ['rejects', 'of a required part', plain, rejecting],
    ['throws', 'of a required part', plain, throwing],
    ['rejects', 'of an optional part that the composition catches', caught, rejecting],
    ['throws', 'of an optional part that the composition catches', caught, throwing],
    ['rejects', 'of an optional part that nobody awaits', forgotten, rejecting],
    ['throws', 'of an optional part that nobody awaits', forgotten, throwing],
  ])('that %s, %s, is a bug all the same', async (_, __, composed, next) => {
    using unhandled = new Unhandled();
    const stage = new Stage(composed, products, { next });
    expect((await stage.run()).composed).toEqual({ kind: 'bug', error: bug });
    await drained();
    expect(unhandled.reasons).toEqual([]);
    expect(stage.clock.pending).toBe(0);
  });

  it('does not stand in the way of what comes at once', async () => {
    const next: Next = () => answered({ status: 200, headers: {}, value: thing('t-4') });
    expect((await new Stage(plain, products, { next }).run()).composed).toMatchObject({ kind: 'answer', data: { count: 4 } });
  });
});

describe('fail', () => {
  it('ends with the error that the route declares, and its status', async () => {
    const refusing = count(async ({ must, fail }) => {
      if ((await must({ name: 't-1' })).value === 1) throw fail('countNotFound');
      return { count: 1 };
    });
    expect((await new Stage(refusing, products).run()).composed).toEqual({ kind: 'declared', error: 'countNotFound', status: 404 });
  });

  it('is an error with a stack, for whoever wraps it, and what wraps it is a bug', async () => {
    const wrapping = count(({ fail }) => {
      throw new Error('wrapped', { cause: fail('countNotFound') });
    });
    expect((await new Stage(wrapping, products).run()).composed).toMatchObject({
      kind: 'bug',
      error: { message: 'wrapped', cause: { name: 'Declared', message: 'declared error countNotFound' } },
    });
  });

  it('stops what is under way', async () => {
    const hasty = count(({ may, fail }) => {
      void may({ name: 't-1' });
      throw fail('countNotFound');
    });
    const stage = new Stage(hasty, products, { says: { 'beta.find': { hangs: true } } });
    expect((await stage.run()).composed).toMatchObject({ kind: 'declared' });
    await drained();
    expect(stage.stopped).toEqual([['beta.find', 'cancelled']]);
  });
});
