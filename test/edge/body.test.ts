import { describe, expect, it } from '@jest/globals';
import { Connection, request } from './connection.js';
import { openLibrary } from './library.js';

const PATH = '/products/library/v1/books';
const book = (title: string): string => JSON.stringify({ title, year: 1999 });
const post = (body: RequestInit['body'], type = 'application/json'): RequestInit => ({
  method: 'POST',
  headers: { 'content-type': type },
  body,
});

describe('a body', () => {
  it('may have 64 KiB and not a byte more', async () => {
    await using subject = await openLibrary();
    const most = 'x'.repeat(64 * 1024 - book('').length);
    expect(await subject.gateway.get(PATH, post(book(most)))).toMatchObject({ status: 200 });
    expect(await subject.gateway.get(PATH, post(book(`${most}x`)))).toMatchObject({ status: 413, body: { code: 'tooLarge' } });
    expect(subject.books.count('addBook')).toBe(1);
  });

  it('is counted as it comes in where its length is not said', async () => {
    await using subject = await openLibrary();
    await using connection = new Connection(subject.gateway.url);
    const chunk = `1000\r\n${' '.repeat(0x1000)}\r\n`;
    connection.send(`POST ${PATH} HTTP/1.1\r\nhost: g\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n`);
    connection.send(`${chunk.repeat(17)}0\r\n\r\n`);
    expect(await connection.next()).toMatchObject({ status: 413 });
  });

  it('may have as much as gateway.yaml says', async () => {
    await using subject = await openLibrary({ yaml: 'edge: { maxBody: 100 B }' });
    expect(await subject.gateway.get(PATH, post(book('short')))).toMatchObject({ status: 200 });
    expect(await subject.gateway.get(PATH, post(book('x'.repeat(100))))).toMatchObject({ status: 413 });
  });

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'application/xml', 'json', 'a/b/c', ''])(
    'of the type "%s" is refused: only JSON is read',
    async (type) => {
      await using subject = await openLibrary();
      expect(await subject.gateway.get(PATH, post(Buffer.from(book('t')), type))).toMatchObject({
        status: 415,
        body: { code: 'mediaType' },
      });
      expect(subject.books.calls).toEqual([]);
    },
  );

  it('without a type is refused too', async () => {
    await using subject = await openLibrary();
    await using connection = new Connection(subject.gateway.url);
    expect(await connection.send(request(`POST ${PATH}`, [], book('t'))).next()).toMatchObject({ status: 415 });
  });

  it.each(['application/json; charset=utf-8', 'Application/JSON', 'application/merge-patch+json', 'application/vnd.api+json;x=1'])(
    'of the type "%s" is JSON',
    async (type) => {
      await using subject = await openLibrary();
      expect(await subject.gateway.get(PATH, post(book('t'), type))).toMatchObject({ status: 200 });
    },
  );

  it.each(['{', '{"title":}', "{'title':'t'}", '{"title":"t",}', '{"title":"t"} x', 'NaN', '\u0000', '', '{"title":"\n"}', '// x\n{}'])(
    'that is not JSON is refused: %j',
    async (body) => {
      await using subject = await openLibrary();
      const got = await subject.gateway.get(PATH, post(body));
      expect(got).toMatchObject({
        status: 400,
        body: { code: 'invalid', errors: [{ in: 'body', message: expect.stringContaining('JSON') }] },
      });
      expect(subject.books.calls).toEqual([]);
    },
  );

  it('that is missing where fields are needed is told field by field', async () => {
    await using subject = await openLibrary();
    const { status, body } = await subject.gateway.get(PATH, { method: 'POST' });
    expect({ status, body }).toMatchObject({ status: 400, body: { errors: [{ path: 'title' }, { path: 'year' }] } });
  });

  it.each([
    ['GET', PATH],
    ['HEAD', PATH],
    ['DELETE', `${PATH}/b-1`],
    ['OPTIONS', PATH],
    ['GET', '/v1/books/b-1'],
    ['GET', '/no/such/path'],
    ['GET', '/health/live'],
    ['GET', '/openapi.json'],
  ])('with %s %s is refused and the connection closed: no such request has one', async (method, path) => {
    await using subject = await openLibrary();
    for (const type of ['application/json', 'text/plain']) {
      await using connection = new Connection(subject.gateway.url);
      connection.send(request(`${method} ${path}`, [`content-type: ${type}`], '{"broken'));
      const answer = await connection.next({ withBody: method !== 'HEAD' });
      expect(answer).toMatchObject({
        status: 400,
        headers: { connection: 'close', 'content-type': expect.stringContaining('problem+json') },
      });
      await connection.closed();
    }
    expect(subject.books.calls).toEqual([]);
    expect(await subject.gateway.metric('interline_responses_total', { category: 'failure_caller_framing' })).toBe(2);
  });

  it('that breaks off is a caller that left: told of once, and no error of ours', async () => {
    await using subject = await openLibrary();
    const connection = new Connection(subject.gateway.url);
    connection.send(`POST ${PATH} HTTP/1.1\r\nhost: g\r\ncontent-type: application/json\r\ncontent-length: 50\r\n\r\n{"title":`);
    await using other = new Connection(subject.gateway.url);
    await other.send(request('GET /health/live')).next(); // what was sent before has arrived by now
    connection.leave();
    await connection.closed();
    await subject.gateway.logged(1);
    expect(subject.gateway.log).toMatchObject([{ level: 30, status: 499, category: 'failure_caller_cancelled' }]);
    expect(await subject.gateway.metric('interline_responses_total')).toBe(1);
    expect(await subject.gateway.metric('interline_requests_in_flight')).toBe(0);
  });
});
