import { describe, expect, it } from '@jest/globals';
import { type Selector, labelOf } from '../../src/cache/labels.js';
import type { FailureKind } from '#contracts/kernel/index.js';
import { drained } from '../upstream/layers/calls.js';
import { Shelves, book, callOf, fails, kept, library, says } from './shelves.js';

/** Shelves with two books and two pages of the list. */
async function filled(): Promise<Shelves> {
  const shelves = new Shelves();
  for (const id of ['b-1', 'b-2']) await shelves.get(library.getBook, { id }, says(book(id)));
  for (const page of [1, 2]) await shelves.get(library.listBooks, { page }, says([]));
  await shelves.get(library.getLoans, {}, says([]), shelves.request({ user: 'u-1' }));
  return shelves;
}

/** What is still kept of it. */
async function left(shelves: Shelves): Promise<readonly string[]> {
  const ask = async (name: string, outcome: Promise<{ from?: { state: string } }>) => ((await outcome).from?.state === 'hit' ? [name] : []);
  const found = [
    ...(await ask('b-1', shelves.get(library.getBook, { id: 'b-1' }, fails('open')))),
    ...(await ask('b-2', shelves.get(library.getBook, { id: 'b-2' }, fails('open')))),
    ...(await ask('page 1', shelves.get(library.listBooks, { page: 1 }, fails('open')))),
    ...(await ask('page 2', shelves.get(library.listBooks, { page: 2 }, fails('open')))),
    ...(await ask('loans', shelves.get(library.getLoans, {}, fails('open'), shelves.request({ user: 'u-1' })))),
  ];
  return found;
}

describe('a purge', () => {
  it.each<[string, Selector, number, readonly string[]]>([
    ['a tag', { tag: 'book:b-1' }, 1, ['b-2', 'page 1', 'page 2', 'loans']],
    ['a tag of many', { tag: 'books' }, 2, ['b-1', 'b-2', 'loans']],
    ['a tag that nothing has', { tag: 'operation:library.v1.getBook' }, 0, ['b-1', 'b-2', 'page 1', 'page 2', 'loans']],
    ['an operation', { operation: 'library.v1.getBook' }, 2, ['page 1', 'page 2', 'loans']],
    ['a product', { product: 'library' }, 5, []],
    ['another product', { product: 'lib' }, 0, ['b-1', 'b-2', 'page 1', 'page 2', 'loans']],
    ['a route', { route: 'GET /v1/test' }, 5, []],
    ['another route', { route: 'GET /v1/other' }, 0, ['b-1', 'b-2', 'page 1', 'page 2', 'loans']],
  ])('by %s takes what it names, says how many, and nothing else', async (_, selector, count, rest) => {
    const shelves = await filled();
    expect(await shelves.caches.purge([labelOf(selector)])).toBe(count);
    expect(await left(shelves)).toEqual(rest);
  });

  it('by key takes the one entry that the key names', async () => {
    const shelves = await filled();
    const key = shelves.caches.keyOf(callOf(library.getBook, { id: 'b-2' }, shelves.request())) ?? '';
    expect(await shelves.caches.purge([labelOf({ key })])).toBe(1);
    expect(await left(shelves)).toEqual(['b-1', 'page 1', 'page 2', 'loans']);
  });

  it('by route takes what a route was served from memory, whoever had it fetched', async () => {
    const shelves = await filled();
    const by = { ...shelves.request(), reader: 'GET /v1/other' };
    await shelves.get(library.getBook, { id: 'b-1' }, fails('open'), by);
    expect(await shelves.caches.purge([labelOf({ route: 'GET /v1/other' })])).toBe(1);
    expect(await left(shelves)).toEqual(['b-2', 'page 1', 'page 2', 'loans']);
  });

  it('keeps an answer from being stored that was asked for before it, and nobody who comes after it is given that', async () => {
    const shelves = new Shelves();
    const before = Promise.resolve(shelves.ask(callOf(library.getBook, { id: 'b-1' }, shelves.request())));
    await drained();
    await shelves.caches.purge([labelOf({ tag: 'book:b-1' })]);
    const after = Promise.resolve(shelves.ask(callOf(library.getBook, { id: 'b-1' }, shelves.request())));
    await drained();
    expect(shelves.asked).toBe(2);
    shelves.below.lands(says('new'), 1);
    expect(await after).toMatchObject({ value: 'new', from: { stored: true } });
    shelves.below.lands(says('old'), 0);
    expect(await before).toMatchObject({ value: 'old', from: { stored: false, why: 'purged' } });
    expect(await shelves.book(fails('open'))).toMatchObject({ value: 'new', from: { state: 'hit' } });
  });

  it('of something else leaves an answer alone that is on its way, and who comes after it waits for that', async () => {
    const shelves = new Shelves();
    const outcome = Promise.resolve(shelves.ask(callOf(library.getBook, { id: 'b-1' }, shelves.request())));
    await drained();
    await shelves.caches.purge([labelOf({ tag: 'book:b-2' })]);
    const after = Promise.resolve(shelves.ask(callOf(library.getBook, { id: 'b-1' }, shelves.request())));
    await drained();
    expect(shelves.asked).toBe(1);
    shelves.below.lands(says(1));
    expect(await outcome).toMatchObject({ from: { stored: true } });
    expect(await after).toMatchObject({ value: 1 });
  });

  it.each<[string, (key: string) => Selector]>([
    ['its key', (key) => ({ key })],
    ['its product', () => ({ product: 'library' })],
  ])('by %s keeps who comes after it from what was asked for before', async (_, selector) => {
    const shelves = new Shelves();
    const ask = () => Promise.resolve(shelves.ask(callOf(library.getBook, { id: 'b-1' }, shelves.request())));
    void ask();
    await drained();
    await shelves.caches.purge([labelOf(selector(shelves.caches.keyOf(callOf(library.getBook, { id: 'b-1' }, shelves.request())) ?? ''))]);
    void ask();
    await drained();
    expect(shelves.asked).toBe(2);
  });

  it('keeps a 304 from bringing back what was purged meanwhile', async () => {
    const shelves = new Shelves();
    await shelves.book(says(1, { etag: '"1"' }));
    shelves.clock.advance(40_000);
    const outcome = Promise.resolve(shelves.ask(callOf(library.getBook, { id: 'b-1' }, shelves.request())));
    await drained();
    await shelves.caches.purge([labelOf({ product: 'library' })]);
    shelves.below.lands(says(undefined, {}, 304), 1);
    expect(await outcome).toMatchObject({ value: 1, from: { state: 'revalidated', stored: false } });
    expect(shelves.caches.state().entries).toBe(0);
  });

  it('is told to the other instances, and done where another tells of one', async () => {
    const told: (readonly string[])[] = [];
    const shelves = new Shelves({ publish: async (labels) => told.push(labels) });
    await shelves.book();
    expect(await shelves.caches.purge(['tag:book:b-1', 'tag:books'])).toBe(1);
    expect(told).toEqual([['tag:book:b-1', 'tag:books']]);
    await shelves.book();
    shelves.caches.receive(['tag:book:b-1']);
    expect(shelves.caches.state().entries).toBe(0);
    expect(told).toHaveLength(1);
  });

  it.each([undefined, 'tag:book:b-1', [1], [['tag:book:b-1']], { 0: 'tag:book:b-1' }])(
    'is nothing that makes no sense: %j',
    async (message) => {
      const shelves = new Shelves();
      await shelves.book();
      shelves.caches.receive(message);
      expect(shelves.caches.state().entries).toBe(1);
    },
  );

  it('that may have been missed leaves what is kept to stand in for errors only', async () => {
    const shelves = new Shelves();
    await shelves.book(says(1));
    shelves.clock.advance(1);
    const outcome = Promise.resolve(shelves.ask(callOf(library.listBooks, {}, shelves.request())));
    await drained();
    shelves.clock.advance(1);
    shelves.caches.mayHaveMissed();
    expect(await shelves.book(fails('error'))).toMatchObject({ value: 1, from: { state: 'stale', ttlMs: 0, why: 'error' } });
    expect(await shelves.book(says(2))).toMatchObject({ value: 2, from: { state: 'miss', stored: true } });
    expect(await shelves.book(says(3))).toMatchObject({ value: 2, from: { state: 'hit' } });
    shelves.below.lands(says([]), 1);
    expect(await outcome).toMatchObject({ from: { stored: false, why: 'purged' } });
  });
});

describe('a write', () => {
  const write = (shelves: Shelves, said = says({})) => shelves.get(library.putBook, { id: 'b-1', title: 'New' }, said);

  it('that succeeds purges what it is about, before its caller hears of it', async () => {
    const shelves = await filled();
    let entries: number | undefined;
    const outcome = Promise.resolve(shelves.ask(callOf(library.putBook, { id: 'b-1', title: 'New' }, shelves.request()))).then(
      (settled) => {
        ({ entries } = shelves.caches.state());
        return settled;
      },
    );
    await drained();
    shelves.below.lands(says({}), shelves.asked - 1);
    expect(await outcome).toEqual(says({}));
    expect(entries).toBe(2);
    expect(await left(shelves)).toEqual(['b-2', 'loans']);
  });

  it('purges what its address says, whatever the query', async () => {
    const shelves = await filled();
    await shelves.get(library.addBook, { title: 'New' }, says({}));
    expect(await left(shelves)).toEqual(['b-1', 'b-2', 'loans']);
  });

  it.each(['timeout', 'unreachable', 'malformed', 'error', 'cancelled'] satisfies FailureKind[])(
    'purges too where it may have been done: %s',
    async (kind) => {
      const shelves = await filled();
      await write(shelves, fails(kind));
      expect(await left(shelves)).toEqual(['b-2', 'loans']);
    },
  );

  it.each(['declared', 'refused', 'throttled', 'open', 'limited', 'busy', 'budget'] satisfies FailureKind[])(
    'purges nothing where it was not done: %s',
    async (kind) => {
      const shelves = await filled();
      await write(shelves, fails(kind));
      expect(await left(shelves)).toEqual(['b-1', 'b-2', 'page 1', 'page 2', 'loans']);
    },
  );

  it('purges at its end, also where nobody waits for it any more', async () => {
    const shelves = await filled();
    const by = shelves.request();
    const outcome = Promise.resolve(shelves.ask(callOf(library.putBook, { id: 'b-1', title: 'New' }, by)));
    await drained();
    by.cancellation.cancel('cancelled');
    expect(await outcome).toMatchObject({ ok: false });
    await shelves.book(says('read between'));
    shelves.below.lands(says({}), 5);
    await drained();
    expect(await shelves.book(says('read after'))).toMatchObject({ value: 'read after', from: { state: 'miss' } });
  });

  it('is not what asks with a body: a POST that may be repeated and names no tag', async () => {
    const shelves = await filled();
    const { generation } = shelves.caches;
    await shelves.get(library.search, { text: 'a' }, says([]));
    expect(shelves.caches.generation).toBe(generation);
  });

  it.each([
    ['a POST that names a tag', library.sortBooks, { by: 'title' }],
    ['a PUT', library.replaceBooks, { titles: [] }],
  ])('may be repeated and is one all the same: %s', async (_, operation, input) => {
    const shelves = await filled();
    await shelves.get(operation, input, says({}));
    expect(await left(shelves)).toEqual(['b-1', 'b-2', 'loans']);
  });

  it('purges whatever its own policy is', async () => {
    const shelves = await filled();
    shelves.policy = { freshMs: 0, staleMs: 0, staleIfErrorMs: 0, absentMs: 0 };
    await write(shelves);
    shelves.policy = kept;
    expect(await left(shelves)).toEqual(['b-2', 'loans']);
  });

  it('is never stored, whatever its answer says', async () => {
    const shelves = new Shelves();
    for (let i = 0; i < 2; i++) await write(shelves, says({}, { 'cache-control': 'public, max-age=60' }));
    expect([shelves.asked, shelves.caches.state().entries]).toEqual([2, 0]);
  });
});
