import { describe, expect, it } from '@jest/globals';
import { Store } from '../../src/cache/store.js';
import type { Tier, TierRead } from '../../src/cache/tier.js';
import { labelOf } from '../../src/cache/labels.js';
import type { HandClock } from '../hand-clock.js';
import { handClock } from '../hand-clock.js';
import { drained, request } from '../upstream/layers/calls.js';
import { Shelves, absent, book, callOf, fails, kept, library, says } from './shelves.js';

/** A tier in a map, which may be gone, hang, or refuse what was asked for before a purge, as Redis' does. */
class MapTier implements Tier {
  readonly held = new Map<string, { bytes: Buffer; readonly ttlMs: number; readonly tags: readonly string[] }>();
  readonly reads: string[] = [];
  readonly deleted: string[] = [];
  state: 'up' | 'hangs' | 'breaks' | 'down' = 'up';
  #now = 0;
  #purgedAt = 0;

  async get(key: string): Promise<TierRead> {
    this.reads.push(key);
    if (this.state === 'hangs') return new Promise(() => undefined);
    if (this.state === 'breaks') throw new Error('a tier that breaks its word');
    if (this.state === 'down') return { bytes: undefined, stamp: undefined };
    return { bytes: this.held.get(key)?.bytes, stamp: String(++this.#now) };
  }

  async set(key: string, bytes: Buffer, ttlMs: number, tags: readonly string[], stamp: string | undefined): Promise<boolean> {
    if (stamp === undefined || Number(stamp) < this.#purgedAt) return false;
    this.held.set(key, { bytes, ttlMs, tags });
    return true;
  }

  async del(key: string): Promise<boolean> {
    this.deleted.push(key);
    return this.held.delete(key);
  }

  async purgeTags(tags: readonly string[]): Promise<number> {
    this.#purgedAt = ++this.#now;
    const gone = [...this.held].filter(([, held]) => held.tags.some((tag) => tags.includes(tag)));
    for (const [key] of gone) this.held.delete(key);
    return gone.length;
  }
}

/** Two instances over one tier, each with a memory of its own, on one clock. */
function instances(): { readonly tier: MapTier; readonly clock: HandClock; readonly one: Shelves; readonly two: Shelves } {
  const tier = new MapTier();
  const clock = handClock();
  const two: Shelves = new Shelves({ clock, tier });
  const one = new Shelves({ clock, tier, publish: async (labels) => two.caches.receive(labels) });
  return { tier, clock, one, two };
}

describe('a second tier', () => {
  it('has what another instance fetched, with its age and its terms', async () => {
    const { clock, one, two } = instances();
    await one.book(says(book('b-1'), { 'cache-control': 'max-age=9', age: '1' }));
    clock.advance(3_000);
    expect(await two.book(fails('open'))).toMatchObject({ value: book('b-1'), from: { state: 'hit', ageMs: 4_000, ttlMs: 5_000 } });
    expect(two.asked).toBe(0);
    expect(two.ask(callOf(library.getBook, { id: 'b-1' }, two.request()))).toMatchObject({ from: { state: 'hit' } });
  });

  it('has that there is none', async () => {
    const { one, two } = instances();
    const first = await one.book(absent());
    const again = await two.book();
    expect(again).toMatchObject({ ok: false, from: { state: 'hit' } });
    expect(!again.ok && again.failure).toEqual(!first.ok && first.failure);
  });

  it('has what is stale, or may stand in for an error, as memory has it', async () => {
    const { clock, one, two } = instances();
    await one.book();
    clock.advance(40_000);
    expect(await two.book(fails('unreachable'))).toMatchObject({ value: book('b-1'), from: { state: 'stale', why: 'unreachable' } });
  });

  it('is asked once for all who wait, and the product once where it has nothing', async () => {
    const { tier, one } = instances();
    const outcomes = Array.from({ length: 20 }, () => one.book());
    expect((await Promise.all(outcomes)).map(({ from }) => from?.state)).toEqual(Array.from({ length: 20 }, () => 'miss'));
    expect([tier.reads.length, one.asked]).toEqual([1, 1]);
  });

  it('is asked in the background before the product is: another one may have refreshed already', async () => {
    const { clock, one, two } = instances();
    await one.book(says(1));
    await two.book();
    clock.advance(15_000);
    await one.book(says(2));
    expect(await two.book(says(3))).toMatchObject({ value: 1, from: { state: 'stale' } });
    expect(await two.book(says(3))).toMatchObject({ value: 2, from: { state: 'hit' } });
    expect([one.asked, two.asked]).toEqual([2, 0]);
  });

  it('does not put what is older in the place of what is newer', async () => {
    const { tier, clock, one } = instances();
    await one.book(says(1));
    const [old] = [...tier.held.values()];
    const bytes = old?.bytes ?? Buffer.of();
    clock.advance(31_000);
    await one.book(says(2));
    for (const held of tier.held.values()) held.bytes = bytes;
    clock.advance(31_000);
    expect(await one.book(fails('error'))).toMatchObject({ value: 2, from: { why: 'error' } });
  });

  it('that has nothing yet does not hide what another call brought into memory meanwhile', async () => {
    const { tier, one } = instances();
    const call = (): ReturnType<typeof one.ask> => one.ask(callOf(library.getBook, { id: 'b-1' }, one.request()));
    const first = call();
    await drained(); // the tier had nothing, the product is being asked
    const slow = Promise.withResolvers<TierRead>();
    tier.get = () => slow.promise;
    const second = call();
    one.below.lands(says(book('b-1')));
    await first;
    slow.resolve({ bytes: undefined, stamp: '9' });
    expect(await second).toMatchObject({ value: book('b-1'), from: { state: 'hit' } });
    expect(one.asked).toBe(1);
  });

  it('confirms what was in doubt: purges may have been missed, but not by the tier', async () => {
    const { clock, one, two } = instances();
    await one.book(says(1));
    await two.book();
    clock.advance(1_000);
    two.caches.mayHaveMissed();
    expect(await two.book(fails('open'))).toMatchObject({ value: 1, from: { state: 'hit', ageMs: 1_000 } });
    two.caches.mayHaveMissed();
    expect(two.ask(callOf(library.getBook, { id: 'b-1' }, two.request()))).toMatchObject({ from: { state: 'hit' } });
    clock.advance(1);
    two.caches.mayHaveMissed();
    await one.caches.purge([]);
    expect(await two.book(fails('open'))).toMatchObject({ value: 1, from: { state: 'hit' } });
    expect(two.asked).toBe(0);
  });

  it('does not bring in what breaks what is known to be read', async () => {
    const { clock, one, two } = instances();
    const pages = library.getBook.reads({ pages: true });
    await one.book(says(book('b-1')));
    await two.book(says(0), two.request(), pages);
    clock.advance(40_000);
    await one.book(says(book('b-1', { pages: 'many' })));
    expect(await two.book(fails('error'), two.request())).toMatchObject({ value: book('b-1'), from: { state: 'stale', why: 'error' } });
    clock.advance(15_000);
    await one.book(says(book('b-1', { pages: 3 })));
    expect(await two.book(fails('error'), two.request())).toMatchObject({ value: { pages: 3 }, from: { state: 'hit' } });
    clock.advance(40_000);
    await one.book(says(book('b-1', { pages: 'many' })));
    expect(await two.book(fails('error'), two.request())).toMatchObject({ value: { pages: 3 }, from: { state: 'stale' } });
  });

  it('keeps each entry for as long as it may be of use, under its tags', async () => {
    const { tier, one } = instances();
    await one.book();
    expect([...tier.held.values()]).toMatchObject([
      {
        ttlMs: 70_000,
        tags: ['tag:book:b-1', 'uri:library.v1/books/b-1', 'product:library', 'operation:library.v1.getBook', 'route:GET /v1/test'],
      },
    ]);
  });

  it.each(['breaks', 'down'] as const)('that %s is a miss', async (state) => {
    const { tier, clock, one } = instances();
    tier.state = state;
    expect(await one.book(says(1))).toMatchObject({ value: 1, from: { state: 'miss', stored: true } });
    expect(clock.pending).toBe(0);
    expect(await one.book(fails('open'))).toMatchObject({ value: 1, from: { state: 'hit' } });
  });

  it('that hangs is a miss after 50 ms', async () => {
    const { tier, clock, one } = instances();
    tier.state = 'hangs';
    const outcome = one.ask(callOf(library.getBook, { id: 'b-1' }, one.request()));
    clock.advance(49);
    await drained();
    expect(one.asked).toBe(0);
    clock.advance(1);
    await drained();
    one.below.lands(says(1));
    expect(await outcome).toMatchObject({ value: 1, from: { state: 'miss', stored: true } });
    expect(clock.pending).toBe(0);
  });

  it('is emptied by a write and by a purge, and so is the memory of the others, with a count', async () => {
    const { tier, one, two } = instances();
    await one.book(says(1));
    await two.book();
    await one.get(library.putBook, { id: 'b-1', title: 'New' }, says({}));
    expect([tier.held.size, await two.book(says(2))]).toMatchObject([0, { value: 2, from: { state: 'miss' } }]);
    await one.get(library.getBook, { id: 'b-2' }, says(book('b-2')));
    expect(await one.caches.purge([labelOf({ product: 'library' })])).toBe(2);
    expect([one.caches.state().entries, two.caches.state().entries, tier.held.size]).toEqual([0, 0, 0]);
  });

  it('counts what is in memory alone where the tier has nothing', async () => {
    const { tier, one } = instances();
    await one.book();
    tier.held.clear();
    expect(await one.caches.purge(['product:library'])).toBe(1);
  });

  it('loses one entry by its key, and what a route was served from memory', async () => {
    const { tier, one, two } = instances();
    await one.book();
    await one.get(library.getBook, { id: 'b-2' }, says(book('b-2')));
    await two.get(library.getBook, { id: 'b-2' }, says(0), { ...request({ policy: { cache: kept } }), reader: 'GET /v1/other' });
    const key = one.caches.keyOf(callOf(library.getBook, { id: 'b-1' }, one.request())) ?? '';
    expect([await one.caches.purge([labelOf({ key })]), tier.held.size]).toEqual([1, 1]);
    expect([await two.caches.purge([labelOf({ route: 'GET /v1/other' })]), tier.held.size]).toEqual([1, 0]);
  });

  it('does not get what was asked for before a purge that it knows of', async () => {
    const { tier, one } = instances();
    const outcome = one.ask(callOf(library.getBook, { id: 'b-1' }, one.request()));
    await drained();
    await tier.purgeTags(['tag:book:b-1']);
    one.below.lands(says(1));
    await outcome;
    expect(tier.held.size).toBe(0);
  });

  it('does not bring back into memory what is purged while it is read', async () => {
    const { one, two } = instances();
    await one.book(says(1));
    const outcome = two.ask(callOf(library.getBook, { id: 'b-1' }, two.request()));
    two.caches.receive(['tag:book:b-1']);
    await outcome;
    expect(two.caches.state().entries).toBe(0);
  });

  it('is read anew by who comes after a purge', async () => {
    const { tier, one, two } = instances();
    await one.book(says(1));
    const before = two.ask(callOf(library.getBook, { id: 'b-1' }, two.request()));
    two.caches.receive(['tag:book:b-1']);
    const after = two.ask(callOf(library.getBook, { id: 'b-1' }, two.request()));
    await Promise.all([before, after]);
    expect(tier.reads).toHaveLength(3);
  });

  it('is not told to delete where there was nothing to delete', async () => {
    const { tier, one } = instances();
    for (const said of [says(1, { 'cache-control': 'private' }), fails('refused'), fails('declared')]) await one.book(said);
    expect(tier.deleted).toEqual([]);
  });

  it('gives up an entry that the product withdraws', async () => {
    const { tier, clock, one } = instances();
    await one.book();
    clock.advance(40_000);
    await one.book(fails('refused'));
    expect(tier.held.size).toBe(0);
  });

  it.each<[string, (bytes: Buffer) => Buffer]>([
    ['garbage', () => Buffer.from('garbage')],
    ['nothing', () => Buffer.of()],
    ['JSON of another kind', () => Buffer.from('[]')],
    ['null', () => Buffer.from('null')],
    ['bytes that are cut off', (bytes) => bytes.subarray(0, -1)],
    ['another format', (bytes) => Buffer.from(bytes.toString().replace('"format":1', '"format":2'))],
    ['another key`s bytes', (bytes) => Buffer.from(bytes.toString().replace(/"key":"..../, '"key":"AAAA'))],
    ['no date', (bytes) => Buffer.from(bytes.toString().replace('"date"', '"dat"'))],
    ['labels that are none', (bytes) => Buffer.from(bytes.toString().replace('"labels":[', '"labels":[1,'))],
    ['headers that are none', (bytes) => Buffer.from(bytes.toString().replace('"headers":{', '"headers":{"a":1,'))],
  ])('that holds something else is a miss, told of: %s', async (_, spoil) => {
    const { tier, one, two } = instances();
    await one.book();
    for (const held of tier.held.values()) held.bytes = spoil(held.bytes);
    expect(await two.book(says(2))).toMatchObject({ value: 2, from: { state: 'miss', stored: true } });
    expect(two.told.undecoded).toEqual(['library']);
  });

  it('gives nobody what was stored for another, also where somebody swapped the bytes of two', async () => {
    const { tier, one, two } = instances();
    for (const user of ['u-1', 'u-2']) await one.get(library.getLoans, {}, says(user), one.request({ user }));
    const [first, second] = [...tier.held.values()];
    if (first && second) [first.bytes, second.bytes] = [second.bytes, first.bytes];
    for (const user of ['u-1', 'u-2'])
      expect(await two.get(library.getLoans, {}, says(user), two.request({ user }))).toMatchObject({
        value: user,
        from: { state: 'miss' },
      });
    expect(two.told.undecoded).toHaveLength(2);
  });

  it('keeps what nests too deep for it in memory alone', async () => {
    const tier = new MapTier();
    const shelves = new Shelves({ tier, store: new Store({ maxBytes: 100_000_000, maxEntries: 10 }) });
    let deep: unknown = 1;
    for (let i = 0; i < 100_000; i++) deep = [deep];
    expect((await shelves.get(library.getIndex, { words: 1 }, says(deep))).from).toMatchObject({ state: 'miss', stored: true });
    expect((await shelves.get(library.getIndex, { words: 1 }, fails('open'))).from?.state).toBe('hit');
    expect(tier.held.size).toBe(0);
  });
});
