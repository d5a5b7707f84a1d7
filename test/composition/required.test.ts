import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { optional, route } from '#contracts/kernel/index.js';
import { type Composition, type CompositionTerms, composition } from '../../src/composition/composition.js';
import { Stage, Unhandled, drained, source } from './stage.js';

const alpha = source('alpha');
const beta = source('beta');
const products = [alpha, beta];

const pairRoute = route('GET /v1/pairs/{id}', {
  input: z.object({ id: z.string() }),
  output: z.object({ sum: z.number() }),
  errors: { pairNotFound: 404, pairClosed: 409 },
  parts: { first: 'required', second: 'required', more: 'optional' },
});
const uses = {
  first: alpha.find.reads({ value: true }),
  second: beta.find.reads({ value: true }),
  more: optional(beta.get.reads({ value: true })),
};
type Terms = CompositionTerms<{ id: string }, { readonly sum: number }, 'pairNotFound' | 'pairClosed', typeof pairRoute.parts, typeof uses>;

const pair = (compose: Terms['compose']): Composition =>
  composition(pairRoute, { uses, errors: { first: { thingNotFound: 'pairNotFound' }, second: { thingGone: 'pairClosed' } }, compose });

/** Adds both things, and a third one where it is there. */
const sum = pair(async ({ input: { id }, first, second, more, gather }) => {
  const got = await gather({ first: first({ name: id }), second: second({ name: id }), more: more({ id }) });
  return { sum: got.first.value + got.second.value + (got.more?.value ?? 0) };
});

const failure = (part: string, kind: string) => ({ kind: 'failure', part, failure: { kind } });

describe('a required part that fails', () => {
  it('ends the answer at once and stops everything under way', async () => {
    const stage = new Stage(sum, products, {
      says: { 'alpha.find': { hangs: true }, 'beta.find': { status: 500, afterMs: 20 }, 'beta.get': { hangs: true } },
    });
    const running = stage.run();
    await drained();
    stage.clock.advance(20);
    expect(await running).toMatchObject({ at: 20, composed: failure('second', 'error') });
    await drained();
    expect(stage.stopped).toEqual([
      ['alpha.find', 'cancelled'],
      ['beta.get', 'cancelled'],
    ]);
    expect(stage.clock.pending).toBe(0);
  });

  it.each([
    ['mapped by the composition', { 'alpha.find': { status: 404 } }, { kind: 'declared', error: 'pairNotFound', status: 404 }],
    ['mapped to another status', { 'beta.find': { status: 410 } }, { kind: 'declared', error: 'pairClosed', status: 409 }],
    [
      'not mapped, under its own name',
      { 'alpha.find': { status: 410 } },
      { part: 'first', failure: { kind: 'declared', error: 'thingGone', status: 410 } },
    ],
    [
      'not mapped, an absence too',
      { 'beta.find': { status: 404 } },
      { part: 'second', failure: { kind: 'declared', error: 'thingNotFound', status: 404 } },
    ],
    ['nothing that the contract declares', { 'alpha.find': { status: 403 } }, { part: 'first', failure: { kind: 'refused', status: 403 } }],
  ])('by a declared error is %s', async (_, says, composed) => {
    expect((await new Stage(sum, products, { says }).run()).composed).toMatchObject(composed);
  });

  it('fails the answer where one of twenty calls does', async () => {
    const twenty = pair(async ({ first, gather }) => {
      const { all } = await gather({ all: Array.from({ length: 20 }, (_, n) => first({ name: `t-${n}` })) });
      return { sum: all.reduce((sum, { value }) => sum + value, 0) };
    });
    const stage = new Stage(twenty, products, {
      says: { 'alpha.find': ({ input }) => (input['name'] === 't-13' ? { kind: 'malformed' } : {}) },
    });
    expect((await stage.run()).composed).toMatchObject(failure('first', 'malformed'));
    expect((await new Stage(twenty, products).run()).composed).toMatchObject({ kind: 'answer', data: { sum: 190 } });
  });

  it.each([
    [
      'a catch',
      pair(async ({ first }) => {
        try {
          return { sum: (await first({ name: 't-1' })).value };
        } catch {
          return { sum: 0 };
        }
      }),
    ],
    [
      'a rejection handler',
      pair(async ({ first }) => {
        const got = await first({ name: 't-1' }).then(
          ({ value }) => value,
          () => 0,
        );
        return { sum: got };
      }),
    ],
    [
      'allSettled',
      pair(async ({ first }) => {
        const [got] = await Promise.allSettled([first({ name: 't-1' })]);
        return { sum: got.status === 'fulfilled' ? got.value.value : 0 };
      }),
    ],
    [
      'a race',
      pair(async ({ first, second }) => {
        const got = await Promise.any([first({ name: 't-1' }), second({ name: 't-1' })]);
        return { sum: got.value };
      }),
    ],
    [
      'an error of its own',
      pair(({ first }) =>
        Promise.resolve(first({ name: 't-1' }))
          .catch(() => Promise.reject(new Error('something else')))
          .then(({ value }) => ({ sum: value })),
      ),
    ],
    [
      'an error that the route declares',
      pair(async ({ first, fail }) => {
        try {
          return { sum: (await first({ name: 't-1' })).value };
        } catch {
          throw fail('pairClosed');
        }
      }),
    ],
  ])('is not undone by %s', async (_, composed) => {
    const stage = new Stage(composed, products, { says: { 'alpha.find': { status: 500 }, 'beta.find': { status: 200, afterMs: 5 } } });
    expect((await stage.play()).composed).toMatchObject(failure('first', 'error'));
  });

  it('fails the answer where it is called and never awaited', async () => {
    const careless = pair(async ({ first, second }) => {
      void second({ name: 't-2' });
      return { sum: (await first({ name: 't-1' })).value };
    });
    const stage = new Stage(careless, products, { says: { 'beta.find': { status: 500, afterMs: 40 } } });
    expect(await stage.play()).toMatchObject({ at: 40, composed: failure('second', 'error') });
  });

  it('leaves no rejection behind in what the composition made of it', async () => {
    using unhandled = new Unhandled();
    const eager = pair(async ({ input: { id }, first, second, more, gather }) => {
      const later = gather({ second: second({ name: id }) });
      const alsoLater = (async () => (await second({ name: 't-3' })).value)();
      const here = await first({ name: id });
      const there = await more({ id });
      return { sum: here.value + (there?.value ?? 0) + (await later).second.value + (await alsoLater) };
    });
    const stage = new Stage(eager, products, { says: { 'alpha.find': { hangs: true }, 'beta.find': { status: 500, afterMs: 5 } } });
    expect((await stage.play()).composed).toMatchObject(failure('second', 'error'));
    await drained();
    expect(unhandled.reasons).toEqual([]);
  });

  it('tells the first of two failures, and goes no further', async () => {
    const seen: string[] = [];
    const after = pair(async ({ input: { id }, first, second, gather }) => {
      const got = await gather({ first: first({ name: id }), second: second({ name: id }) });
      seen.push('went on');
      return { sum: got.first.value };
    });
    const stage = new Stage(after, products, {
      says: { 'alpha.find': { status: 500, afterMs: 9 }, 'beta.find': { kind: 'unreachable', afterMs: 7 } },
    });
    expect(await stage.play()).toMatchObject({ at: 7, composed: failure('second', 'unreachable') });
    await drained();
    expect(seen).toEqual([]);
  });
});

describe('parts that are called and never awaited', () => {
  it('are waited for, and count', async () => {
    const careless = pair(async ({ first, more }) => {
      void more({ id: 't-9' });
      return { sum: (await first({ name: 't-1' })).value };
    });
    const stage = new Stage(careless, products, { says: { 'beta.get': { status: 500, afterMs: 60 } } });
    expect(await stage.play()).toMatchObject({
      at: 60,
      composed: { kind: 'answer', data: { sum: 1 }, complete: false, parts: { more: { state: 'failed', reason: 'error' } } },
    });
  });

  it('may call further ones, which are waited for too', async () => {
    const chained = pair(async ({ first, more }) => {
      void (async () => {
        await more({ id: 't-1' });
        await more({ id: 't-2' });
      })();
      return { sum: (await first({ name: 't-1' })).value };
    });
    const stage = new Stage(chained, products, {
      says: { 'beta.get': ({ input }) => ({ afterMs: 10, status: input['id'] === 't-2' ? 500 : 200 }) },
    });
    expect(await stage.play()).toMatchObject({
      at: 20,
      composed: { kind: 'answer', parts: { more: { state: 'partial', failed: 1, total: 2 } } },
    });
  });
});
