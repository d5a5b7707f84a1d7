import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { route } from '#contracts/kernel/index.js';
import { composition } from '../../src/composition/composition.js';
import type { FakeProduct } from '../fake-product.js';
import { type Library, bookPage, catalog, loan, openLibrary } from './library.js';

/** What makes the product of a required part fail, and what the caller is told. */
interface Trouble {
  readonly status: number;
  readonly code: string;
  readonly category: string;
  readonly breaks: (books: FakeProduct) => unknown;
  readonly retryAfter?: string;
}

const answers = (status: number, headers: Record<string, string>, body: string) => (books: FakeProduct) =>
  books.raw((_, response) => response.writeHead(status, headers).end(body));
const JSON_TYPE = { 'content-type': 'application/json' };
const SECRET = 'inner-10.1.2.3:4567';

const troubles: Readonly<Record<string, Trouble>> = {
  'has an error': { status: 502, code: 'error', category: 'failure_product_error', breaks: answers(500, JSON_TYPE, `{"at":"${SECRET}"}`) },
  'has an error that names itself': {
    status: 502,
    code: 'error',
    category: 'failure_product_error',
    breaks: answers(503, { 'content-type': 'text/html' }, `<h1>${SECRET}</h1>`),
  },
  'closes the connection': {
    status: 502,
    code: 'unreachable',
    category: 'failure_product_unreachable',
    breaks: (books) => books.raw((request) => request.socket.destroy()),
  },
  'breaks off in the middle': {
    status: 502,
    code: 'malformed',
    category: 'failure_product_malformed',
    breaks: (books) =>
      books.raw((request) => {
        request.socket.end('HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{"id"');
      }),
  },
  'speaks no HTTP': {
    status: 502,
    code: 'malformed',
    category: 'failure_product_malformed',
    breaks: (books) => books.raw((request) => void request.socket.end(`hello ${SECRET}\r\n\r\n`)),
  },
  'answers with a page': {
    status: 502,
    code: 'malformed',
    category: 'failure_product_malformed',
    breaks: answers(200, { 'content-type': 'text/html' }, `<h1>${SECRET}</h1>`),
  },
  'answers with something that is not JSON': {
    status: 502,
    code: 'malformed',
    category: 'failure_product_malformed',
    breaks: answers(200, JSON_TYPE, `{"id": ${SECRET}`),
  },
  'sends the caller elsewhere': {
    status: 502,
    code: 'malformed',
    category: 'failure_product_malformed',
    breaks: answers(302, { location: `http://${SECRET}/` }, ''),
  },
  'refuses the credential': { status: 502, code: 'refused', category: 'failure_product_refused', breaks: answers(401, JSON_TYPE, SECRET) },
  'forbids the call': { status: 502, code: 'refused', category: 'failure_product_refused', breaks: answers(403, JSON_TYPE, SECRET) },
  'answers an error that its contract has not': {
    status: 502,
    code: 'refused',
    category: 'failure_product_refused',
    breaks: answers(418, JSON_TYPE, SECRET),
  },
  'asks to be called less': {
    status: 503,
    code: 'throttled',
    category: 'failure_product_throttled',
    breaks: answers(429, { 'retry-after': '7' }, SECRET),
    retryAfter: '7',
  },
  'asks to be called later': {
    status: 503,
    code: 'throttled',
    category: 'failure_product_throttled',
    breaks: answers(503, { 'retry-after': '30' }, SECRET),
    retryAfter: '30',
  },
  'asks to be called less, and says not when': {
    status: 503,
    code: 'throttled',
    category: 'failure_product_throttled',
    breaks: answers(429, {}, SECRET),
    retryAfter: '1',
  },
  'leaves out a field that is read': {
    status: 502,
    code: 'contract',
    category: 'failure_product_contract',
    breaks: (books) => books.answers('getBook', { id: 'b-1', year: 1, author: { name: SECRET, born: 1 } }),
  },
  'answers nothing where a body is promised': {
    status: 502,
    code: 'contract',
    category: 'failure_product_contract',
    breaks: answers(204, {}, ''),
  },
  'names a declared error': {
    status: 410,
    code: 'bookLost',
    category: 'failure_caller_declared',
    breaks: (books) => books.fails('getBook', 'bookLost'),
  },
};

/** Nothing of a product's answer, of an address, of our own insides. */
const INSIDE = /inner-|10\.1\.2\.3|127\.0\.0\.1|node_modules|\bat \S+ \(|ECONN|UND_ERR|HPE_|key-of-/;

async function expectTrouble({ gateway, books }: Library, path: string, trouble: Trouble): Promise<void> {
  trouble.breaks(books);
  const got = await gateway.get(path);
  expect(got).toMatchObject({ status: trouble.status, body: { code: trouble.code, status: trouble.status } });
  expect(got.headers.get('content-type')).toMatch(/^application\/problem\+json/);
  expect(got.headers.get('cache-control')).toBe('no-store');
  expect(got.headers.get('retry-after')).toBe(trouble.retryAfter ?? null);
  expect(got.headers.get('location')).toBeNull();
  expect(got.text).not.toMatch(INSIDE);
  expect(await gateway.metric('interline_responses_total', { category: trouble.category })).toBe(1);
  expect(gateway.log.filter(({ level }) => Number(level) >= 50)).toEqual([]);
}

describe('where the product of a required part', () => {
  it.each(Object.entries(troubles))('%s, the composed answer says so', async (_, trouble) => {
    await using subject = await openLibrary();
    await expectTrouble(subject, '/v1/books/b-1', trouble);
  });

  it.each(Object.entries(troubles))('%s, its own route says so', async (_, trouble) => {
    await using subject = await openLibrary();
    await expectTrouble(subject, '/products/library/v1/books/b-1', trouble);
  });

  it('does not answer in time, the caller is told at the deadline, and the product’s connection is closed', async () => {
    for (const path of ['/v1/books/b-1', '/products/library/v1/books/b-1']) {
      await using subject = await openLibrary();
      subject.books.hangs();
      const answer = subject.gateway.get(path);
      await subject.books.arrived(1);
      subject.gateway.clock.advance(500);
      expect(await answer).toMatchObject({ status: 504, body: { code: 'timeout', product: 'library' } });
      await subject.books.hungUp(1);
    }
  });

  it('is named with the part; a failure that the route declares comes under the route’s own name', async () => {
    await using subject = await openLibrary();
    subject.books.breaks();
    expect((await subject.gateway.get('/v1/books/b-1')).body).toMatchObject({ part: 'book', product: 'library' });
    subject.books.fails('getBook', 'bookNotFound');
    const got = await subject.gateway.get('/v1/books/b-1');
    expect(got).toMatchObject({ status: 404, body: { code: 'bookUnknown', type: 'urn:interline:problem:bookUnknown' } });
  });

  it('may not be called because the request has made its calls, 503 says so', async () => {
    await using subject = await openLibrary({ fanOut: 1 });
    const body = '{"bookId":"b-0001","readerId":"r-0001","days":3}';
    const got = await subject.gateway.get('/v1/loans', { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    expect(got).toMatchObject({ status: 503, body: { code: 'budget' } });
    expect(got.headers.get('retry-after')).toBe('1');
    expect(await subject.gateway.metric('interline_responses_total', { category: 'failure_local_budget' })).toBe(1);
  });
});

describe('a mistake of ours', () => {
  const mistakes = {
    'is thrown': () => {
      throw new Error(`${SECRET} of undefined`);
    },
    'is thrown without an error': () => {
      throw undefined; // oxlint-disable-line typescript/only-throw-error -- what code that is not ours may do
    },
    'is an answer that its contract has not': () => ({ title: 7 as unknown as string }),
  };
  it.each(Object.entries(mistakes))('(it %s) is a 500 that shows nothing, and one line of the log that does', async (_, compose) => {
    const contract = route('GET /v1/broken', { input: z.object({}), output: z.object({ title: z.string() }), parts: {} });
    const broken = composition(contract, { uses: {}, compose: async () => compose() });
    await using subject = await openLibrary({ compositions: [bookPage, catalog, loan, broken] });
    const got = await subject.gateway.get('/v1/broken');
    expect(got).toMatchObject({ status: 500, body: { code: 'internal', title: 'Internal error' } });
    expect(got.text).not.toMatch(INSIDE);
    const { traceId } = got.body as { traceId: string };
    expect(subject.gateway.log).toMatchObject([{ level: 50, msg: 'request', traceId, category: 'failure_local_bug', status: 500 }]);
    expect(await subject.gateway.get('/v1/books/b-1')).toMatchObject({ status: 200 });
  });

  it('stands in the log with its stack', async () => {
    const broken = composition(route('GET /v1/broken', { input: z.object({}), output: z.object({}), parts: {} }), {
      uses: {},
      compose: () => Promise.reject(new RangeError('out of range')),
    });
    await using subject = await openLibrary({ compositions: [broken] });
    await subject.gateway.get('/v1/broken');
    expect(subject.gateway.log).toMatchObject([{ err: { type: 'RangeError', stack: expect.stringContaining('failures.test') } }]);
  });
});
