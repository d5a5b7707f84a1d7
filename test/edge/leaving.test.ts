import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { describe, expect, it } from '@jest/globals';
import { Connection, request } from './connection.js';
import { openLibrary } from './library.js';

const GONE = { level: 30, msg: 'request', status: 499, category: 'failure_caller_cancelled' };

describe('a caller that leaves before it is answered', () => {
  it.each(['/v1/books/b-1?reader=r-1', '/products/library/v1/books/b-1'])(
    'takes along every call that nobody else awaits: %s',
    async (path) => {
      await using subject = await openLibrary();
      const { gateway, books, readers } = subject;
      books.hangs();
      readers.hangs();
      await using connection = new Connection(gateway.url);
      connection.send(request(`GET ${path}`));
      await books.arrived(1);
      if (path.includes('reader')) await readers.arrived(1);
      connection.leave();
      await books.hungUp(1);
      await readers.hungUp(readers.calls.length);
      expect(gateway.log.filter(({ msg }) => msg === 'request')).toMatchObject([GONE]);
      expect(gateway.log.filter(({ level }) => Number(level) > 30)).toEqual([]);
      expect(await gateway.metric('interline_responses_total')).toBe(1);
      expect(await gateway.metric('interline_requests_in_flight')).toBe(0);
      expect(await gateway.metric('interline_product_calls_in_flight')).toBe(0);
      await gateway.clock.downTo(0);
    },
  );

  it('does not take along a write that was sent', async () => {
    await using subject = await openLibrary();
    const { gateway, books } = subject;
    let held: ServerResponse | undefined;
    books.raw((_, response) => void (held = response), 'addBook');
    await using connection = new Connection(gateway.url);
    connection.send(request('POST /products/library/v1/books', ['content-type: application/json'], '{"title":"t","year":1}'));
    await books.arrived(1);
    connection.leave();
    await gateway.logged(1);
    expect(gateway.log).toMatchObject([GONE]);
    held?.writeHead(201, { 'content-type': 'application/json' }).end('{"id":"b-2"}');
    await once(held ?? process, 'close');
    expect(books.calls).toMatchObject([{ operation: 'addBook', hungUp: false }]);
    expect(gateway.log).toHaveLength(1);
  });

  it('has nothing done for it where it left before its turn', async () => {
    await using subject = await openLibrary();
    const { gateway, books } = subject;
    gateway.running.app.getHttpServer().prependOnceListener('request', (_: unknown, response: ServerResponse) => response.destroy());
    await using connection = new Connection(gateway.url);
    await connection.send(request('GET /v1/books/b-1')).closed();
    await gateway.logged(1);
    expect(gateway.log).toMatchObject([GONE]);
    expect(books.calls).toEqual([]);
    expect(await gateway.metric('interline_requests_in_flight')).toBe(0);
  });

  it('takes nothing from those who stay on the same product', async () => {
    await using subject = await openLibrary();
    const { gateway, books } = subject;
    const held: ServerResponse[] = [];
    books.raw((_, response) => void held.push(response), 'getBook');
    const stays = gateway.get('/v1/books/b-1');
    await books.arrived(1);
    await using connection = new Connection(gateway.url);
    connection.send(request('GET /v1/books/b-2'));
    await books.arrived(2);
    connection.leave();
    await books.hungUp(1);
    const book = { id: 'b-1', title: 'Night Flight', year: 1931, author: { name: 'Antoine', born: 1900 } };
    held[0]?.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(book));
    expect(await stays).toMatchObject({ status: 200, body: { complete: true } });
  });

  it('after its answer has left nothing to tell', async () => {
    await using subject = await openLibrary();
    await using connection = new Connection(subject.gateway.url);
    await connection.send(request('GET /v1/books/b-1')).next();
    connection.leave();
    await connection.closed();
    await subject.gateway.get('/v1/catalog');
    expect(subject.gateway.log.map(({ status }) => status)).toEqual([200, 200]);
  });

  it('in great numbers leaves nothing open', async () => {
    await using subject = await openLibrary();
    const { gateway, books } = subject;
    books.hangs();
    const connections = Array.from({ length: 100 }, (_, i) => new Connection(gateway.url).send(request(`GET /v1/books/b-${i}`)));
    await books.arrived(64); // as many as the product has connections
    for (const connection of connections) connection.leave();
    await gateway.logged(100);
    await gateway.clock.downTo(0);
    expect(gateway.log.filter(({ level, status }) => level !== 30 || status !== 499)).toEqual([]);
    expect(await gateway.metric('interline_responses_total', { category: 'failure_caller_cancelled' })).toBe(100);
    expect(await gateway.metric('interline_product_calls_in_flight')).toBe(0);
    books.mends();
    expect(await gateway.get('/v1/books/b-1')).toMatchObject({ status: 200 });
  });
});
