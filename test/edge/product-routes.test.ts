import { describe, expect, it } from '@jest/globals';
import { openLibrary } from './library.js';

const BOOK = { id: 'b-1', title: 'Night Flight', year: 1931, author: { name: 'Antoine', born: 1900 } };
const json = (method: string, body: unknown): RequestInit => ({
  method,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});

describe("a product's own route", () => {
  it('gives the product’s own body, stripped to the contract at every depth', async () => {
    await using subject = await openLibrary();
    subject.books.answers('getBook', { ...BOOK, price: 3, __proto__: 1, author: { ...BOOK.author, salary: 1 } });
    const got = await subject.gateway.get('/products/library/v1/books/b-1');
    expect(got.status).toBe(200);
    expect(got.text).toBe(JSON.stringify(BOOK));
    expect(got.headers.get('gateway-complete')).toBeNull();
  });

  it('gives a declared error as a problem of that name and status, in our words', async () => {
    await using subject = await openLibrary();
    const { gateway, books } = subject;
    books.answers('addBook', { code: 'titleTaken', detail: 'inner words', stack: 'inner' }, 409);
    const got = await gateway.get('/products/library/v1/books', json('POST', { title: 't', year: 1 }));
    expect(got.status).toBe(409);
    expect(got.body).toEqual({
      type: 'urn:interline:problem:titleTaken',
      title: 'Conflict',
      status: 409,
      code: 'titleTaken',
      traceId: expect.stringMatching(/^[0-9a-f]{32}$/),
    });
    for (const [error, status] of [
      ['bookNotFound', 404],
      ['bookLost', 410],
    ] as const) {
      books.fails('getBook', error);
      expect(await gateway.get('/products/library/v1/books/b-1')).toMatchObject({ status, body: { code: error, status } });
    }
  });

  it('keeps the status of a success', async () => {
    await using subject = await openLibrary();
    const { gateway, books } = subject;
    books.answers('addBook', { id: 'b-2' }, 201).answers('removeBook', undefined, 204);
    expect(await gateway.get('/products/library/v1/books', json('POST', { title: 't', year: 1 }))).toMatchObject({
      status: 201,
      body: { id: 'b-2' },
    });
    const removed = await gateway.get('/products/library/v1/books/b-1', { method: 'DELETE' });
    expect({ status: removed.status, text: removed.text, type: removed.headers.get('content-type') }).toEqual({
      status: 204,
      text: '',
      type: null,
    });
    books.answers('addBook', { id: 'b-3' }, 202);
    expect(await gateway.get('/products/library/v1/books', json('POST', { title: 't', year: 1 }))).toMatchObject({ status: 202 });
  });

  it('has no body where the contract has none, whatever the product says', async () => {
    await using subject = await openLibrary();
    subject.books.answers('removeBook', { inner: true }, 200);
    expect(await subject.gateway.get('/products/library/v1/books/b-1', { method: 'DELETE' })).toMatchObject({ status: 204, text: '' });
  });

  it('sends each field where the contract has it, and nothing besides', async () => {
    await using subject = await openLibrary();
    const { gateway, books } = subject;
    await gateway.get('/products/library/v1/books/b%20%C3%A9', json('PUT', { title: 'ü' }));
    await gateway.get('/products/library/v1/books?shelf=a%26b&shelf=c&year=1999&lent=true', { headers: { 'accept-language': 'sv' } });
    expect(books.calls).toMatchObject([
      { operation: 'renameBook', path: '/v1/books/b%20%C3%A9', input: { id: 'b é', title: 'ü' } },
      {
        operation: 'findBooks',
        path: '/v1/books?year=1999&lent=true&shelf=a%26b&shelf=c',
        input: { year: 1999, lent: true, shelf: ['a&b', 'c'], language: 'sv' },
      },
    ]);
  });

  it('hands on no header that the contract does not name', async () => {
    await using subject = await openLibrary();
    const hostile = {
      cookie: 'sid=1',
      'x-user-id': 'u-1',
      x_user_id: 'u-1',
      'x-forwarded-for': '10.0.0.1',
      'x-forwarded-host': 'elsewhere',
      forwarded: 'for=10.0.0.1',
      'x-interline-consumer': 'kiosk',
      'accept-language': 'sv',
      accept: 'text/html',
      range: 'bytes=0-1',
      'if-none-match': '"x"',
      'x-http-method-override': 'DELETE',
      via: '1.1 elsewhere',
      'x-secret-marker': 'marker',
    };
    await subject.gateway.get('/products/library/v1/books/b-1', { headers: hostile });
    const { headers } = subject.books.calls[0] ?? { headers: {} };
    expect(Object.keys(headers).sort()).toEqual([
      'accept',
      'accept-encoding',
      'authorization',
      'cdn-loop',
      'connection',
      'host',
      'traceparent',
      'via',
      'x-request-id',
      'x-request-timeout-ms',
    ]);
    expect(headers).toMatchObject({ accept: 'application/json', authorization: 'Bearer key-of-library' });
  });

  it('hands back no header of the product', async () => {
    await using subject = await openLibrary();
    subject.books.raw((_, response) =>
      response
        .writeHead(200, {
          'content-type': 'application/json',
          'set-cookie': 'sid=1',
          server: 'inner/1.0',
          'x-powered-by': 'inner',
          'access-control-allow-origin': '*',
          'strict-transport-security': 'max-age=1',
          'cache-control': 'public, max-age=60',
          etag: '"inner"',
          'x-inner': 'marker',
        })
        .end(JSON.stringify(BOOK)),
    );
    const { headers } = await subject.gateway.get('/products/library/v1/books/b-1');
    expect([...headers.keys()].sort()).toEqual([
      'cache-control',
      'cache-status',
      'connection',
      'content-length',
      'content-type',
      'date',
      'etag',
      'keep-alive',
      'traceparent',
      'x-content-type-options',
      'x-request-id',
    ]);
    expect(headers.get('cache-control')).toBe('private, no-cache'); // what comes with a cookie may be for one alone
  });

  it('knows consumers by their keys; who only says so is anonymous in metrics and logs', async () => {
    await using subject = await openLibrary();
    const { gateway } = subject;
    await gateway.get('/products/library/v1/books/b-1', { headers: { 'x-api-key': gateway.keyOf('kiosk') } });
    for (const consumer of ['kiosk', 'unheard-of', '__proto__', 'kiosk, kiosk'])
      await gateway.get('/products/library/v1/books/b-1', { headers: { 'x-interline-consumer': consumer } });
    expect(await gateway.metric('interline_responses_total', { consumer: 'kiosk' })).toBe(1);
    expect(await gateway.metric('interline_responses_total', { consumer: 'anonymous' })).toBe(4);
    expect(gateway.log.map(({ consumer }) => consumer)).toEqual(['kiosk', 'anonymous', 'anonymous', 'anonymous', 'anonymous']);
    expect(await gateway.metric('interline_parts_total', { reader: 'kiosk' })).toBe(1);
  });
});
