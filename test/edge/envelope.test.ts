import { describe, expect, it } from '@jest/globals';
import { openLibrary } from './library.js';

describe('a composed answer', () => {
  it('is an envelope: the data, whether it is whole, and every part by name', async () => {
    await using subject = await openLibrary();
    const got = await subject.gateway.get('/v1/books/b-1?reader=r-1');
    expect(got).toMatchObject({ status: 200 });
    expect(got.body).toEqual({
      data: { title: 'Night Flight, Antoine', greeting: 'Ada' },
      complete: true,
      parts: { book: { state: 'ok' }, reader: { state: 'ok' } },
    });
    expect(got.headers.get('gateway-complete')).toBe('?1');
    expect(got.headers.get('content-type')).toBe('application/json; charset=utf-8');
  });

  it('is whole where a part was not needed', async () => {
    await using subject = await openLibrary();
    const got = await subject.gateway.get('/v1/books/b-1');
    expect(got.body).toMatchObject({ complete: true, parts: { reader: { state: 'skipped' } } });
    expect(got.headers.get('gateway-complete')).toBe('?1');
    expect(subject.readers.calls).toEqual([]);
  });

  it('is whole where there is none: an absent part is an answer', async () => {
    await using subject = await openLibrary();
    subject.readers.fails('getReader', 'readerNotFound');
    expect((await subject.gateway.get('/v1/books/b-1?reader=r-9')).body).toMatchObject({
      data: { greeting: null },
      complete: true,
      parts: { reader: { state: 'ok' } },
    });
  });

  it('names what is missing, is nobody’s to store, and says so in a header', async () => {
    await using subject = await openLibrary();
    subject.readers.breaks(500);
    const got = await subject.gateway.get('/v1/books/b-1?reader=r-1', { headers: { 'if-none-match': '*' } });
    expect(got).toMatchObject({
      status: 200,
      body: {
        data: { title: 'Night Flight, Antoine', greeting: null },
        complete: false,
        parts: { book: { state: 'ok' }, reader: { state: 'failed', product: 'people', reason: 'error' } },
      },
    });
    expect(Object.fromEntries(['gateway-complete', 'cache-control', 'etag'].map((name) => [name, got.headers.get(name)]))).toEqual({
      'gateway-complete': '?0',
      'cache-control': 'no-store',
      etag: null,
    });
  });

  it('is complete again as soon as the product is back', async () => {
    await using subject = await openLibrary();
    subject.readers.breaks(500);
    expect((await subject.gateway.get('/v1/books/b-1?reader=r-1')).body).toMatchObject({ complete: false });
    subject.readers.mends();
    expect((await subject.gateway.get('/v1/books/b-1?reader=r-1')).body).toMatchObject({ complete: true });
  });
});

describe('Cache-Control', () => {
  it.each([
    ['/v1/catalog', 'no-cache'],
    ['/v1/books/b-1', 'private, no-cache'],
    ['/products/library/v1/books/b-1', 'no-cache'],
    ['/products/people/v2/readers/r-1', 'private, no-cache'],
    ['/v1/books/b-1?x=1', 'no-store'],
    ['/nowhere', 'no-store'],
  ])('of %s is %s: the strictest part decides', async (path, control) => {
    await using subject = await openLibrary();
    expect((await subject.gateway.get(path)).headers.get('cache-control')).toBe(control);
  });
});

describe('an answer that the caller holds already', () => {
  it.each([
    ['the tag itself', (etag: string) => etag, 304],
    ['the tag, said weakly', (etag: string) => `W/${etag}`, 304],
    ['a list that has it', (etag: string) => `"other" ,${etag}, W/"third"`, 304],
    ['whatever there is', () => '*', 304],
    ['another tag', () => '"other"', 200],
    ['a part of it', (etag: string) => etag.slice(0, -3), 200],
    ['the tag without its quotes', (etag: string) => etag.slice(1, -1), 200],
    ['nothing', () => '', 200],
  ])('is told by %s', async (_, named, status) => {
    await using subject = await openLibrary();
    for (const path of ['/v1/books/b-1', '/products/library/v1/books/b-1']) {
      const first = await subject.gateway.get(path);
      const etag = first.headers.get('etag') ?? '';
      expect(etag).toMatch(/^"[\w-]{27}"$/);
      const again = await subject.gateway.get(path, { headers: { 'if-none-match': named(etag) } });
      expect(again.status).toBe(status);
      expect(again.text).toBe(status === 304 ? '' : first.text);
      expect(again.headers.get('etag')).toBe(etag);
      expect(again.headers.get('cache-control')).toBe(first.headers.get('cache-control'));
      expect(again.headers.get('content-type')).toBe(status === 304 ? null : first.headers.get('content-type'));
    }
    const { metric } = subject.gateway;
    expect(await metric('interline_responses_total', { category: 'success_not_modified' })).toBe(status === 304 ? 2 : 0);
  });

  it('has another tag as soon as a byte of it is another', async () => {
    await using subject = await openLibrary();
    const tag = async () => (await subject.gateway.get('/v1/catalog')).headers.get('etag');
    const first = await tag();
    expect(await tag()).toBe(first);
    subject.books.answers('findBooks', { books: [] });
    expect(await tag()).not.toBe(first);
  });

  it('is not what a write answers', async () => {
    await using subject = await openLibrary();
    const headers = { 'content-type': 'application/json', 'if-none-match': '*' };
    const body = '{"bookId":"b-0001","readerId":"r-0001","days":3}';
    const got = await subject.gateway.get('/v1/loans', { method: 'POST', headers, body });
    expect(got).toMatchObject({ status: 200, body: { complete: true, data: { line: 'Night Flight for Ada, 3 days' } } });
    expect(got.headers.get('etag')).toBeNull();
  });
});
