import { describe, expect, it } from '@jest/globals';
import { Connection, request } from './connection.js';
import { type Library, openLibrary } from './library.js';
import { bytes, escaped, payloads, raw } from './traversal.js';

/** Sends all requests on one connection, many at once, and counts the answers by status. */
async function send(url: string, requests: readonly string[]): Promise<Readonly<Record<number, number>>> {
  await using connection = new Connection(url);
  const byStatus: Record<number, number> = {};
  for (let at = 0; at < requests.length; at += 250) {
    const batch = requests.slice(at, at + 250);
    connection.send(batch.join(''));
    for (const each of batch) {
      const answer = await connection.next();
      if (!answer) throw new Error(`no answer to ${JSON.stringify(each)}`);
      byStatus[answer.status] = (byStatus[answer.status] ?? 0) + 1;
      if (JSON.stringify(answer).includes('pass-me-back')) throw new Error(`${answer.body} gives back ${each}`);
    }
  }
  return byStatus;
}

/** Every path that reached a product is one of its contract's, one segment where the contract has one. */
function expectNoEscape({ books, readers }: Library): void {
  const odd = [...books.calls, ...readers.calls].filter(
    ({ path }) =>
      !/^\/v1\/books(\/[^/?#\\]+)?(\?[^#/\\]*)?$|^\/v2\/readers\/[^/?#\\]+$/.test(path) ||
      new URL(path, 'http://product').href !== `http://product${path}`,
  );
  expect(odd).toEqual([]);
}

/** Where a payload is put. Nothing of it may come back: what was refused is named by its place. */
const places: Readonly<Record<string, (text: string) => string>> = {
  "a product route's path, as one segment": (text) => request(`GET /products/library/v1/books/${escaped(text)}`),
  "a product route's path, as it stands": (text) => request(`GET /products/library/v1/books/${raw(text)}`),
  "a composed route's path, as one segment": (text) => request(`GET /v1/books/${escaped(text)}`),
  "a product route's query": (text) => request(`GET /products/library/v1/books?title=${escaped(text)}`),
  "a composed route's query, which stands in a product's path": (text) => request(`GET /v1/books/b-1?reader=${escaped(text)}`),
  "a product route's body": (text) =>
    request('POST /products/library/v1/books', ['content-type: application/json'], bytes(JSON.stringify({ title: text, year: 1999 }))),
  "a composed route's body": (text) =>
    request(
      'POST /v1/loans',
      ['content-type: application/json'],
      bytes(JSON.stringify({ bookId: 'b-0001', readerId: 'r-0001', days: 3, wish: text })),
    ),
  'an id in a body': (text) =>
    request('POST /v1/loans', ['content-type: application/json'], bytes(JSON.stringify({ bookId: text, readerId: 'r-0001', days: 3 }))),
};

describe(`${payloads.length} ways out of a folder`, () => {
  it.each(Object.entries(places))(
    'in %s lead nowhere',
    async (place, make) => {
      // What stands in a path is mostly refused at once. What stands elsewhere is text like any other, and makes calls: a tenth will do.
      const chosen = place.includes('path') ? payloads : payloads.filter((_, i) => i % 10 === 0);
      await using subject = await openLibrary();
      const byStatus = await send(subject.gateway.url, chosen.map(make));
      expect(Object.keys(byStatus).filter((status) => Number(status) >= 500)).toEqual([]);
      expectNoEscape(subject);
    },
    60_000,
  );
});
