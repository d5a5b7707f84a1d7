import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { Problem, operation, product as contract } from '#contracts/kernel/index.js';
import { serve } from '../../examples/kit/index.js';
import { KEY, call, running } from './kit-fixture.js';
import { library } from './library.js';

const PROBLEM = 'application/problem+json';

describe('a sample product', () => {
  it('says that it is healthy to anybody', async () => {
    await using product = await running(library);
    expect(await call(`${product.url}/health`)).toMatchObject({
      status: 200,
      body: { status: 'ok', product: 'library', versions: [1, 2] },
    });
  });

  it.each([
    ['no key', undefined],
    ['a wrong key', 'k-2'],
    ['a longer key', `${KEY}0`],
    ['the beginning of the key', KEY.slice(0, 1)],
  ])('refuses a call with %s', async (_, key) => {
    await using product = await running(library);
    const refused = await call(`${product.url}/v1/books/b-0001`, { ...(key !== undefined && { key }) });
    expect(refused).toMatchObject({ status: 401, body: { code: 'unauthorized' } });
    expect(refused.type).toContain(PROBLEM);
  });

  it('serves the versions of its contract side by side', async () => {
    await using product = await running(library);
    expect(await product.get('/v1/books/b-0007')).toMatchObject({ status: 200, body: { id: 'b-0007', title: 'Book 7' } });
    expect(await product.get('/v2/books/b-0007')).toEqual({
      status: 200,
      type: 'application/json; charset=utf-8',
      body: { name: 'Book 7' },
    });
  });

  it('answers with the status that the contract gives a success', async () => {
    await using product = await running(library);
    expect(await product.send('POST', '/v1/books', { title: 'New', pages: 5 })).toMatchObject({
      status: 201,
      body: { id: 'b-0046', title: 'New', pages: 5 },
    });
    expect(await product.send('DELETE', '/v1/books/b-0046')).toEqual({ status: 204, type: null, body: '' });
    expect(await product.get('/v1/books/b-0046')).toMatchObject({ status: 404 });
  });

  it('names a declared error in a problem', async () => {
    await using product = await running(library);
    const missing = await product.get('/v1/books/b-9999');
    expect(missing.type).toContain(PROBLEM);
    expect(Problem.parse(missing.body)).toEqual({
      type: 'urn:interline:problem:bookNotFound',
      title: 'book not found',
      status: 404,
      code: 'bookNotFound',
      detail: 'There is no book b-9999.',
    });
  });

  it.each([
    [
      'an unknown query key, with the nearest known one',
      'GET',
      '/v1/books?limt=3',
      undefined,
      { in: 'query', path: 'limt', message: 'unknown query parameter (did you mean "limit"?)' },
    ],
    ['a repeated query key', 'GET', '/v1/books?limit=3&limit=4', undefined, { in: 'query', path: 'limit' }],
    ['a value out of bounds', 'GET', '/v1/books?limit=101', undefined, { in: 'query', path: 'limit' }],
    ['a cursor that it never gave', 'GET', '/v1/books?cursor=nope', undefined, { in: 'query', path: 'cursor' }],
    ['a slash within a path value', 'GET', '/v1/books/a%2Fb', undefined, { in: 'path', path: 'id' }],
    ['a path value that decodes twice', 'GET', '/v1/books/%252e%252e', undefined, { in: 'path', path: 'id' }],
    ['a body field of another type', 'POST', '/v1/books', { title: 'New', pages: 'five' }, { in: 'body', path: 'pages' }],
    [
      'an unknown body field',
      'POST',
      '/v1/books',
      { title: 'New', pages: 5, pagse: 5 },
      { in: 'body', path: 'pagse', message: 'unknown field (did you mean "pages"?)' },
    ],
  ])('refuses %s', async (_, method, path, body, issue) => {
    await using product = await running(library);
    expect(await product.send(method, path, body)).toMatchObject({ status: 400, body: { code: 'bad-input', errors: [issue] } });
  });

  it('refuses a body that is not JSON, with a problem', async () => {
    await using product = await running(library);
    const headers = { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' };
    const refused = await fetch(`${product.url}/v1/books`, { method: 'POST', headers, body: '{' });
    expect(Problem.parse(await refused.json())).toMatchObject({ status: 400, code: 'bad-request' });
  });

  it.each(['/', '/v1', '/v1/shelves', '/v3/books/b-0001', '/v1/books/b-0001/pages'])('knows nothing at %s', async (path) => {
    await using product = await running(library);
    const nothing = await product.get(path);
    expect(nothing).toMatchObject({ status: 404, body: { code: 'not-found' } });
    expect(nothing.type).toContain(PROBLEM);
  });

  it('answers 500 on a bug, logs it with its stack and tells nothing of it', async () => {
    await using product = await running(library);
    const failed = await product.get('/v1/anything');
    expect(failed).toMatchObject({ status: 500, body: { code: 'internal' } });
    expect(JSON.stringify(failed.body)).not.toContain('nobody wrote this');
    expect(product.log).toEqual([expect.stringMatching(/^library v1 findAnything: Error: nobody wrote this\n\s+at /)]);
  });

  it('answers 500 rather than break its own contract', async () => {
    await using product = await running(library);
    expect(await product.get('/v1/count')).toMatchObject({ status: 500 });
    expect(product.log).toEqual([expect.stringContaining('library v1 countBooks: Error: the answer breaks its contract: count')]);
  });
});

describe('a product that closes', () => {
  it('lets the answers in flight go out, and takes no more', async () => {
    const asked = Promise.withResolvers<void>();
    const answer = Promise.withResolvers<{ done: boolean }>();
    const slow = contract('slow', 1, { wait: operation({ get: '/wait', input: z.object({}), output: z.object({ done: z.boolean() }) }) });
    const wait = (): Promise<{ done: boolean }> => {
      asked.resolve();
      return answer.promise;
    };
    const product = await running({ ...library, name: 'slow', serves: [serve(slow, { wait })] });
    const inFlight = product.get('/v1/wait');
    await asked.promise;
    const closed = product[Symbol.asyncDispose]();
    answer.resolve({ done: true });
    expect(await inFlight).toMatchObject({ status: 200, body: { done: true } });
    await closed;
    await expect(product.get('/health')).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } });
  });
});

describe('a list', () => {
  it.each([1, 7, 45, 100])('gives every entity once, in order, by pages of %i', async (limit) => {
    await using product = await running(library);
    const seen: { id: string; pages: number }[] = [];
    let query = '';
    do {
      const { body } = await product.get(`/v1/books?limit=${limit}${query}`);
      const { books, next } = body as { books: typeof seen; next: string | null };
      expect(books.length).toBeLessThanOrEqual(limit);
      seen.push(...books);
      query = next === null ? '' : `&cursor=${encodeURIComponent(next)}`;
    } while (query !== '');
    expect(new Set(seen.map((book) => book.id)).size).toBe(45);
    expect(seen).toHaveLength(45);
    expect(seen).toEqual(seen.toSorted((a, b) => a.pages - b.pages || a.id.localeCompare(b.id)));
  });

  it('gives twenty where no limit is said', async () => {
    await using product = await running(library);
    expect(await product.get('/v1/books')).toMatchObject({ body: { books: { length: 20 }, next: expect.any(String) } });
  });
});
