import { describe, expect, it } from '@jest/globals';
import { call, running } from './kit-fixture.js';
import { library } from './library.js';

interface Books {
  readonly books: readonly { readonly id?: string; readonly title?: unknown; readonly pages?: number }[];
}
const booksOf = ({ body }: { readonly body: unknown }): Books['books'] => (body as Books).books;

describe('faults', () => {
  it('are set, shown and cleared without a key', async () => {
    await using product = await running(library);
    const url = `${product.url}/faults`;
    expect(await call(url)).toMatchObject({ status: 200, body: {} });
    expect(await call(url, { method: 'PUT', body: { status: 503 } })).toMatchObject({ status: 200, body: { status: 503 } });
    expect(await call(url)).toMatchObject({ body: { status: 503 } });
    expect(await call(url, { method: 'PUT', body: { omit: ['title'] } })).toMatchObject({ body: { omit: ['title'] } });
    expect((await call(url)).body).toEqual({ omit: ['title'] });
    expect((await call(url, { method: 'DELETE' })).body).toEqual({});
    expect((await call(url)).body).toEqual({});
  });

  it.each([
    ['an unknown fault, with the nearest known one', { latencyms: 5 }, 'latencyms', 'unknown fault (did you mean "latencyMs"?)'],
    [
      'an unknown operation, with the nearest known one',
      { status: 503, operation: 'getBok' },
      'operation',
      'no such operation (did you mean "getBook"?)',
    ],
    ['a status that is no error', { status: 200 }, 'status', expect.any(String)],
    ['a rate above one', { errorRate: 1.5 }, 'errorRate', expect.any(String)],
  ])('refuse %s and stay as they were', async (_, faults, path, message) => {
    await using product = await running(library);
    expect(await product.send('PUT', '/faults', faults)).toMatchObject({
      status: 400,
      body: { code: 'bad-input', errors: [{ in: 'body', path, message }] },
    });
    expect((await product.get('/faults')).body).toEqual({});
  });

  it('status: answers with it, until cleared, and never on /health', async () => {
    await using product = await running(library);
    await product.send('PUT', '/faults', { status: 503 });
    expect(await product.get('/v1/books/b-0001')).toMatchObject({
      status: 503,
      type: expect.stringContaining('application/problem+json'),
      body: { code: 'fault' },
    });
    expect(await product.get('/health')).toMatchObject({ status: 200 });
    await product.send('DELETE', '/faults');
    expect(await product.get('/v1/books/b-0001')).toMatchObject({ status: 200 });
  });

  it('operation: leaves the others alone', async () => {
    await using product = await running(library);
    await product.send('PUT', '/faults', { status: 503, operation: 'listBooks' });
    expect(await product.get('/v1/books')).toMatchObject({ status: 503 });
    expect(await product.get('/v1/books/b-0001')).toMatchObject({ status: 200 });
  });

  it('errorRate: fails that share of the calls, the same ones on every run', async () => {
    const statuses = async (): Promise<number[]> => {
      await using product = await running(library);
      await product.send('PUT', '/faults', { errorRate: 0.5 });
      const seen: number[] = [];
      for (let i = 0; i < 40; i++) seen.push((await product.get('/v1/books/b-0001')).status);
      return seen;
    };
    const first = await statuses();
    const failed = first.filter((status) => status === 500).length;
    expect(failed).toBeGreaterThan(10);
    expect(failed).toBeLessThan(30);
    expect(first.filter((status) => status === 200)).toHaveLength(40 - failed);
    expect(await statuses()).toEqual(first);
  });

  it('drop: cuts the connection', async () => {
    await using product = await running(library);
    await product.send('PUT', '/faults', { drop: true });
    await expect(product.get('/v1/books/b-0001')).rejects.toMatchObject({ cause: { code: 'UND_ERR_SOCKET' } });
    expect(await product.get('/health')).toMatchObject({ status: 200 });
  });

  it('latencyMs: holds the answer back, and lets go of it when the product closes', async () => {
    const product = await running(library);
    await product.send('PUT', '/faults', { latencyMs: 600_000, operation: 'getBook' });
    const held = product.get('/v1/books/b-0001').then(
      () => 'answered',
      () => 'cut off',
    );
    expect(await product.get('/v1/books?limit=1')).toMatchObject({ status: 200 });
    await product[Symbol.asyncDispose]();
    expect(await held).toBe('cut off');
  });

  it('latencyMs: answers as ever in the end', async () => {
    await using product = await running(library);
    await product.send('PUT', '/faults', { latencyMs: 1 });
    expect(await product.get('/v1/books/b-0001')).toMatchObject({ status: 200, body: { title: 'Book 1' } });
  });

  it('omit and set: touch every object that has the field, at every depth, and no other', async () => {
    await using product = await running(library);
    await product.send('PUT', '/faults', { omit: ['pages'], set: { title: { text: 5 }, author: 'nobody' } });
    const books = booksOf(await product.get('/v1/books?limit=3'));
    expect(books).toHaveLength(3);
    for (const book of books) expect(book).toEqual({ id: expect.any(String), title: { text: 5 } });
    expect((await product.get('/v2/books/b-0001')).body).toEqual({ name: 'Book 1' });
  });

  it('shuffle: gives the same list in another order', async () => {
    await using product = await running(library);
    const before = booksOf(await product.get('/v1/books?limit=45'));
    await product.send('PUT', '/faults', { shuffle: true });
    const after = booksOf(await product.get('/v1/books?limit=45'));
    expect(after).not.toEqual(before);
    expect(after).toHaveLength(before.length);
    expect(new Set(after.map((book) => book.id))).toEqual(new Set(before.map((book) => book.id)));
  });

  it('leave the problems of a refused input as they are', async () => {
    await using product = await running(library);
    await product.send('PUT', '/faults', { omit: ['errors', 'code'] });
    expect(await product.get('/v1/books?limit=0')).toMatchObject({ status: 400, body: { code: 'bad-input', errors: [{ path: 'limit' }] } });
  });
});
