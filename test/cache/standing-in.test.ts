import { describe, expect, it } from '@jest/globals';
import { type AnyPart, type FailureKind, failureKinds, failures } from '#contracts/kernel/index.js';
import { drained } from '../upstream/layers/calls.js';
import { Shelves, absent, book, callOf, fails, kept, library, says } from './shelves.js';

const title = library.getBook.reads({ title: true });
const pages = library.getBook.reads({ pages: true });

/** A shelf with one book, past the span in which it is served as it is. */
async function spare(headers: Readonly<Record<string, string>> = {}, part?: AnyPart): Promise<Shelves> {
  const shelves = new Shelves();
  await shelves.book(says(book('b-1'), headers), shelves.request(), part);
  shelves.clock.advance(40_000);
  return shelves;
}

describe('what is kept, after its spans', () => {
  it.each(failureKinds.filter((kind) => kind !== 'cancelled' && kind !== 'budget'))(
    'stands in for a failure as the table says: %s',
    async (kind) => {
      const shelves = await spare();
      const outcome = await shelves.book(fails(kind));
      expect(outcome).toMatchObject(
        failures[kind].staleMayServe
          ? { ok: true, value: book('b-1'), from: { state: 'stale', ageMs: 40_000, ttlMs: -30_000, why: kind } }
          : { ok: false, failure: { kind } },
      );
      expect(shelves.asked).toBe(2);
    },
  );

  it.each(['budget', 'cancelled'] satisfies FailureKind[])('stands in for nothing of the caller`s own: %s', async (kind) => {
    expect(await (await spare()).book(fails(kind))).toMatchObject({ ok: false, failure: { kind } });
  });

  it('stands in until its time is over, to the millisecond', async () => {
    const shelves = await spare();
    shelves.clock.advance(29_999);
    expect(await shelves.book(fails('error'))).toMatchObject({ ok: true, from: { state: 'stale', ageMs: 69_999 } });
    shelves.clock.advance(1);
    expect(await shelves.book(fails('error'))).toMatchObject({ ok: false });
  });

  it.each(['must-revalidate', 'proxy-revalidate', 'no-cache', 's-maxage=10', 'stale-if-error=5'])(
    'never stands in where the product forbids it: %s',
    async (said) => {
      const shelves = await spare({ 'cache-control': said, etag: '"1"' });
      expect(await shelves.book(fails('unreachable'))).toMatchObject({ ok: false, failure: { kind: 'unreachable' } });
    },
  );

  it.each(['must-revalidate', 'proxy-revalidate', 's-maxage=10', 'stale-while-revalidate=1'])(
    'is not served while it is refreshed where the product forbids it: %s',
    async (said) => {
      const shelves = new Shelves();
      await shelves.book(says(book('b-1'), { 'cache-control': said }));
      shelves.clock.advance(11_000);
      expect(await shelves.book(says(book('b-2')))).toMatchObject({ value: book('b-2'), from: { state: 'miss' } });
    },
  );

  it.each(['declared', 'refused'] satisfies FailureKind[])('is let go by the product`s own word: %s', async (kind) => {
    const shelves = await spare();
    expect(await shelves.book(fails(kind, { error: 'bookHidden' }))).toMatchObject({ ok: false, failure: { kind } });
    expect(shelves.caches.state().entries).toBe(0);
    expect(await shelves.book(fails('error'))).toMatchObject({ ok: false, failure: { kind: 'error' } });
  });

  it('is let go when a refresh in the background is refused', async () => {
    const shelves = new Shelves();
    await shelves.book();
    shelves.clock.advance(15_000);
    expect(await shelves.book(fails('refused'))).toMatchObject({ ok: true, from: { state: 'stale' } });
    expect(shelves.caches.state().entries).toBe(0);
  });
});

describe('an answer that breaks what is read', () => {
  const broken = () => says(book('b-1', { pages: 'many' }));

  it('is not stored', async () => {
    const shelves = new Shelves();
    expect(await shelves.book(broken(), shelves.request(), pages)).toMatchObject({ ok: true, from: { stored: false, why: 'contract' } });
    expect(shelves.caches.state().entries).toBe(0);
  });

  it('never replaces a good one: that stands in for who reads the broken field', async () => {
    const shelves = await spare({}, pages);
    expect(await shelves.book(broken(), shelves.request(), pages)).toMatchObject({
      value: book('b-1'),
      from: { state: 'stale', why: 'contract' },
    });
    expect(await shelves.book(broken(), shelves.request(), title)).toMatchObject({
      value: book('b-1', { pages: 'many' }),
      from: { stored: false, why: 'contract' },
    });
    expect(await shelves.book(fails('error'), shelves.request(), pages)).toMatchObject({
      ok: true,
      value: book('b-1'),
      from: { why: 'error' },
    });
  });

  it('does not replace a good one from the background either, and does once that one is of no use any more', async () => {
    const shelves = new Shelves();
    await shelves.book(says(book('b-1')), shelves.request(), pages);
    shelves.clock.advance(15_000);
    await shelves.book(broken(), shelves.request(), title);
    expect(await shelves.book(fails('error'), shelves.request(), pages)).toMatchObject({ value: book('b-1'), from: { state: 'stale' } });
    shelves.clock.advance(60_000);
    expect(await shelves.book(broken(), shelves.request(), title)).toMatchObject({ from: { stored: true } });
  });

  it('remembers what is read across a replacement', async () => {
    const shelves = await spare({}, pages);
    await shelves.book(says(book('b-1', { pages: 7 })), shelves.request(), title);
    shelves.clock.advance(40_000);
    expect(await shelves.book(broken(), shelves.request(), title)).toMatchObject({ from: { stored: false, why: 'contract' } });
  });

  it('is no answer to who reads the broken field, even where another one had it stored', async () => {
    const shelves = new Shelves();
    await shelves.book(broken(), shelves.request(), title);
    expect(await shelves.book(says(book('b-1', { pages: 9 })), shelves.request(), pages)).toMatchObject({
      value: { pages: 9 },
      from: { state: 'miss', stored: true },
    });
    expect(await shelves.book(fails('error'), shelves.request(), title)).toMatchObject({ value: { pages: 9 }, from: { state: 'hit' } });
    expect(shelves.asked).toBe(2);
  });

  it('is not asked to be confirmed by who reads the broken field', async () => {
    const shelves = new Shelves();
    await shelves.book(says(book('b-1', { pages: 'many' }), { etag: '"1"' }), shelves.request(), title);
    await shelves.book(says(book('b-1')), shelves.request(), pages);
    expect(shelves.last.conditions).toBeUndefined();
  });
});

describe('that there is none', () => {
  it('is remembered for its own span, as the very failure that it was', async () => {
    const shelves = new Shelves();
    const first = await shelves.book(absent());
    expect(first).toMatchObject({
      ok: false,
      failure: { kind: 'declared', error: 'bookNotFound', status: 404 },
      from: { state: 'miss', stored: true, ttlMs: 5_000 },
    });
    shelves.clock.advance(4_999);
    const again = await shelves.book();
    expect(again).toMatchObject({ ok: false, from: { state: 'hit', ageMs: 4_999, ttlMs: 1 } });
    expect(!first.ok && !again.ok && again.failure).toEqual(!first.ok && first.failure);
    shelves.clock.advance(1);
    expect(await shelves.book()).toMatchObject({ ok: true, from: { state: 'miss' } });
  });

  it('takes the place of what was there, and stands in for nothing', async () => {
    const shelves = await spare();
    await shelves.book(absent());
    shelves.clock.advance(5_000);
    expect(await shelves.book(fails('error'))).toMatchObject({ ok: false, failure: { kind: 'error' } });
  });

  it('is not remembered where the policy or the product is against it', async () => {
    const shelves = await spare();
    shelves.policy = { ...kept, absentMs: 0 };
    await shelves.book(absent());
    expect(shelves.caches.state().entries).toBe(0);
    shelves.policy = kept;
    expect(await shelves.book(absent({ 'cache-control': 'no-store' }))).toMatchObject({ from: { stored: false, why: 'no-store' } });
    expect(await shelves.book(absent({ 'cache-control': 'max-age=1' }))).toMatchObject({ from: { stored: true, ttlMs: 1_000 } });
  });

  it('is the only thing that is kept where only that is to be kept', async () => {
    const shelves = new Shelves();
    shelves.policy = { freshMs: 0, staleMs: 0, staleIfErrorMs: 0, absentMs: 5_000 };
    expect(await shelves.book()).toMatchObject({ from: { stored: false, why: 'lifetime' } });
    expect(await shelves.book(absent())).toMatchObject({ from: { stored: true } });
  });

  it('is no other declared error, and no failure that only bears the name', async () => {
    const shelves = new Shelves();
    for (const failure of [fails('declared', { error: 'bookHidden' }), fails('error', { error: 'bookNotFound' })])
      await shelves.book(failure);
    expect(shelves.caches.state().entries).toBe(0);
  });
});

describe('an answer with a validator', () => {
  const etag = { etag: '"1"', 'x-more': 'a' };

  it('is asked about, and serves on where it still holds', async () => {
    const shelves = await spare({ ...etag, 'last-modified': 'Fri, 20 Nov 2026 11:00:00 GMT' });
    const outcome = await shelves.book(says(undefined, { 'x-more': 'b', etag: '"1"' }, 304));
    expect(shelves.last.conditions).toEqual({ 'if-none-match': '"1"', 'if-modified-since': 'Fri, 20 Nov 2026 11:00:00 GMT' });
    expect(outcome).toMatchObject({
      value: book('b-1'),
      answer: { status: 200, headers: { 'x-more': 'b' } },
      from: { state: 'revalidated', ageMs: 0, ttlMs: 10_000, stored: true },
    });
    expect(await shelves.book()).toMatchObject({ value: book('b-1'), from: { state: 'hit', ageMs: 0 } });
  });

  it('keeps what parts read of it, and its body, when it is renewed', async () => {
    const checks: unknown[] = [];
    const part = { ...pages, check: (value: unknown) => (checks.push(value), pages.check(value)) };
    const shelves = await spare(etag, part);
    await shelves.book(says(undefined, {}, 304), shelves.request(), part);
    expect(await shelves.book(says(0), shelves.request(), part)).toMatchObject({ from: { state: 'hit' } });
    expect(checks).toHaveLength(1);
  });

  it('is asked about before each use where the product wants that', async () => {
    const shelves = new Shelves();
    const always = { etag: '"1"', 'cache-control': 'no-cache' };
    await shelves.book(says(book('b-1'), always));
    for (let i = 0; i < 2; i++)
      expect(await shelves.book(says(undefined, always, 304))).toMatchObject({ value: book('b-1'), from: { state: 'revalidated' } });
    expect(shelves.asked).toBe(3);
  });

  it('is let go where the 304 forbids to store it', async () => {
    const shelves = await spare(etag);
    expect(await shelves.book(says(undefined, { 'cache-control': 'private' }, 304))).toMatchObject({
      value: book('b-1'),
      from: { state: 'revalidated', stored: false },
    });
    expect(shelves.caches.state().entries).toBe(0);
  });

  it('takes its age from the 304 and not from what came before', async () => {
    const shelves = await spare({ ...etag, age: '500', date: 'Fri, 20 Nov 2026 11:00:00 GMT' });
    expect(await shelves.book(says(undefined, {}, 304))).toMatchObject({ from: { ageMs: 0 } });
  });

  it('is renewed once for all who asked together', async () => {
    const shelves = await spare(etag);
    const both = Promise.all([shelves.book(says(undefined, {}, 304)), shelves.book(says(undefined, {}, 304))]);
    expect(await both).toMatchObject([
      { value: book('b-1'), from: { state: 'revalidated' } },
      { value: book('b-1'), from: { state: 'revalidated' } },
    ]);
    expect(shelves.asked).toBe(2);
  });

  it('is asked about by nobody else`s call: who needs the whole answer never waits for a 304', async () => {
    const shelves = new Shelves();
    await shelves.book(says(book('b-1', { pages: 'many' }), { etag: '"1"' }), shelves.request(), title);
    shelves.clock.advance(40_000);
    const ask = (part: AnyPart) => Promise.resolve(shelves.ask(callOf(library.getBook, { id: 'b-1' }, shelves.request(), part)));
    const outcomes = [ask(title), ask(pages), ask(title), ask(pages)];
    await drained();
    expect(shelves.below.calls.slice(1).map(({ conditions }) => conditions !== undefined)).toEqual([true, false]);
    shelves.below.lands(says(book('b-1', { pages: 4 })), 2);
    await drained();
    shelves.below.lands(says(undefined, {}, 304), 1);
    expect((await Promise.all(outcomes)).map(({ from }) => from?.state)).toEqual(['revalidated', 'miss', 'revalidated', 'miss']);
    expect(await shelves.book(fails('open'), shelves.request(), pages)).toMatchObject({ value: { pages: 4 }, from: { state: 'hit' } });
  });

  it('is replaced where it no longer holds', async () => {
    const shelves = await spare(etag);
    expect(await shelves.book(says(book('b-1', { pages: 5 }), { etag: '"2"' }))).toMatchObject({
      value: { pages: 5 },
      from: { state: 'miss', stored: true },
    });
  });
});
