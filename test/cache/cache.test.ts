import { describe, expect, it } from '@jest/globals';
import { cache } from '../../src/cache/cache.js';
import { drained, request, throwing } from '../upstream/layers/calls.js';
import { Shelves, callOf, fails, kept, library, says } from './shelves.js';

describe('the cache', () => {
  it('answers from memory while it is fresh, at once and without a promise', async () => {
    const shelves = new Shelves();
    expect(await shelves.book(says(1.08))).toMatchObject({ value: 1.08, from: { state: 'miss', stored: true, ageMs: 0, ttlMs: 10_000 } });
    shelves.clock.advance(9_999);
    expect(shelves.ask(callOf(library.getBook, { id: 'b-1' }, shelves.request()))).toMatchObject({
      ok: true,
      value: 1.08,
      from: { state: 'hit', ageMs: 9_999, ttlMs: 1 },
    });
    expect(shelves.asked).toBe(1);
  });

  it('passes on as they are: what has nothing to keep, and what is no GET', async () => {
    const shelves = new Shelves();
    shelves.policy = { freshMs: 0, staleMs: 0, staleIfErrorMs: 0, absentMs: 0 };
    expect(await shelves.book(says(1.08))).toEqual(says(1.08));
    expect(await shelves.book(says(1.08))).toEqual(says(1.08));
    shelves.policy = kept;
    const find = () =>
      shelves.get(library.search, { text: 'a' }, says([], { 'cache-control': 'max-age=60' }), shelves.request({ user: 'u-1' }));
    expect([await find(), await find()]).toEqual([
      says([], { 'cache-control': 'max-age=60' }),
      says([], { 'cache-control': 'max-age=60' }),
    ]);
    expect(shelves.asked).toBe(4);
    expect(shelves.caches.state().entries).toBe(0);
  });

  it('keeps nothing of somebody whom nobody has named', async () => {
    const shelves = new Shelves();
    const cart = () => shelves.get(library.getLoans, {}, says('mine'), shelves.request({ consumer: 'web' }));
    const terms = () => shelves.get(library.getPrices, {}, says('ours'), shelves.request({ user: 'u-1' }));
    for (const ask of [cart, terms])
      for (let i = 0; i < 2; i++) expect(await ask()).toMatchObject({ from: { state: 'miss', stored: false, why: 'identity' } });
    expect(shelves.asked).toBe(4);
    expect(shelves.caches.state().entries).toBe(0);
  });

  it('keeps what a user was told for that user and consumer alone', async () => {
    const shelves = new Shelves();
    const cart = async (user: string, consumer: string) => {
      const outcome = await shelves.get(library.getLoans, {}, says(`${user} by ${consumer}`), shelves.request({ user, consumer }));
      return outcome.ok ? [outcome.value, outcome.from?.state] : [];
    };
    expect(await cart('u-1', 'web')).toEqual(['u-1 by web', 'miss']);
    expect(await cart('u-2', 'web')).toEqual(['u-2 by web', 'miss']);
    expect(await cart('u-1', 'app')).toEqual(['u-1 by app', 'miss']);
    expect(await cart('u-1', 'web')).toEqual(['u-1 by web', 'hit']);
    expect(await cart('u-2', 'web')).toEqual(['u-2 by web', 'hit']);
  });

  it('serves what is stale, marked so, and has one call in the background refresh it', async () => {
    const shelves = new Shelves();
    await shelves.book(says(1.08));
    shelves.clock.advance(10_000);
    const stale = { ok: true, value: 1.08, from: { state: 'stale', ageMs: 10_000, ttlMs: 0 } };
    for (let i = 0; i < 5; i++) expect(shelves.ask(callOf(library.getBook, { id: 'b-1' }, shelves.request()))).toMatchObject(stale);
    await drained();
    expect(shelves.asked).toBe(2);
    expect(shelves.caches.state()).toMatchObject({ refreshing: 1, products: { library: { stale: 5, refreshes: 1 } } });
    shelves.below.lands(says(1.09), 1);
    await drained();
    expect(await shelves.book(says(1.08))).toMatchObject({ value: 1.09, from: { state: 'hit', ageMs: 0, ttlMs: 10_000 } });
    expect(shelves.asked).toBe(2);
  });

  it('refreshes on its own: neither the end of the request nor its budget or deadline stops the call', async () => {
    const shelves = new Shelves();
    await shelves.book(says(1.08));
    shelves.clock.advance(15_000);
    const by = request({ limit: 3, deadlineAt: 15_001, policy: { cache: kept } });
    void shelves.ask(callOf(library.getBook, { id: 'b-1' }, by));
    by.cancellation.cancel('cancelled');
    by.budget.spent = 3;
    await drained();
    const { scope, cancellation } = shelves.last;
    expect(cancellation.reason).toBeUndefined();
    expect(scope).toMatchObject({
      deadlineAt: Infinity,
      budget: { spent: 0, limit: 3 },
      requestId: by.requestId,
      traceparent: by.traceparent,
    });
    expect(scope.batching).not.toBe(by.batching);
    shelves.below.lands(says(1.1), 1);
    await drained();
    expect(await shelves.book(says(1.08))).toMatchObject({ value: 1.1, from: { state: 'hit' } });
  });

  it('tries a refresh again with the next reader where it failed, and serves on meanwhile', async () => {
    const shelves = new Shelves();
    await shelves.book(says(1.08));
    shelves.clock.advance(15_000);
    expect(await shelves.book(fails('error'))).toMatchObject({ value: 1.08, from: { state: 'stale' } });
    expect(await shelves.book(fails('timeout'))).toMatchObject({ value: 1.08, from: { state: 'stale' } });
    expect(await shelves.book(says(1.2))).toMatchObject({ value: 1.08 });
    expect(await shelves.book(says(1.08))).toMatchObject({ value: 1.2, from: { state: 'hit' } });
    expect(shelves.asked).toBe(4);
    expect(shelves.caches.state().products['library']).toMatchObject({ refreshes: 3, stale: 3, hit: 1, miss: 1 });
  });

  it('tells of a bug in a refresh, and goes on', async () => {
    const shelves = new Shelves();
    await shelves.book(says(1.08));
    shelves.clock.advance(15_000);
    const bug = new Error('a mistake');
    expect(cache(shelves.caches)(callOf(library.getBook, { id: 'b-1' }, shelves.request()), throwing(bug))).toMatchObject({ value: 1.08 });
    await drained();
    expect(shelves.told.bugs).toEqual([bug]);
    expect(shelves.caches.refreshing.size).toBe(0);
  });

  it('acts at once on a span that is changed: what is stored becomes stale or fresh by the policy in force', async () => {
    const shelves = new Shelves();
    await shelves.book(says(1.08));
    shelves.clock.advance(8_000);
    shelves.policy = { ...kept, freshMs: 5_000 };
    expect(await shelves.book(says(1.1))).toMatchObject({ value: 1.08, from: { state: 'stale', ttlMs: -3_000 } });
    shelves.clock.advance(8_000);
    shelves.policy = { ...kept, freshMs: 60_000 };
    expect(await shelves.book(says(1.08))).toMatchObject({ value: 1.1, from: { state: 'hit', ttlMs: 52_000 } });
    shelves.policy = { freshMs: 1, staleMs: 0, staleIfErrorMs: 0, absentMs: 0 };
    expect(await shelves.book(says(1.2))).toMatchObject({ value: 1.2, from: { state: 'miss' } });
  });

  it('never serves before or after its spans: the product is asked', async () => {
    const shelves = new Shelves();
    await shelves.book(says(1.08));
    shelves.clock.advance(30_000);
    expect(await shelves.book(says(1.3))).toMatchObject({ value: 1.3, from: { state: 'miss', stored: true } });
  });

  it('has an operator shorten what a product allows, and never lengthen it', async () => {
    const shelves = new Shelves();
    await shelves.book(says(1, { 'cache-control': 'max-age=4' }));
    shelves.clock.advance(3_999);
    expect(await shelves.book(says(1.08))).toMatchObject({ from: { state: 'hit', ttlMs: 1 } });
    shelves.clock.advance(1);
    expect(await shelves.book(says(2, { 'cache-control': 'max-age=3600' }))).toMatchObject({ from: { state: 'stale', ttlMs: 0 } });
    shelves.clock.advance(9_999);
    expect(await shelves.book(says(1.08))).toMatchObject({ value: 2, from: { state: 'hit', ttlMs: 1 } });
    shelves.clock.advance(1);
    expect(await shelves.book(says(1.08))).toMatchObject({ value: 2, from: { state: 'stale' } });
  });

  it.each([
    ['private', { 'cache-control': 'private, max-age=60' }],
    ['no-store', { 'cache-control': 'max-age=60, no-store' }],
    ['no-cache', { 'cache-control': 'no-cache' }],
    ['set-cookie', { 'set-cookie': ['a=b'] }],
    ['malformed', { 'cache-control': 'max-age=60, "' }],
    ['vary', { vary: '*' }],
    ['vary', { vary: 'Accept-Language, X-Request-Id' }],
    ['vary', { vary: 'traceparent' }],
  ])('stores nothing that the product forbids to store: %s', async (why, headers) => {
    const shelves = new Shelves();
    for (let i = 0; i < 2; i++)
      expect(await shelves.book(says(i, headers))).toMatchObject({ value: i, from: { state: 'miss', stored: false, why } });
    expect(shelves.caches.state()).toMatchObject({ entries: 0, products: { library: { miss: 2, unstored: 2 } } });
  });

  it('drops what it has as soon as the product forbids to store it', async () => {
    const shelves = new Shelves();
    await shelves.book(says(1.08));
    shelves.clock.advance(15_000);
    await shelves.book(says(2, { 'cache-control': 'private' }));
    expect(shelves.caches.state().entries).toBe(0);
  });

  it('stores what varies only by what stands in the key or never goes out', async () => {
    const shelves = new Shelves();
    expect(await shelves.book(says(1, { vary: 'Origin, Accept-Language, Accept' }))).toMatchObject({ from: { stored: true } });
  });

  it('stores nothing that is of no use as soon as it is there', async () => {
    const shelves = new Shelves();
    shelves.policy = { ...kept, staleIfErrorMs: 0 };
    const useless = says(1, { 'cache-control': 'max-age=0' });
    expect(await shelves.book(useless)).toMatchObject({ from: { stored: false, why: 'lifetime' } });
    expect(await shelves.book(says(1, { 'cache-control': 'max-age=0', etag: '"1"' }))).toMatchObject({ from: { stored: true } });
  });

  it('stores nothing with more tags than it can be found by, and nothing that is too large', async () => {
    const shelves = new Shelves();
    expect(await shelves.book(says('x'.repeat(125_000)))).toMatchObject({ from: { stored: false, why: 'size' } });
    const index = (words: number) => shelves.get(library.getIndex, { words }, says(1));
    expect(await index(65)).toMatchObject({ from: { stored: false, why: 'tags' } });
    expect(shelves.caches.state().entries).toBe(0);
    expect(await index(64)).toMatchObject({ from: { stored: true } });
  });

  it('spreads the ends of what was stored together over a tenth to both sides', async () => {
    const random = [0, 0.25, 0.75, 0.999];
    let drawn = 0;
    const shelves = new Shelves({ random: () => random[drawn++] ?? 0 });
    const lives = [];
    for (const id of ['a', 'b', 'c', 'd']) {
      const outcome = await shelves.get(library.getBook, { id }, says(1));
      lives.push(outcome.from?.ttlMs);
    }
    expect(lives).toEqual([9_000, 9_500, 10_500, expect.closeTo(10_998, 5)]);
  });
});
