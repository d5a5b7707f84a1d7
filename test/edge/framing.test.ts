import { describe, expect, it } from '@jest/globals';
import { Connection, exchange, request } from './connection.js';
import { openLibrary } from './library.js';

const GET = 'GET /v1/books/b-1 HTTP/1.1\r\n';
const POST = 'POST /products/library/v1/books HTTP/1.1\r\nhost: g\r\ncontent-type: application/json\r\n';
const BODY = '{"title":"t","year":1}';

describe('a request that is framed wrongly', () => {
  it.each([
    ['two Hosts', `${GET}host: a\r\nhost: b\r\n\r\n`],
    ['two equal Hosts', `${GET}host: a\r\nHost: a\r\n\r\n`],
    ['no Host', `${GET}\r\n`],
    ['two lengths', `${POST}content-length: 22\r\ncontent-length: 5\r\n\r\n${BODY}`],
    ['a list of lengths', `${POST}content-length: 22, 22\r\n\r\n${BODY}`],
    ['a negative length', `${POST}content-length: -1\r\n\r\n`],
    ['a length with a plus', `${POST}content-length: +22\r\n\r\n${BODY}`],
    ['a length in hex', `${POST}content-length: 0x16\r\n\r\n${BODY}`],
    ['a length beyond 64 bits', `${POST}content-length: 99999999999999999999\r\n\r\n`],
    ['a length and chunks', `${POST}content-length: 22\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`],
    ['chunks and a length', `${POST}transfer-encoding: chunked\r\ncontent-length: 5\r\n\r\n0\r\n\r\n`],
    ['an unknown coding', `${POST}transfer-encoding: xchunked\r\n\r\n0\r\n\r\n`],
    ['chunks that are not the last coding', `${POST}transfer-encoding: chunked, identity\r\n\r\n0\r\n\r\n`],
    ['chunks twice', `${POST}transfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`],
    ['a quoted coding', `${POST}transfer-encoding: "chunked"\r\n\r\n0\r\n\r\n`],
    ['a coding with a tab inside', `${POST}transfer-encoding: chun\tked\r\n\r\n0\r\n\r\n`],
    ['a space before the colon', `${POST}transfer-encoding : chunked\r\n\r\n0\r\n\r\n`],
    ['a folded header', `${GET}host: g\r\nx-a: 1\r\n folded\r\n\r\n`],
    ['a bare line feed in a header', `${GET}host: g\r\nx-a: 1\nx-b: 2\r\n\r\n`],
    ['a bare carriage return in a header', `${GET}host: g\r\nx-a: 1\rx-b: 2\r\n\r\n`],
    ['a NUL in a header', `${GET}host: g\r\nx-a: a\u0000b\r\n\r\n`],
    ['a control character in a header', `${GET}host: g\r\nx-a: a\u0001b\r\n\r\n`],
    ['a header without a colon', `${GET}host: g\r\nnonsense\r\n\r\n`],
    ['a header without a name', `${GET}host: g\r\n: x\r\n\r\n`],
    ['a name with a space', `${GET}host: g\r\nx a: x\r\n\r\n`],
    ['a chunk size that is none', `${POST}transfer-encoding: chunked\r\n\r\nzz\r\n${BODY}\r\n0\r\n\r\n`],
    ['a negative chunk size', `${POST}transfer-encoding: chunked\r\n\r\n-1\r\n${BODY}\r\n0\r\n\r\n`],
    ['a chunk size beyond 64 bits', `${POST}transfer-encoding: chunked\r\n\r\nfffffffffffffffff\r\n`],
    ['a chunk longer than it says', `${POST}transfer-encoding: chunked\r\n\r\n5\r\n${BODY}\r\n0\r\n\r\n`],
    ['a chunk that ends in a bare line feed', `${POST}transfer-encoding: chunked\r\n\r\n16\n${BODY}\r\n0\r\n\r\n`],
    ['an unknown method', 'BREW /v1/books/b-1 HTTP/1.1\r\nhost: g\r\n\r\n'],
    ['a method in small letters', 'get /v1/books/b-1 HTTP/1.1\r\nhost: g\r\n\r\n'],
    ['an address with a space', 'GET /v1/books/b 1 HTTP/1.1\r\nhost: g\r\n\r\n'],
    ['an address with a NUL', 'GET /v1/books/b\u0000 HTTP/1.1\r\nhost: g\r\n\r\n'],
    ['an address without a slash', 'GET v1/books/b-1 HTTP/1.1\r\nhost: g\r\n\r\n'],
    ['another protocol', 'GET /v1/books/b-1 ICE/1.0\r\nhost: g\r\n\r\n'],
    ['a version that is none', 'GET /v1/books/b-1 HTTP/9.9\r\nhost: g\r\n\r\n'],
    ['HTTP/2 without being asked', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['a TLS greeting', '\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003'],
    ['no HTTP at all', 'hello\r\n\r\n'],
  ])('(%s) gets 400 and its connection is closed', async (_, bytes) => {
    await using subject = await openLibrary();
    const answer = await exchange(subject.gateway.url, bytes);
    expect(answer).toMatchObject({ status: 400, headers: { connection: 'close', 'cache-control': 'no-store' } });
    expect(answer?.headers['content-type']).toMatch(/^application\/problem\+json/);
    expect(JSON.parse(answer?.body ?? '')).toMatchObject({ status: 400, code: 'framing', traceId: expect.any(String) });
    expect(subject.books.calls).toEqual([]);
    const { gateway } = subject;
    expect(await gateway.metric('interline_responses_total', { route: 'unmatched', category: 'failure_caller_framing' })).toBe(1);
    expect(await gateway.metric('interline_responses_total')).toBe(1);
    expect(await gateway.metric('interline_requests_in_flight')).toBe(0);
    expect(gateway.log).toMatchObject([{ level: 30, msg: 'request', status: 400, route: 'unmatched' }]);
  });

  it('ends its connection: what follows it there is not answered, and reaches no product', async () => {
    await using subject = await openLibrary();
    const hidden = request('DELETE /products/library/v1/books/b-1');
    for (const first of [
      request('GET /v1/books/b-1', [`content-length: ${hidden.length}`]),
      `${GET}host: g\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`,
      `${POST}transfer-encoding: xchunked\r\n\r\n`,
      `${GET}host: a\r\nhost: b\r\n\r\n`,
    ]) {
      await using connection = new Connection(subject.gateway.url);
      connection.send(first + hidden);
      expect(await connection.next()).toMatchObject({ status: 400 });
      expect(await connection.closed()).toBe('');
    }
    expect(subject.books.calls).toEqual([]);
  });
});

describe('a request that is framed in an unusual way', () => {
  it.each([
    ['HTTP/1.0 without a Host', 'GET /v1/books/b-1 HTTP/1.0\r\n\r\n', 200],
    ['an empty Host', `${GET}host:\r\nconnection: close\r\n\r\n`, 200],
    ['a length of nothing on GET', `${GET}host: g\r\ncontent-length: 0\r\nconnection: close\r\n\r\n`, 200],
    ['chunks', `${POST}transfer-encoding: chunked\r\nconnection: close\r\n\r\n16\r\n${BODY}\r\n0\r\n\r\n`, 200],
    ['chunks with an extension', `${POST}transfer-encoding: chunked\r\nconnection: close\r\n\r\n16;a=b\r\n${BODY}\r\n0\r\n\r\n`, 200],
    ['chunks with a trailer', `${POST}transfer-encoding: chunked\r\nconnection: close\r\n\r\n16\r\n${BODY}\r\n0\r\nx-a: b\r\n\r\n`, 200],
    ['an empty line before it', `\r\n${GET}host: g\r\nconnection: close\r\n\r\n`, 200],
    ['an upgrade that nobody offers', `${GET}host: g\r\nconnection: upgrade, close\r\nupgrade: websocket\r\n\r\n`, 200],
    ['an expectation that is met', `${POST}expect: 100-continue\r\ncontent-length: 22\r\nconnection: close\r\n\r\n${BODY}`, 100],
    ['an expectation that nobody knows', `${GET}host: g\r\nexpect: the-unexpected\r\nconnection: close\r\n\r\n`, 200],
  ])('(%s) is answered', async (_, bytes, status) => {
    await using subject = await openLibrary();
    expect(await exchange(subject.gateway.url, bytes)).toMatchObject({ status });
    expect(await subject.gateway.metric('interline_responses_total', { category: 'success_complete' })).toBe(1);
  });

  it('(many on one connection at once) is answered in order', async () => {
    await using subject = await openLibrary();
    await using connection = new Connection(subject.gateway.url);
    const ids = Array.from({ length: 20 }, (_, i) => `r-${i}`);
    subject.readers.answers('getReader', ({ id }: { id: string }) => ({ id, name: id }));
    connection.send(ids.map((id) => request(`GET /v1/books/b-1?reader=${id}`)).join(''));
    for (const id of ids) expect((await connection.next())?.body).toContain(`"greeting":"${id}"`);
  });
});

/** How long a value may be beside an address, a Host and its own name: a head has less than 16 KiB, the marks between them not counted. */
const LONGEST = 16 * 1024 - 1 - '/v1/books/b-1'.length - 'hostgateway'.length - 'x-a'.length;

describe('a request whose head is too large', () => {
  it.each([
    ['a header of 17 KiB', request('GET /v1/books/b-1', [`x-a: ${'a'.repeat(17 * 1024)}`])],
    [
      'headers of 17 KiB together',
      request(
        'GET /v1/books/b-1',
        Array.from({ length: 170 }, (_, i) => `x-${i}: ${'a'.repeat(95)}`),
      ),
    ],
    ['an address of 17 KiB', request(`GET /v1/books/b-1?reader=${'a'.repeat(17 * 1024)}`)],
  ])('(%s) gets 431 and its connection is closed', async (_, bytes) => {
    await using subject = await openLibrary();
    const answer = await exchange(subject.gateway.url, bytes);
    expect(answer).toMatchObject({ status: 431, headers: { connection: 'close' } });
    expect(JSON.parse(answer?.body ?? '')).toMatchObject({ code: 'headTooLarge' });
    expect(await subject.gateway.metric('interline_responses_total', { category: 'failure_caller_head_too_large' })).toBe(1);
    expect(subject.books.calls).toEqual([]);
  });

  it.each([
    ['of just less than 16 KiB', (more: number) => request('GET /v1/books/b-1', [`x-a: ${'a'.repeat(LONGEST + more)}`])],
    ['of a thousand fields', (more: number) => request('GET /v1/books/b-1', Array<string>(999 + more).fill('a: b'))],
  ])('(%s and one more) gets it; without the one it is taken', async (_, of) => {
    await using subject = await openLibrary();
    expect(await exchange(subject.gateway.url, of(1))).toMatchObject({ status: 431 });
    await using connection = new Connection(subject.gateway.url);
    expect(await connection.send(of(0)).next()).toMatchObject({ status: 200 });
  });

  it('(a path value of 257 characters) gets 414; one of 256 is taken', async () => {
    await using subject = await openLibrary();
    expect(await subject.gateway.get(`/v1/books/${'b'.repeat(257)}`)).toMatchObject({ status: 414, body: { code: 'tooLong' } });
    expect(await subject.gateway.get(`/v1/books/${'b'.repeat(256)}`)).toMatchObject({ status: 200 });
  });
});

describe('a request that comes in too slowly', () => {
  it('is cut off by Node, whose limits are set: ten seconds for the head, thirty for the whole', async () => {
    await using subject = await openLibrary();
    const { headersTimeout, requestTimeout, keepAliveTimeout } = subject.gateway.running.app.getHttpServer();
    expect({ headersTimeout, requestTimeout, keepAliveTimeout }).toEqual({
      headersTimeout: 10_000,
      requestTimeout: 30_000,
      keepAliveTimeout: 72_000,
    });
  });

  it('has what gateway.yaml says, for the head too where that is shorter', async () => {
    await using subject = await openLibrary({ yaml: 'edge: { requestTimeout: 4s }' });
    const { headersTimeout, requestTimeout } = subject.gateway.running.app.getHttpServer();
    expect({ headersTimeout, requestTimeout }).toEqual({ headersTimeout: 4000, requestTimeout: 4000 });
  });

  it('is told so, once, when its time is over', async () => {
    await using subject = await openLibrary({ yaml: 'edge: { requestTimeout: 1ms }' });
    const answer = await exchange(subject.gateway.url, `${POST}content-length: 22\r\n\r\n{"title"`);
    expect(answer).toMatchObject({ status: 408, headers: { connection: 'close' } });
    expect(JSON.parse(answer?.body ?? '')).toMatchObject({ code: 'tooSlow' });
    expect(await subject.gateway.metric('interline_responses_total', { category: 'failure_caller_too_slow' })).toBe(1);
    expect(await subject.gateway.metric('interline_responses_total')).toBe(1);
  });
});
