import { describe, expect, it } from '@jest/globals';
import { Eventual, after, watched } from '../../src/upstream/eventual.js';
import { callOf, ok, request, shop } from './layers/calls.js';

describe('a value that is still to come', () => {
  it('is there for all who wait, in the order of their asking, in the moment that it comes', () => {
    const eventual = new Eventual<number>();
    const told: unknown[] = [];
    eventual.after((value) => told.push(['first', value]));
    eventual.after((value) => told.push(['second', value]));
    eventual.watch((value) => told.push(['watcher', value]));
    eventual.resolve(1);
    expect(told).toEqual([
      ['watcher', 1],
      ['first', 1],
      ['second', 1],
    ]);
  });

  it('is there for whoever asks later too', () => {
    const eventual = new Eventual<number>();
    eventual.resolve(1);
    const told: unknown[] = [];
    eventual.watch((value) => told.push(value)).after((value) => told.push(value));
    expect(told).toEqual([1, 1]);
  });

  it('comes once, whatever is said afterwards', async () => {
    const eventual = new Eventual<number>();
    eventual.resolve(1);
    eventual.resolve(2);
    eventual.reject(new Error('late'));
    expect(await eventual).toBe(1);
  });

  it('can be awaited, and a bug with it', async () => {
    const [good, bad] = [new Eventual<number>(), new Eventual<number>()];
    const waiting = Promise.allSettled([good, bad]);
    good.resolve(1);
    bad.reject(new TypeError('a bug'));
    expect(await waiting).toMatchObject([{ value: 1 }, { reason: { message: 'a bug' } }]);
  });

  it('is what follows from it: a value, another eventual, a promise, or what was thrown', async () => {
    const follows = (come: (value: number) => number | PromiseLike<number>): Eventual<number> => {
      const eventual = new Eventual<number>();
      const next = eventual.after(come);
      eventual.resolve(1);
      return next;
    };
    expect(await follows((value) => value + 1)).toBe(2);
    expect(await follows((value) => follows(() => value + 2))).toBe(3);
    expect(await follows((value) => Promise.resolve(value + 3))).toBe(4);
    await expect(
      follows(() => {
        throw new TypeError('a bug');
      }),
    ).rejects.toThrow('a bug');
  });

  it('goes past who waits for values alone where it is a bug, and is mended by who takes bugs', async () => {
    const eventual = new Eventual<number>();
    const mended = eventual
      .after(() => 1)
      .after(
        () => 2,
        () => 3,
      );
    eventual.reject(new TypeError('a bug'));
    expect(await mended).toBe(3);
  });

  it('is a bug where a watcher throws one, for the watchers that follow too', async () => {
    const eventual = new Eventual<number>();
    const told: unknown[] = [];
    eventual
      .watch((value) => told.push(value))
      .watch(() => {
        throw new TypeError('a bug');
      })
      .watch((value) => told.push(value));
    eventual.resolve(1);
    expect(told).toEqual([1, undefined]);
    await expect(eventual).rejects.toThrow('a bug');
  });
});

describe('an outcome', () => {
  const call = () => callOf(shop.getCart, { name: 'a' }, request());

  it('that is there makes nobody wait', () => {
    const outcome = ok('well');
    expect(after(outcome, (there) => there)).toBe(outcome);
    const told: unknown[] = [];
    expect(
      watched(
        call(),
        () => outcome,
        (ended) => told.push(ended),
      ),
    ).toBe(outcome);
    expect(told).toEqual([outcome]);
  });

  it.each([
    ['a promise', (outcome: ReturnType<typeof ok>) => Promise.resolve(outcome)],
    ['an eventual', (outcome: ReturnType<typeof ok>) => new Eventual<ReturnType<typeof ok>>().following(outcome)],
  ])('that comes by %s is told of once', async (_, later) => {
    const outcome = ok('well');
    const told: unknown[] = [];
    expect(
      await watched(
        call(),
        () => later(outcome),
        (ended) => told.push(ended),
      ),
    ).toBe(outcome);
    expect(told).toEqual([outcome]);
  });

  it.each([
    [
      'at once',
      () => {
        throw new TypeError('a bug');
      },
    ],
    ['later', () => Promise.reject(new TypeError('a bug'))],
  ])('that a bug keeps from coming %s is told of as nothing, and the bug goes on', async (_, next) => {
    const told: unknown[] = [];
    await expect((async () => watched(call(), next, (ended) => told.push(ended)))()).rejects.toThrow('a bug');
    expect(told).toEqual([undefined]);
  });
});
