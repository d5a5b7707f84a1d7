import { describe, expect, it } from '@jest/globals';
import { systemClock } from '../../src/clock.js';
import { ProductsAnswer } from '../../src/ops/schemas.js';
import type { FakeProduct } from '../fake-product.js';
import { Connection, request } from '../edge/connection.js';
import { openLibrary } from '../edge/library.js';
import type { TestGateway } from '../gateway.js';
import { OpsPort } from '../ops/operator.js';
import { times } from './holding.js';

const THREE_MORE = 'retry: { attempts: 3, wait: 1ms }';
/** Spans that no test reaches: attempts are made again in the machine's own time. */
const PATIENT = { clock: systemClock, deadlineMs: 10_000, routeDeadlineMs: 60_000 };

/** Adds a book, as a caller does. */
const add = (gateway: TestGateway, title: string) =>
  gateway.get('/products/library/v1/books', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ title, year: 1931 }),
  });

/** How often an operation of the library was called, answered or not. */
const calls = (gateway: TestGateway, operation: string): Promise<number> =>
  gateway.metric('interline_product_calls_total', { product: 'library', operation });

describe('a product that fails every call', () => {
  it('is called 1.1 times for each request and ten times at the most, and never twice with a write', async () => {
    await using subject = await openLibrary({ ...PATIENT, policies: { library: THREE_MORE } });
    const { gateway, books } = subject;
    books.breaks();
    const reads = 400;
    const writes = 100;
    for (let round = 0; round < 10; round++) {
      const answers = [
        ...times(reads / 10, (nth) => gateway.get(`/v1/books/b-${round}-${nth}`)),
        ...times(writes / 10, (nth) => add(gateway, `${round}-${nth}`)),
      ];
      for (const { status } of await Promise.all(answers)) expect(status).toBe(502);
    }
    expect(books.count('addBook')).toBe(writes);
    expect(new Set(books.calls.filter(({ operation }) => operation === 'addBook').map(({ input }) => input['title'])).size).toBe(writes);
    expect(books.calls.length).toBeLessThanOrEqual(1.1 * (reads + writes) + 10);
    expect(books.count('getBook')).toBeGreaterThan(reads); // there were further attempts to be bounded
  }, 30_000);

  it('is left alone once its breaker is open, and called again, a trial at a time, when its time has come', async () => {
    await using subject = await openLibrary({ policies: { library: 'breaker: { minimum: 20, open: 5s, trials: 2 }' } });
    const { gateway, books } = subject;
    const ops = new OpsPort(gateway.opsUrl);
    const breakers = async () => ProductsAnswer.parse((await ops.ask('/ops/products')).body).products[0]?.breakers;
    books.breaks(500, 'getBook');
    for (let nth = 0; nth < 20; nth++)
      expect(await gateway.get(`/v1/books/b-${nth}`)).toMatchObject({ status: 502, body: { code: 'error' } });
    for (const { status, headers, body } of await Promise.all(times(100, (nth) => gateway.get(`/v1/books/b-${nth}`)))) {
      expect([status, body]).toMatchObject([503, { code: 'open', product: 'library' }]);
      expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
    }
    expect(books.calls).toHaveLength(20);
    expect(await gateway.get('/v1/catalog')).toMatchObject({ status: 200 }); // another operation of the same product
    expect(await breakers()).toMatchObject([{ operation: 'library.v1.getBook', state: 'open' }, { state: 'closed' }]);
    expect(await gateway.metric('interline_breaker_state', { operation: 'getBook' })).toBe(2);

    books.mends();
    gateway.clock.advance(10_000);
    for (let nth = 0; nth < 3; nth++) expect(await gateway.get(`/v1/books/b-${nth}`)).toMatchObject({ status: 200 });
    expect(await breakers()).toMatchObject([{ operation: 'library.v1.getBook', state: 'closed' }, {}]);
    expect(await gateway.metric('interline_breaker_state', { operation: 'getBook' })).toBe(0);
  });

  it('that asks to be called less is not called until then, by any of its operations, and no other product is held back', async () => {
    await using subject = await openLibrary();
    const { gateway, books, readers } = subject;
    books.raw((_, response) => response.writeHead(429, { 'retry-after': '7' }).end(), 'getBook');
    expect(await gateway.get('/v1/books/b-1')).toMatchObject({ status: 503, body: { code: 'throttled', retryAfter: 7 } });
    books.mends();
    gateway.clock.advance(6_999);
    for (const path of ['/v1/books/b-1', '/v1/catalog']) expect(await gateway.get(path)).toMatchObject({ status: 503 });
    expect(await gateway.get('/products/people/v2/readers/r-1')).toMatchObject({ status: 200 });
    expect([books.calls.length, readers.calls.length]).toEqual([1, 1]);
    gateway.clock.advance(1);
    expect(await gateway.get('/v1/books/b-1')).toMatchObject({ status: 200 });
  });

  it('with mistakes of its callers or their leaving is not cut off', async () => {
    await using subject = await openLibrary({ policies: { library: 'breaker: { minimum: 20 }' } });
    const { gateway, books } = subject;
    books.fails('getBook', 'bookNotFound');
    for (const { status } of await Promise.all(times(100, (nth) => gateway.get(`/v1/books/b-${nth}`)))) expect(status).toBe(404);
    books.hangs('getBook');
    const leaving = times(50, (nth) => new Connection(gateway.url).send(request(`GET /v1/books/b-${nth}`)));
    await books.arrived(150);
    for (const connection of leaving) connection.leave();
    await books.hungUp(50);
    books.mends();
    expect(await gateway.get('/v1/books/b-1')).toMatchObject({ status: 200 });
  });
});

/** What happens to a connection, whether a read is worth another attempt then, and how it ends. */
const faults: Readonly<
  Record<string, { readonly code: string; readonly attempts: number; readonly fails: (books: FakeProduct) => unknown }>
> = {
  'is closed to everybody': { code: 'unreachable', attempts: 2, fails: (books) => books[Symbol.asyncDispose]() },
  'resets before it answers': {
    code: 'unreachable',
    attempts: 2,
    fails: (books) => books.raw(({ socket }) => void socket.resetAndDestroy()),
  },
  'resets in the middle of its answer': {
    code: 'unreachable',
    attempts: 2,
    fails: (books) =>
      books.raw(({ socket }, response) => {
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': '100' });
        response.write('{"id"', () => socket.resetAndDestroy());
      }),
  },
  'ends before its answer does': {
    code: 'malformed',
    attempts: 1,
    fails: (books) =>
      books.raw(({ socket }) => void socket.end('HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{"id"')),
  },
};

describe('a product that', () => {
  it.each(Object.entries(faults))(
    '%s: a read is made again where that may help, a write is not, and nothing of it is kept',
    async (_, fault) => {
      await using subject = await openLibrary({
        ...PATIENT,
        policies: { library: `retry: { attempts: 1, wait: 1ms }\n    cache: { fresh: 1h }` },
      });
      const { gateway, books } = subject;
      await fault.fails(books);
      expect(await gateway.get('/v1/books/b-1')).toMatchObject({ status: 502, body: { code: fault.code, product: 'library' } });
      expect(await calls(gateway, 'getBook')).toBe(fault.attempts);
      expect(await add(gateway, 'Night Flight')).toMatchObject({ status: 502, body: { code: fault.code } });
      expect(await calls(gateway, 'addBook')).toBe(1);
      expect(gateway.running.gateway.state.caches.state().entries).toBe(0);
    },
  );
});
