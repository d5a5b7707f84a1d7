import { describe, expect, it } from '@jest/globals';
import { Connection, request } from './connection.js';
import { openLibrary } from './library.js';

describe('a path that has a route', () => {
  it.each([
    ['/v1/books/b-1', 'GET, HEAD, OPTIONS', ['POST', 'PUT', 'PATCH', 'DELETE']],
    ['/v1/loans', 'POST, OPTIONS', ['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE']],
    ['/products/library/v1/books', 'GET, HEAD, POST, OPTIONS', ['PUT', 'PATCH', 'DELETE']],
    ['/products/library/v1/books/b-1', 'GET, HEAD, PUT, DELETE, OPTIONS', ['POST', 'PATCH']],
  ])('%s allows %s', async (path, allow, others) => {
    await using subject = await openLibrary();
    const options = await subject.gateway.get(path, { method: 'OPTIONS' });
    expect({ status: options.status, text: options.text, allow: options.headers.get('allow') }).toEqual({ status: 204, text: '', allow });
    expect(options.headers.get('content-type')).toBeNull();
    for (const method of others) {
      const got = await subject.gateway.get(path, { method });
      expect({ method, status: got.status, allow: got.headers.get('allow') }).toEqual({ method, status: 405, allow });
      expect(got.headers.get('cache-control')).toBe('no-store');
    }
    const { metric } = subject.gateway;
    expect(await metric('interline_responses_total', { category: 'failure_caller_method' })).toBe(others.length);
    expect(await metric('interline_responses_total', { category: 'success_complete' })).toBe(1);
    expect(subject.books.calls).toEqual([]);
  });

  it.each(['TRACE', 'PROPFIND', 'PURGE', 'LOCK'])('is not known by %s', async (method) => {
    await using subject = await openLibrary();
    await using connection = new Connection(subject.gateway.url);
    const answer = await connection.send(request(`${method} /v1/books/b-1`)).next();
    expect(answer?.status).toBe(404);
    expect(answer?.headers['content-type']).toContain('application/problem+json');
  });

  it('cannot be given another method by a header', async () => {
    await using subject = await openLibrary();
    const headers = { 'x-http-method-override': 'DELETE', 'x-http-method': 'DELETE', 'x-method-override': 'DELETE' };
    expect(await subject.gateway.get('/products/library/v1/books/b-1', { headers })).toMatchObject({ status: 200 });
    expect(subject.books.calls.map(({ operation }) => operation)).toEqual(['getBook']);
  });
});

describe('HEAD', () => {
  it.each(['/v1/books/b-1', '/products/library/v1/books/b-1', '/products/library/v1/books?year=x', '/no/such/path', '/v1/loans'])(
    'of %s says what GET says, without the body',
    async (path) => {
      await using subject = await openLibrary();
      await using connection = new Connection(subject.gateway.url);
      const get = await connection.send(request(`GET ${path}`, ['x-request-id: same'])).next();
      const head = await connection.send(request(`HEAD ${path}`, ['x-request-id: same', 'connection: close'])).next({ withBody: false });
      expect(await connection.closed()).toBe('');
      const { date: _d, traceparent: _t, connection: _c, 'keep-alive': _k, ...said } = head?.headers ?? {};
      const { date: _dd, traceparent: _tt, connection: _cc, 'keep-alive': _kk, ...expected } = get?.headers ?? {};
      expect({ status: head?.status, ...said }).toEqual({ status: get?.status, ...expected });
      expect(Number(said['content-length'])).toBe(Buffer.byteLength(get?.body ?? ''));
    },
  );
});

describe('a path that has none', () => {
  it.each([
    '/',
    '/v1',
    '/v1/books',
    '/v1/books/',
    '/v1/books/b-1/',
    '//v1/books/b-1',
    '/v2/books/b-1',
    '/V1/books/b-1',
    '/products',
    '/products/library',
    '/products/library/v1',
    '/products/library/v2/books',
    '/products/library/books',
    '/products/nobody/v1/books',
    '/products/people/v1/readers/r-1',
    '/metrics',
    '/health',
    '/favicon.ico',
    '/v1/books/b-1/me.css',
  ])('is 404, whatever it looks like: %s', async (path) => {
    await using subject = await openLibrary();
    const got = await subject.gateway.get(path);
    expect(got).toMatchObject({
      status: 404,
      body: { code: 'notFound', type: 'urn:interline:problem:notFound', traceId: expect.any(String) },
    });
    expect(got.headers.get('cache-control')).toBe('no-store');
    expect(subject.books.calls).toEqual([]);
    expect(await subject.gateway.metric('interline_responses_total', { route: 'unmatched', category: 'failure_caller_not_found' })).toBe(1);
  });
});
