import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { optional, route } from '#contracts/kernel/index.js';
import { type CompositionTerms, composition } from '../../src/composition/composition.js';
import { Stage, drained, source } from './stage.js';

const alpha = source('alpha');
const beta = source('beta');
const products = [alpha, beta];

const lateRoute = route('GET /v1/late', {
  input: z.object({}),
  output: z.object({ values: z.array(z.number().nullable()) }),
  parts: { first: 'optional', second: 'optional', must: 'required' },
});
const uses = {
  first: optional(alpha.find.reads({ value: true })),
  second: optional(beta.find.reads({ value: true })),
  must: beta.get.reads({ value: true }),
};
type Terms = CompositionTerms<
  Record<never, never>,
  { readonly values: readonly (number | null)[] },
  never,
  typeof lateRoute.parts,
  typeof uses
>;
const late = (compose: Terms['compose']) => composition(lateRoute, { uses, compose });
const ROUTE = { deadlineMs: 500, routeDeadlineMs: 800 };

const oneAfterTheOther = late(async ({ first, second }) => {
  const values = [(await first({ name: 't-1' }))?.value ?? null];
  values.push((await second({ name: 't-2' }))?.value ?? null);
  return { values };
});

describe('the deadline of a request', () => {
  it('cuts off a part at its operation`s own deadline, and what is left of the request`s serves the next', async () => {
    const says = { 'alpha.find': { hangs: true }, 'beta.find': { hangs: true } };
    const stage = new Stage(oneAfterTheOther, products, { ...ROUTE, says });
    expect(await stage.play({})).toMatchObject({
      at: 800,
      composed: {
        kind: 'answer',
        data: { values: [null, null] },
        complete: false,
        parts: { first: { state: 'failed', reason: 'timeout' }, second: { state: 'failed', reason: 'timeout' } },
      },
      timings: [
        { part: 'first', ms: 500 },
        { part: 'second', ms: 300 },
      ],
    });
    expect(stage.stopped).toEqual([
      ['alpha.find', 'timeout'],
      ['beta.find', 'cancelled'],
    ]);
    expect(stage.clock.pending).toBe(0);
  });

  it('fails at once, with timeout and without a call, a part that is called after it', async () => {
    const stubborn = late(async ({ first, second, signal }) => {
      await new Promise((over) => signal.addEventListener('abort', over));
      return { values: [(await first({ name: 't-1' }))?.value ?? null, (await second({ name: 't-2' }))?.value ?? null] };
    });
    const stage = new Stage(stubborn, products, ROUTE);
    expect(await stage.play({})).toMatchObject({
      at: 800,
      composed: {
        parts: {
          first: { state: 'failed', product: 'alpha', reason: 'timeout' },
          second: { state: 'failed', product: 'beta', reason: 'timeout' },
        },
      },
    });
    expect(stage.sent).toEqual([]);
  });

  it('fails the answer where a required part has not come', async () => {
    const needing = late(async ({ must }) => ({ values: [(await must({ id: 't-1' })).value] }));
    const stage = new Stage(needing, products, { deadlineMs: 5000, routeDeadlineMs: 800, says: { 'beta.get': { hangs: true } } });
    expect(await stage.play({})).toMatchObject({
      at: 800,
      composed: { kind: 'failure', part: 'must', failure: { kind: 'timeout', product: 'beta', message: 'the request ran out of time' } },
    });
  });

  it('makes a bug of a composition that awaits something else than its parts, after a short grace', async () => {
    const stuck = late(() => new Promise(() => undefined));
    const stage = new Stage(stuck, products, ROUTE);
    let ended = false;
    const running = stage.run({}).finally(() => {
      ended = true;
    });
    stage.clock.advance(800);
    await drained();
    stage.clock.advance(249);
    await drained();
    expect(ended).toBe(false);
    stage.clock.advance(1);
    expect(await running).toMatchObject({
      at: 1050,
      composed: { kind: 'bug', error: { message: 'GET /v1/late awaits something else than its parts: it did not end with its deadline' } },
    });
    expect(stage.clock.pending).toBe(0);
  });

  it('leaves a composition the grace to put together what it has', async () => {
    let finish: () => void = () => undefined;
    const slow = late(async ({ first }) => {
      const got = await first({ name: 't-1' });
      await new Promise<void>((resolve) => {
        finish = resolve;
      });
      return { values: [got?.value ?? null] };
    });
    const stage = new Stage(slow, products, ROUTE);
    const running = stage.run({});
    await drained();
    stage.clock.advance(800);
    stage.clock.advance(100);
    finish();
    expect(await running).toMatchObject({ at: 900, composed: { kind: 'answer', data: { values: [1] }, complete: true } });
    expect(stage.clock.pending).toBe(0);
  });

  it('is taken back when the answer is there', async () => {
    const stage = new Stage(oneAfterTheOther, products, ROUTE);
    expect(await stage.run({})).toMatchObject({ at: 0, composed: { kind: 'answer', complete: true } });
    expect(stage.clock.pending).toBe(0);
  });
});

describe('the signal', () => {
  /** A composition that waits for its signal alone, and what it heard. */
  function listening() {
    const heard: unknown[] = [];
    const composed = late(({ signal, must }) => {
      signal.addEventListener('abort', () => heard.push(signal.reason));
      return Promise.resolve(must({ id: 't-1' })).then(({ value }) => ({ values: [value] }));
    });
    return { heard, composed };
  }

  it.each([
    ['a required part fails', { 'beta.get': { status: 500 } }, undefined, 'cancelled'],
    ['the time is over', { 'beta.get': { hangs: true } }, undefined, 'timeout'],
    ['the caller leaves', { 'beta.get': { hangs: true } }, 'leaves', 'cancelled'],
    ['the answer is there', {}, undefined, 'cancelled'],
  ] as const)('aborts when %s', async (_, says, leaves, reason) => {
    const { heard, composed } = listening();
    const stage = new Stage(composed, products, { deadlineMs: 5000, routeDeadlineMs: 20, says });
    const running = stage.play({});
    await drained();
    if (leaves) stage.cancellation.cancel('cancelled');
    await running;
    expect(heard).toEqual([expect.objectContaining({ message: reason })]);
  });
});

describe('a caller who leaves', () => {
  it('stops everything that nobody else awaits, and the parts that come after are not called', async () => {
    const says = { 'alpha.find': { hangs: true } };
    const stage = new Stage(oneAfterTheOther, products, { ...ROUTE, says });
    const running = stage.run({});
    await drained();
    stage.cancellation.cancel('cancelled');
    expect((await running).composed).toMatchObject({ parts: { first: { reason: 'cancelled' }, second: { reason: 'cancelled' } } });
    expect(stage.stopped).toEqual([['alpha.find', 'cancelled']]);
    expect(stage.called).toEqual(['alpha.find']);
    expect(stage.clock.pending).toBe(0);
  });

  it('fails at once, without a call, a required part that comes after', async () => {
    const needing = late(async ({ first, must }) => ({
      values: [(await first({ name: 't-1' }))?.value ?? null, (await must({ id: 't-1' })).value],
    }));
    const stage = new Stage(needing, products, { ...ROUTE, says: { 'alpha.find': { hangs: true } } });
    const running = stage.run({});
    await drained();
    stage.cancellation.cancel('cancelled');
    expect((await running).composed).toMatchObject({
      kind: 'failure',
      failure: { kind: 'cancelled', message: 'the request was given up' },
    });
    expect(stage.called).toEqual(['alpha.find']);
  });

  it('does not stop a write that was sent: it runs to its deadline', async () => {
    const writing = composition(
      route('POST /v1/things', { input: z.object({}), output: z.object({ value: z.number() }), parts: { made: 'required' } }),
      { uses: { made: alpha.make.reads({ value: true }) }, compose: async ({ made }) => ({ value: (await made({ name: 't-1' })).value }) },
    );
    const stage = new Stage(writing, products, { ...ROUTE, says: { 'alpha.make': { hangs: true } } });
    const running = stage.run({});
    await drained();
    stage.cancellation.cancel('cancelled');
    expect((await running).composed).toMatchObject({ kind: 'failure', failure: { kind: 'cancelled' } });
    expect(stage.stopped).toEqual([]);
    stage.clock.advance(500);
    await drained();
    expect(stage.stopped).toEqual([['alpha.make', 'timeout']]);
    expect(stage.clock.pending).toBe(0);
  });
});
