import { describe, expect, it } from '@jest/globals';
import { Connection, exchange, request } from './connection.js';
import { openLibrary } from './library.js';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN = '00f067aa0ba902b7';

describe('Server-Timing', () => {
  it('has an entry for each part that was called, where it is switched on', async () => {
    await using subject = await openLibrary({ serverTiming: true });
    const timing = async (path: string) => (await subject.gateway.get(path)).headers.get('server-timing');
    expect(await timing('/v1/books/b-1?reader=r-1')).toBe('book;dur=0.0, reader;dur=0.0, total;dur=0.0');
    expect(await timing('/v1/books/b-1')).toBe('book;dur=0.0, total;dur=0.0');
    expect(await timing('/products/library/v1/books/b-1')).toBe('library;dur=0.0, total;dur=0.0');
  });

  it('says how long a part took, on the gateway’s own clock', async () => {
    await using subject = await openLibrary({ serverTiming: true });
    subject.readers.hangs();
    const answer = subject.gateway.get('/v1/books/b-1?reader=r-1');
    await subject.readers.arrived(1);
    expect(await subject.gateway.metric('interline_parts_total', { product: 'library', outcome: 'ok' })).toBe(1);
    subject.gateway.clock.advance(500);
    expect((await answer).headers.get('server-timing')).toBe('book;dur=0.0, reader;dur=500.0, total;dur=500.0');
  });

  it('is not there where it is not switched on', async () => {
    await using subject = await openLibrary();
    for (const path of ['/v1/books/b-1', '/products/library/v1/books/b-1', '/nowhere'])
      expect((await subject.gateway.get(path)).headers.get('server-timing')).toBeNull();
  });
});

describe('a request id', () => {
  it.each(['abc', 'A.b:c_d-1', '0', 'x'.repeat(128), '550e8400-e29b-41d4-a716-446655440000'])('is taken over: %s', async (id) => {
    await using subject = await openLibrary();
    expect((await subject.gateway.get('/v1/books/b-1', { headers: { 'x-request-id': id } })).headers.get('x-request-id')).toBe(id);
    expect(subject.books.calls[0]?.headers['x-request-id']).toBe(id);
    expect(subject.gateway.log).toMatchObject([{ requestId: id }]);
  });

  it.each(['', ' ', 'a b', 'a,b', 'x'.repeat(129), '<script>', 'a"b', '{"a":1}', 'é', 'a\tb'])(
    'that is none is made anew: %j',
    async (id) => {
      await using subject = await openLibrary();
      await using connection = new Connection(subject.gateway.url);
      const answer = await connection.send(request('GET /v1/books/b-1', [`x-request-id: ${id}`])).next();
      expect(answer?.headers['x-request-id']).toMatch(/^[0-9a-f]{32}$/);
      expect(subject.books.calls[0]?.headers['x-request-id']).toBe(answer?.headers['x-request-id']);
    },
  );

  it('that is sent twice is made anew', async () => {
    await using subject = await openLibrary();
    await using connection = new Connection(subject.gateway.url);
    const answer = await connection.send(request('GET /v1/books/b-1', ['x-request-id: a', 'x-request-id: b'])).next();
    expect(answer?.headers['x-request-id']).toMatch(/^[0-9a-f]{32}$/);
  });

  it('stands on every answer, whatever it says', async () => {
    await using subject = await openLibrary();
    const { url } = subject.gateway;
    for (const bytes of [
      'GET /v1/books/b-1',
      'GET /nowhere',
      'DELETE /v1/books/b-1',
      'OPTIONS /v1/loans',
      'GET /%',
      'GET /v1/books/..',
      'POST /v1/loans',
    ])
      expect((await exchange(url, request(bytes, ['connection: close'])))?.headers).toMatchObject({
        'x-request-id': expect.stringMatching(/^[0-9a-f]{32}$/),
        traceparent: expect.stringMatching(/^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/),
      });
  });
});

describe('a trace', () => {
  it('that the caller began goes on: the same trace, a span of our own, to the caller, the products and the log', async () => {
    await using subject = await openLibrary();
    const got = await subject.gateway.get('/v1/books/b-1?reader=r-1', { headers: { traceparent: `00-${TRACE}-${SPAN}-01` } });
    const said = got.headers.get('traceparent') ?? '';
    expect(said).toMatch(new RegExp(`^00-${TRACE}-[0-9a-f]{16}-01$`));
    expect(said).not.toContain(SPAN);
    expect(subject.books.calls[0]?.headers['traceparent']).toBe(said);
    expect(subject.readers.calls[0]?.headers['traceparent']).toBe(said);
    expect(subject.gateway.log).toMatchObject([{ traceId: TRACE }]);
  });

  it('is named by every problem', async () => {
    await using subject = await openLibrary();
    const headers = { traceparent: `00-${TRACE}-${SPAN}-00` };
    for (const path of ['/nowhere', '/v1/books/b-1?x=1', '/v1/loans'])
      expect((await subject.gateway.get(path, { headers })).body).toMatchObject({ traceId: TRACE });
  });

  it.each([
    `01-${TRACE}-${SPAN}-01`,
    `00-${'0'.repeat(32)}-${SPAN}-01`,
    `00-${TRACE}-${'0'.repeat(16)}-01`,
    `00-${TRACE.toUpperCase()}-${SPAN}-01`,
    `00-${TRACE}-${SPAN}`,
    `00-${TRACE}-${SPAN}-01-more`,
    `00-${TRACE}x-${SPAN}-01`,
    'nonsense',
    '',
  ])('that is not well formed is not gone on with: %s', async (traceparent) => {
    await using subject = await openLibrary();
    const got = await subject.gateway.get('/v1/books/b-1', { headers: { traceparent } });
    expect(got.headers.get('traceparent')).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/);
    expect(got.headers.get('traceparent')).not.toContain(TRACE);
    expect(got.headers.get('traceparent')).not.toContain('0'.repeat(32));
  });

  it('and a span are unlike those of every other request', async () => {
    await using subject = await openLibrary();
    const seen = new Set<string>();
    for (let i = 0; i < 600; i++) seen.add((await subject.gateway.get('/nowhere')).headers.get('traceparent') ?? '');
    expect(seen.size).toBe(600);
  });
});

describe('every answer', () => {
  it('is one log line and one count, in exactly one category, none of them unknown', async () => {
    await using subject = await openLibrary();
    const { gateway, books, readers } = subject;
    const post = (body: string, type = 'application/json') => ({ method: 'POST', headers: { 'content-type': type }, body });
    const loan = '{"bookId":"b-0001","readerId":"r-0001","days":3}';
    const etag = (await gateway.get('/v1/books/b-1')).headers.get('etag') ?? '';
    await gateway.get('/v1/books/b-1', { headers: { 'if-none-match': etag } });
    await gateway.get('/v1/books/b-1', { method: 'HEAD' });
    await gateway.get('/v1/books/b-1', { method: 'OPTIONS' });
    await gateway.get('/v1/books/b-1', { method: 'PATCH' });
    await gateway.get('/v1/books/b-1?x=1');
    await gateway.get(`/v1/books/${'b'.repeat(300)}`);
    await gateway.get('/v1/loans', post(loan));
    await gateway.get('/v1/loans', post('{'));
    await gateway.get('/v1/loans', post(loan, 'text/plain'));
    await gateway.get('/v1/loans', post(`"${'x'.repeat(70_000)}"`));
    await gateway.get('/nowhere');
    await exchange(gateway.url, 'nonsense\r\n\r\n');
    await exchange(gateway.url, request('GET /%', ['connection: close']));
    await exchange(gateway.url, request('GET /v1/catalog', ['transfer-encoding: chunked']));
    readers.breaks();
    await gateway.get('/v1/books/b-1?reader=r-1');
    books.fails('getBook', 'bookLost');
    await gateway.get('/products/library/v1/books/b-1');
    for (const status of [500, 429, 401, 302, 200]) {
      books.breaks(status);
      await gateway.get('/v1/books/b-1');
    }
    const requests = 22;
    const text = await (await fetch(`${gateway.opsUrl}/metrics`)).text();
    const series = text.split('\n').filter((line) => line.startsWith('interline_responses_total{'));
    expect(series.join('\n')).not.toMatch(/unknown|undefined/);
    for (const line of series)
      expect(line).toMatch(/category="(success_(complete|incomplete|not_modified)|failure_(caller|product|local)_[a-z_]+)"/);
    expect(await gateway.metric('interline_responses_total')).toBe(requests);
    expect(await gateway.metric('interline_response_seconds_count')).toBe(requests);
    expect(await gateway.metric('interline_requests_in_flight')).toBe(0);
    const lines = gateway.log.filter(({ msg }) => msg === 'request');
    expect(lines).toHaveLength(requests);
    expect(new Set(lines.map(({ requestId }) => requestId)).size).toBe(requests);
    expect(new Set(lines.map(({ route }) => route))).toEqual(
      new Set(['GET /v1/books/{bookId}', 'POST /v1/loans', 'library.v1.getBook', 'unmatched']),
    );
    expect(gateway.log.filter(({ level }) => Number(level) >= 50)).toEqual([]);
  });

  it('says in its log line who asked, what for, how it ended and how long it took', async () => {
    await using subject = await openLibrary();
    const { gateway, readers } = subject;
    readers.breaks(429);
    await gateway.get('/v1/books/b-1?reader=r-1', { headers: { 'x-api-key': gateway.keyOf('kiosk'), 'x-request-id': 'one' } });
    const line = gateway.log.find(({ msg }) => msg === 'request');
    expect(line).toEqual({
      level: 30,
      time: expect.any(String),
      msg: 'request',
      requestId: 'one',
      traceId: expect.stringMatching(/^[0-9a-f]{32}$/),
      route: 'GET /v1/books/{bookId}',
      consumer: 'kiosk',
      status: 200,
      category: 'success_incomplete',
      ms: 0,
      parts: { reader: { state: 'failed', product: 'people', reason: 'throttled', retryAfter: 1 } },
    });
  });
});
