import { describe, expect, it } from '@jest/globals';
import type { FakeProduct } from '../fake-product.js';
import { Connection, type RawAnswer, request } from './connection.js';
import { openLibrary } from './library.js';
import { naughty } from './naughty.js';

/** A text as it may stand in an address: bytes of UTF-8, percent-encoded; half a surrogate pair as an editor would send it. */
const encoded = (text: string): string =>
  Array.from(new TextEncoder().encode(text), (byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');

const bytes = (text: string): string => Buffer.from(text).toString('latin1');

const JSON_TYPE = ['content-type: application/json'];

const loan = (body: object): string => request('POST /v1/loans', JSON_TYPE, bytes(JSON.stringify(body)));

/** How each field of the library can be given a text. */
const fields: Readonly<Record<string, (text: string) => string>> = {
  "a product route's path": (text) => request(`GET /products/library/v1/books/${encoded(text)}`),
  "a composed route's path": (text) => request(`GET /v1/books/${encoded(text)}`),
  'a path, its method one that writes': (text) => request(`DELETE /products/library/v1/books/${encoded(text)}`),
  "a product route's query": (text) => request(`GET /products/library/v1/books?title=${encoded(text)}`),
  "a composed route's query": (text) => request(`GET /v1/books/b-1?reader=${encoded(text)}`),
  'a number in a query': (text) => request(`GET /products/library/v1/books?year=${encoded(text)}`),
  'a list in a query': (text) => request(`GET /v1/catalog?shelf=${encoded(text)}&shelf=b`),
  'the name of a query key': (text) => request(`GET /v1/catalog?${encoded(text)}=1`),
  "a product route's body": (text) =>
    request(
      'POST /products/library/v1/books',
      JSON_TYPE,
      bytes(JSON.stringify({ title: text, year: 1999, tags: [text], notes: { n: text } })),
    ),
  "a composed route's body": (text) => loan({ bookId: 'b-0001', readerId: 'r-0001', days: 3, wish: text }),
  'an id in a body': (text) => loan({ bookId: text, readerId: 'r-0001', days: 3 }),
  'the name of a field in a body': (text) =>
    request('POST /products/library/v1/books', JSON_TYPE, bytes(`{"title":"t","year":1,${JSON.stringify(text)}:1}`)),
  'a whole body': (text) => request('POST /v1/loans', JSON_TYPE, bytes(text)),
};

/** Headers that can carry the text at all: a line break or a NUL there is broken framing, which other tests have. */
const inHeaders = naughty.filter((text) => !/[\u0000-\u0008\u000a-\u001f\u007f]/.test(text)); // oxlint-disable-line no-control-regex

async function answers(url: string, requests: readonly string[]): Promise<readonly RawAnswer[]> {
  const all: RawAnswer[] = [];
  let connection = new Connection(url);
  for (const each of requests) {
    const answer = await connection.send(each).next();
    if (!answer) throw new Error(`no answer to ${JSON.stringify(each)}`);
    all.push(answer);
    if (answer.headers['connection'] !== 'close') continue;
    await connection.closed(); // a body that is no JSON takes its connection along
    connection = new Connection(url);
  }
  await connection[Symbol.asyncDispose]();
  return all;
}

/** Each call that arrived is one of the contract's, and its path is what it says: nothing in it moves a segment. */
function expectIntact(product: FakeProduct): void {
  for (const { path, headers } of product.calls) {
    const { pathname, search } = new URL(path, 'http://product');
    expect(pathname + search).toBe(path);
    expect(headers).not.toHaveProperty('x-injected');
    expect(headers).not.toHaveProperty('set-cookie');
  }
}

describe(`${naughty.length} naughty strings`, () => {
  it.each(Object.entries(fields))('in %s: each is taken or refused with 400, none is a fault of ours', async (_, make) => {
    await using subject = await openLibrary();
    const { gateway, books, readers } = subject;
    const all = await answers(gateway.url, naughty.map(make));
    expect(all.map(({ status }, i) => [naughty[i], status]).filter(([, status]) => ![200, 204, 400, 404].includes(Number(status)))).toEqual(
      [],
    );
    for (const { headers, body } of all) {
      expect(headers).not.toHaveProperty('x-injected');
      expect(headers).not.toHaveProperty('set-cookie');
      expect(body).not.toMatch(/node_modules|127\.0\.0\.1:\d|\bat \S+ \(/);
    }
    expectIntact(books);
    expectIntact(readers);
    expect(gateway.log.filter(({ level }) => Number(level) >= 50)).toEqual([]);
    expect(await gateway.metric('interline_responses_total', { category: 'failure_local_bug' })).toBe(0);
    expect(await gateway.metric('interline_responses_total')).toBe(naughty.length);
  });

  it('in headers: each is taken, left alone or refused with 400', async () => {
    await using subject = await openLibrary();
    const all = await answers(
      subject.gateway.url,
      inHeaders.flatMap((text) =>
        ['accept-language', 'x-interline-consumer', 'x-request-id', 'traceparent', 'if-none-match', 'cookie'].map((name) =>
          request('GET /v1/catalog', [`${name}: ${bytes(text)}`]),
        ),
      ),
    );
    expect(all.filter(({ status }) => ![200, 304, 400].includes(status))).toEqual([]);
    for (const { headers } of all) {
      expect(headers['x-request-id']).toMatch(/^[\w.:-]{1,128}$/);
      expect(headers['traceparent']).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/);
    }
    expect(subject.gateway.log.filter(({ level }) => Number(level) >= 50)).toEqual([]);
    expect(new Set(subject.gateway.log.map(({ consumer }) => consumer))).toEqual(new Set(['anonymous']));
  });
});
