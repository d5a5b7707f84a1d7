import { describe, expect, it } from '@jest/globals';
import type { Tier } from '../../src/cache/tier.js';
import { all, drained } from '../upstream/layers/calls.js';
import { Shelves, book, callOf, library, says } from './shelves.js';

const ask = (shelves: Shelves, by: ReturnType<Shelves['request']>, ids: readonly string[]) =>
  all(ids.map((id) => shelves.ask(callOf(library.getBook, { id }, by))));

describe('what comes in batches', () => {
  it('is kept one by one, so that the next batch asks only for what is missing', async () => {
    const shelves = new Shelves();
    const first = ask(shelves, shelves.request(), ['b-1', 'b-2', 'b-3']);
    await drained();
    shelves.below.lands(says({ books: [book('b-3'), book('b-1')] }), 0);
    expect(await first).toMatchObject([{ value: book('b-1') }, { failure: { error: 'bookNotFound' } }, { value: book('b-3') }]);
    const second = ask(shelves, shelves.request(), ['b-1', 'b-2', 'b-3', 'b-4', 'b-5']);
    await drained();
    expect(shelves.below.calls.map(({ input }) => input)).toEqual([{ ids: ['b-1', 'b-2', 'b-3'] }, { ids: ['b-4', 'b-5'] }]);
    shelves.below.lands(says({ books: [book('b-4'), book('b-5')] }), 1);
    expect((await second).map(({ from }) => from?.state)).toEqual(['hit', 'hit', 'hit', 'miss', 'miss']);
  });

  it('is refreshed in the background as one batch too', async () => {
    const shelves = new Shelves();
    const first = ask(shelves, shelves.request(), ['b-1', 'b-2']);
    await drained();
    shelves.below.lands(says({ books: [book('b-1'), book('b-2')] }), 0);
    await first;
    shelves.clock.advance(15_000);
    expect((await ask(shelves, shelves.request(), ['b-1', 'b-2'])).map(({ from }) => from?.state)).toEqual(['stale', 'stale']);
    await drained();
    expect(shelves.below.calls.map(({ input }) => input)).toEqual([{ ids: ['b-1', 'b-2'] }, { ids: ['b-1', 'b-2'] }]);
  });

  it('has the terms of the batch`s answer, but not its validators: those are the list`s', async () => {
    const shelves = new Shelves();
    const headers = { etag: '"list"', 'last-modified': 'Fri, 20 Nov 2026 11:00:00 GMT', 'cache-control': 'max-age=4' };
    const first = ask(shelves, shelves.request(), ['b-1', 'b-2']);
    await drained();
    shelves.below.lands(says({ books: [book('b-1')] }, headers), 0);
    expect(await first).toMatchObject([{ from: { ttlMs: 4_000 } }, { from: { ttlMs: 4_000, stored: true } }]);
    shelves.clock.advance(40_000);
    await shelves.get(library.getBook, { id: 'b-1' }, says(book('b-1')));
    expect(shelves.last.conditions).toBeUndefined();
  });

  it('is not kept where the batch`s answer forbids it', async () => {
    const shelves = new Shelves();
    const first = ask(shelves, shelves.request(), ['b-1', 'b-2']);
    await drained();
    shelves.below.lands(says({ books: [book('b-1')] }, { 'cache-control': 'private' }), 0);
    expect(await first).toMatchObject([{ from: { why: 'private' } }, { from: { why: 'private' } }]);
    expect(shelves.caches.state().entries).toBe(0);
  });

  it('still goes out as one batch where a second tier was looked into first', async () => {
    const gets: string[] = [];
    const tier: Tier = {
      get: async (key) => {
        gets.push(key);
        for (let i = gets.length; i > 0; i--) await drained(); // each one takes longer than the one before
        return { bytes: undefined, stamp: '1' };
      },
      set: () => Promise.resolve(true),
      del: () => Promise.resolve(false),
      purgeTags: () => Promise.resolve(0),
    };
    const shelves = new Shelves({ tier });
    const first = ask(shelves, shelves.request(), ['b-1', 'b-2', 'b-3']);
    for (let i = 0; i < 5; i++) await drained();
    expect(gets).toHaveLength(3);
    expect(shelves.below.calls.map(({ input }) => input)).toEqual([{ ids: ['b-1', 'b-2', 'b-3'] }]);
    shelves.below.lands(says({ books: [] }), 0);
    await first;
    await ask(shelves, shelves.request(), ['b-1']);
    expect(gets).toHaveLength(3);
  });

  it('asks about one alone with its own validator, and about many without', async () => {
    const shelves = new Shelves();
    await shelves.get(library.getBook, { id: 'b-1' }, says(book('b-1'), { etag: '"1"' }));
    shelves.clock.advance(40_000);
    const both = ask(shelves, shelves.request(), ['b-1', 'b-2']);
    await drained();
    expect(shelves.last).toMatchObject({ endpoint: { id: 'library.v1.getBooks' }, conditions: undefined });
    shelves.below.lands(says({ books: [] }, { 'cache-control': 'no-store' }), 1);
    await both;
    await shelves.get(library.getBook, { id: 'b-3' }, says(book('b-3'), { etag: '"3"' }));
    shelves.clock.advance(40_000);
    await shelves.get(library.getBook, { id: 'b-3' }, says(undefined, {}, 304));
    expect(shelves.last).toMatchObject({ endpoint: { id: 'library.v1.getBook' }, conditions: { 'if-none-match': '"3"' } });
  });
});
