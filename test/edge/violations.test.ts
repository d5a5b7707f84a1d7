import { describe, expect, it } from '@jest/globals';
import { openLibrary } from './library.js';

const COUNTER = 'interline_contract_violations_total';

describe('an answer that breaks its contract', () => {
  it('in a part: the answer names the field, the log names who reads it, the count has both', async () => {
    await using subject = await openLibrary();
    const { gateway, readers } = subject;
    readers.answers('getReader', { id: 'r-1', name: 42 });
    const got = await gateway.get('/v1/books/b-1?reader=r-1');
    expect(got).toMatchObject({
      status: 200,
      body: { complete: false, parts: { reader: { state: 'failed', product: 'people', reason: 'contract', fields: ['name'] } } },
    });
    expect(gateway.log.filter(({ level }) => level === 40)).toMatchObject([
      {
        kind: 'contract',
        product: 'people',
        version: 2,
        operation: 'getReader',
        reader: 'GET /v1/books/{bookId}',
        fields: ['name'],
        msg: expect.stringContaining('people v2 getReader broke its contract at name'),
      },
    ]);
    const labels = { product: 'people', version: '2', operation: 'getReader', path: 'name', reader: 'GET /v1/books/{bookId}' };
    expect(await gateway.metric(COUNTER, labels)).toBe(1);
    expect(await gateway.metric(COUNTER)).toBe(1);
  });

  it('in a required part: the problem names product, part and field, and shows no value', async () => {
    await using subject = await openLibrary();
    subject.books.answers('getBook', { id: 'b-1', title: 'Night Flight', year: 1, author: { name: ['what-it-was'], born: 1 } });
    const got = await subject.gateway.get('/v1/books/b-1');
    expect(got).toMatchObject({
      status: 502,
      body: { code: 'contract', product: 'library', part: 'book', detail: expect.stringContaining('author.name') },
    });
    expect(got.text).not.toContain('what-it-was');
    expect(await subject.gateway.metric(COUNTER, { product: 'library', path: 'author.name' })).toBe(1);
  });

  it('where nobody reads it does no harm; where the whole is read it does', async () => {
    await using subject = await openLibrary();
    const { gateway, books } = subject;
    books.answers('getBook', { id: 7, title: 'Night Flight', year: 'soon', author: { name: 'Antoine' } });
    expect(await gateway.get('/v1/books/b-1')).toMatchObject({ status: 200, body: { complete: true } });
    expect(await gateway.metric(COUNTER)).toBe(0);
    expect(await gateway.get('/products/library/v1/books/b-1')).toMatchObject({ status: 502, body: { code: 'contract' } });
    for (const path of ['id', 'year', 'author.born']) expect(await gateway.metric(COUNTER, { path })).toBe(1);
    expect(await gateway.metric(COUNTER)).toBe(3);
  });

  it('in every item of a long list is one path, not as many as there are items', async () => {
    await using subject = await openLibrary();
    const { gateway, books } = subject;
    books.answers('findBooks', { books: Array.from({ length: 500 }, (_, i) => ({ id: `b-${i}`, title: i })) });
    const got = await gateway.get('/v1/catalog');
    expect(got).toMatchObject({ status: 502, body: { detail: expect.stringContaining('books.title') } });
    expect(got.text.length).toBeLessThan(1000);
    expect(await gateway.metric(COUNTER, { path: 'books.title' })).toBe(1);
    expect(JSON.stringify(gateway.log).length).toBeLessThan(2000);
  });

  it('says so once a second in the log, however often it is called, and how many lines it kept back', async () => {
    await using subject = await openLibrary();
    const { gateway, readers } = subject;
    readers.answers('getReader', {});
    const warnings = () => gateway.log.filter(({ level }) => level === 40);
    for (let i = 0; i < 5; i++) await gateway.get('/v1/books/b-1?reader=r-1');
    expect(warnings()).toHaveLength(1);
    gateway.clock.advance(1000);
    await gateway.get('/v1/books/b-1?reader=r-1');
    expect(warnings()).toMatchObject([{ fields: ['name'] }, { held: 4 }]);
    expect(await gateway.metric(COUNTER, { path: 'name' })).toBe(6);
  });
});
