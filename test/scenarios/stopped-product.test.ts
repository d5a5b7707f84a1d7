import { describe, expect, it } from '@jest/globals';
import { openLibrary } from '../edge/library.js';
import { Holding, book, times } from './holding.js';

/** Chance makes a span of freshness a tenth longer or shorter; the times below keep clear of both. */
const KEPT = 'cache: { fresh: 10s, stale: 20s, staleIfError: 5m }';
const IDS = times(5, (nth) => `b-${nth}`);

describe('a product that is stopped when what it said is kept', () => {
  it('is not missed: every answer is 200 and says how old it is, until the window ends; then it is its failure', async () => {
    await using subject = await openLibrary({ policies: { library: KEPT } });
    const { gateway, books } = subject;
    for (const id of IDS) await gateway.get(`/v1/books/${id}?reader=r-1`);
    await books[Symbol.asyncDispose]();
    let age = 0;
    const at = (seconds: number): void => {
      gateway.clock.advance((seconds - age) * 1000);
      age = seconds;
    };
    at(8);
    for (const id of IDS)
      expect(await gateway.get(`/v1/books/${id}?reader=r-1`)).toMatchObject({ status: 200, body: { parts: { book: { state: 'ok' } } } });
    for (const seconds of [12, 20, 28, 32, 100, 200, 308]) {
      at(seconds);
      for (const answer of await Promise.all(times(50, (nth) => gateway.get(`/v1/books/b-${nth % 5}?reader=r-1`)))) {
        expect(answer).toMatchObject({ status: 200, body: { complete: true, parts: { book: { state: 'stale', age } } } });
        expect(answer.headers.get('age')).toBe(String(age));
        expect(answer.headers.get('cache-status')).toMatch(/^interline\/book; hit; ttl=-\d+; /);
        // While it may be refreshed in the background nobody waits for the product; after that, why it stands in is said.
        expect(answer.text.includes('"reason":"unreachable"')).toBe(seconds >= 32);
      }
    }
    at(312);
    for (const id of IDS)
      expect(await gateway.get(`/v1/books/${id}?reader=r-1`)).toMatchObject({
        status: 502,
        body: { code: 'unreachable', product: 'library', part: 'book' },
      });
  }, 30_000);

  it('counts the age that its answers had when they came', async () => {
    await using subject = await openLibrary({ policies: { library: KEPT } });
    const { gateway, books } = subject;
    new Holding(books, 'getBook', () => ({ body: book('b-1', 'Night Flight'), headers: { age: '7' } })).opens();
    await gateway.get('/v1/books/b-1');
    await books[Symbol.asyncDispose]();
    gateway.clock.advance(60_000);
    expect(await gateway.get('/v1/books/b-1')).toMatchObject({
      status: 200,
      body: { parts: { book: { state: 'stale', age: 67, reason: 'unreachable' } } },
    });
  });

  it.each(['must-revalidate', 'no-cache', 'private', 'no-store'])('is missed where it said %s', async (control) => {
    await using subject = await openLibrary({ policies: { library: KEPT } });
    const { gateway, books } = subject;
    const headers = { 'cache-control': `max-age=10, ${control}`, etag: '"1"' };
    new Holding(books, 'getBook', () => ({ body: book('b-1', 'Night Flight'), headers })).opens();
    await gateway.get('/v1/books/b-1');
    await books[Symbol.asyncDispose]();
    gateway.clock.advance(12_000);
    expect(await gateway.get('/v1/books/b-1')).toMatchObject({ status: 502, body: { code: 'unreachable' } });
  });
});
