import { expect, it } from '@jest/globals';
import { Connection, request } from './connection.js';
import { openLibrary } from './library.js';

const LINE = 'GET /v1/books/{bookId}';

/** The book `b-1`, spelled as a request may spell it. */
const same = [
  '/v1/books/b-1',
  '/v1/books/b-1?',
  '/v1/books/b-1#',
  '/v1/books/%62-1',
  '/v1/books/b%2d1',
  '/v1/books/b%2D1',
  '/v1/books/b-%31',
  '/v1/books/%62%2d%31',
  '/%76%31/books/b-1',
  '/v1/%62ooks/b-1',
  '/v1/b%6F%6fks/b-1',
  '/%761/%62%6f%6f%6b%73/%62%2D%31',
  '/v1/books/b-1?reader=',
  'http://gateway/v1/books/b-1',
  'http://elsewhere.example/v1/books/b-1',
  'HTTP://GATEWAY:80/v1/books/b-1',
  'http://user:secret@gateway/v1/books/b-1?',
];
/** Other books, whose ids look like something else. */
const others = [
  '/v1/books/B-1',
  '/v1/books/b-1;jsessionid=1',
  '/v1/books/b-1;',
  '/v1/books/b-1:x',
  '/v1/books/b-1,2',
  '/v1/books/b-1@x',
  '/v1/books/b-1$',
  '/v1/books/b-1=x',
  '/v1/books/b-1.json',
  '/v1/books/b-1%20',
  '/v1/books/%20b-1',
  '/v1/books/b-1%3Freader=1',
  '/v1/books/b-1%23x',
  '/v1/books/b-1%C3%A9',
  '/v1/books/(b-1)',
];
/** A fragment never travels (RFC 9112, 3.2): a request that has one does not fit. */
const fragments = ['/v1/books/b-1#fragment', '/v1/books/b-1?#fragment', '/v1/books/b-1?#reader=r-1'];

it('spells a route in 35 ways and has one name in metrics and logs, which is never what was sent', async () => {
  await using subject = await openLibrary();
  const { gateway, books } = subject;
  await using connection = new Connection(gateway.url);
  const spellings = [...same, ...others, ...fragments];
  expect(spellings).toHaveLength(35);
  for (const path of spellings) {
    const answer = await connection.send(request(`GET ${path}`)).next();
    expect([path, answer?.status]).toEqual([path, fragments.includes(path) ? 400 : 200]);
  }
  expect(await gateway.metric('interline_responses_total', { route: LINE })).toBe(35);
  expect(await gateway.metric('interline_responses_total')).toBe(35);
  expect(gateway.log.map(({ route }) => route)).toEqual(spellings.map(() => LINE));
  expect(books.calls.slice(0, same.length).map(({ path }) => path)).toEqual(same.map(() => '/v1/books/b-1'));
  expect(new Set(books.calls.slice(same.length).map(({ path }) => path)).size).toBe(others.length);
  expect(JSON.stringify(gateway.log)).not.toMatch(/jsessionid|elsewhere|secret|fragment/);
});

it('reaches no product by a path that decodes twice, or to more than one segment', async () => {
  await using subject = await openLibrary();
  await using connection = new Connection(subject.gateway.url);
  for (const path of ['b%252d1', 'b%2f1', 'b%5c1', '..', '%2e%2e', '.%2e', '%2e', 'b%00', 'b%0d%0ax', '%252e%252e', 'b%7f', 'b%C2%85'])
    expect([path, (await connection.send(request(`GET /v1/books/${path}`)).next())?.status]).toEqual([path, 400]);
  expect(subject.books.calls).toEqual([]);
});
