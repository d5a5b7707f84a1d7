import { describe, expect, it } from '@jest/globals';
import type { AnyOperation } from '#contracts/kernel/index.js';
import { drained } from '../upstream/layers/calls.js';
import { Shelves, callOf, library, says } from './shelves.js';

const CLIENTS = 200;

/** As many clients at once, each a request and a user of its own. */
const herd = (shelves: Shelves, operation: AnyOperation = library.getBook, input: object = { id: 'b-1' }) =>
  Array.from({ length: CLIENTS }, (_, i) =>
    Promise.resolve(shelves.ask(callOf(operation, { ...input }, shelves.request({ user: `u-${i}`, consumer: 'web' })))),
  );

/** The product answers all that it was asked and has not answered. */
async function answers(shelves: Shelves, from: number, headers: Readonly<Record<string, string>> = {}): Promise<void> {
  for (let i = from; i < shelves.asked; i++) shelves.below.lands(says(`to ${shelves.below.calls[i]?.scope.identity.user}`, headers), i);
  await drained();
}

const states = async (outcomes: readonly Promise<{ from?: { state: string } }>[]) =>
  Object.entries(Object.groupBy(await Promise.all(outcomes), ({ from }) => from?.state ?? '?')).map(([state, of]) => [state, of?.length]);

describe('200 clients', () => {
  it('on one cold key make one product call', async () => {
    const shelves = new Shelves();
    const outcomes = herd(shelves);
    await drained();
    expect(shelves.asked).toBe(1);
    await answers(shelves, 0);
    expect(await states(outcomes)).toEqual([['miss', CLIENTS]]);
    expect(shelves.caches.state()).toMatchObject({ entries: 1, products: { library: { miss: CLIENTS, unstored: 0 } } });
  });

  it('on one key that has just expired make one more, in the background: all are answered stale, at once', async () => {
    const shelves = new Shelves();
    await shelves.book();
    shelves.clock.advance(10_000);
    const outcomes = herd(shelves);
    expect(await states(outcomes)).toEqual([['stale', CLIENTS]]);
    expect(shelves.asked).toBe(2);
    await answers(shelves, 1);
    expect(await states(herd(shelves))).toEqual([['hit', CLIENTS]]);
    expect(shelves.asked).toBe(2);
  });

  it('on answers of their own make a call each, at once: none waits for another', async () => {
    const shelves = new Shelves();
    const outcomes = herd(shelves, library.getLoans, {});
    await drained();
    expect(shelves.asked).toBe(CLIENTS);
    await answers(shelves, 0, { 'cache-control': 'private' });
    expect((await Promise.all(outcomes)).map((outcome) => outcome.ok && outcome.value)).toEqual(
      Array.from({ length: CLIENTS }, (_, i) => `to u-${i}`),
    );
  });

  it('on answers that prove to be for one alone, whatever the contract says, get their own, and wait for no other from then on', async () => {
    const shelves = new Shelves();
    const own = Array.from({ length: CLIENTS }, (_, i) => `to u-${i}`);
    const values = async (outcomes: ReturnType<typeof herd>) => (await Promise.all(outcomes)).map((outcome) => outcome.ok && outcome.value);
    const first = herd(shelves);
    await drained();
    expect(shelves.asked).toBe(1);
    await answers(shelves, 0, { 'cache-control': 'private' });
    expect(shelves.asked).toBe(CLIENTS); // the first answer was the first client's; the others fly together, each alone
    await answers(shelves, 1, { 'cache-control': 'private' });
    expect(await values(first)).toEqual(own);
    const second = herd(shelves);
    await drained();
    expect(shelves.asked).toBe(2 * CLIENTS);
    await answers(shelves, CLIENTS, { 'set-cookie': 'a=b' });
    expect(await values(second)).toEqual(own);
    expect(shelves.caches.state().entries).toBe(0);
  });

  it('fly together again after a while', async () => {
    const shelves = new Shelves();
    const first = herd(shelves);
    await drained();
    await answers(shelves, 0, { 'cache-control': 'no-store' });
    await answers(shelves, 1, { 'cache-control': 'no-store' });
    await Promise.all(first);
    shelves.clock.advance(9_999);
    const alone = herd(shelves);
    await drained();
    expect(shelves.asked).toBe(2 * CLIENTS);
    await answers(shelves, CLIENTS);
    await Promise.all(alone);
    await shelves.caches.purge(['product:library']);
    shelves.clock.advance(1);
    const together = herd(shelves);
    await drained();
    expect(shelves.asked).toBe(2 * CLIENTS + 1);
    await answers(shelves, 2 * CLIENTS);
    expect(await states(together)).toEqual([['miss', CLIENTS]]);
  });

  it('of one user share an answer of his own', async () => {
    const shelves = new Shelves();
    const outcomes = Array.from({ length: CLIENTS }, () =>
      Promise.resolve(shelves.ask(callOf(library.getBook, { id: 'b-1' }, shelves.request({ user: 'u-1' })))),
    );
    await drained();
    await answers(shelves, 0, { 'cache-control': 'private' });
    expect((await Promise.all(outcomes)).every((outcome) => outcome.ok && outcome.value === 'to u-1')).toBe(true);
    expect(shelves.asked).toBe(1);
  });

  it('go on where the one who came first leaves', async () => {
    const shelves = new Shelves();
    const leader = shelves.request();
    const left = shelves.ask(callOf(library.getBook, { id: 'b-1' }, leader));
    const outcomes = herd(shelves);
    await drained();
    leader.cancellation.cancel('cancelled');
    expect(await left).toMatchObject({ failure: { kind: 'cancelled' } });
    await answers(shelves, 0);
    expect(await states(outcomes)).toEqual([['miss', CLIENTS]]);
    expect(shelves.asked).toBe(1);
  });
});

it('a thousand keys of one span expire over a fifth of it: in no second more than twice their mean', async () => {
  let seed = 1;
  const random = (): number => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647;
  const shelves = new Shelves({ random });
  shelves.policy = { freshMs: 100_000, staleMs: 0, staleIfErrorMs: 0, absentMs: 0 };
  const ends = new Map<number, number>();
  for (let i = 0; i < 1_000; i++) {
    const { from } = await shelves.get(library.getBook, { id: `b-${i}` }, says(i));
    const second = Math.floor((from?.ttlMs ?? 0) / 1_000);
    ends.set(second, (ends.get(second) ?? 0) + 1);
  }
  expect(ends.size).toBe(20);
  expect(Math.max(...ends.values())).toBeLessThanOrEqual(100);
});
