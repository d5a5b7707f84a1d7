import { describe, expect, it } from '@jest/globals';
import { Connection, request } from '../edge/connection.js';
import { openLibrary } from '../edge/library.js';
import type { TestGateway } from '../gateway.js';
import { Holding, book, callerOf, times } from './holding.js';

const CLIENTS = 200;
const KEPT = 'cache: { fresh: 10s, stale: 20s }\n    connections: 300';

/** So many clients at once, each with a request id of its own. */
const herd = (gateway: TestGateway, path: string, of = CLIENTS) =>
  times(of, (nth) => gateway.get(path, { headers: { 'x-request-id': `client-${nth}` } }));

const own = times(CLIENTS, (nth) => `client-${nth}`);

describe('200 clients over sockets', () => {
  it('on one cold key make one product call', async () => {
    await using subject = await openLibrary({ policies: { library: KEPT } });
    const { gateway, books } = subject;
    const holding = new Holding(books, 'getBook', () => ({ body: book('b-1', 'Night Flight') }));
    const answers = herd(gateway, '/v1/books/b-1');
    await gateway.clock.waiting(CLIENTS + 1); // each request's deadline, and that of their one call
    holding.opens();
    for (const answer of await Promise.all(answers))
      expect(answer).toMatchObject({ status: 200, body: { complete: true, parts: { book: { state: 'ok' } } } });
    expect(books.calls).toHaveLength(1);
  }, 30_000);

  it('on a key that has expired make one more, in the background: they are all answered while it is under way', async () => {
    await using subject = await openLibrary({ policies: { library: KEPT } });
    const { gateway, books } = subject;
    const holding = new Holding(books, 'getBook', () => ({ body: book('b-1', `edition ${books.calls.length}`) }));
    holding.opens();
    await gateway.get('/v1/books/b-1');
    holding.closes();
    gateway.clock.advance(12_000);
    for (const answer of await Promise.all(herd(gateway, '/v1/books/b-1')))
      expect(answer).toMatchObject({
        status: 200,
        body: { data: { title: 'edition 1, Antoine' }, complete: true, parts: { book: { state: 'stale', age: 12 } } },
      });
    await books.arrived(2);
    holding.opens();
    await gateway.clock.downTo(0); // the refresh has landed
    for (const answer of await Promise.all(herd(gateway, '/v1/books/b-1')))
      expect(answer).toMatchObject({ body: { data: { title: 'edition 2, Antoine' }, parts: { book: { state: 'ok' } } } });
    expect(books.calls).toHaveLength(2);
  }, 30_000);

  it('on answers of a user`s own make a call each, at once: none waits for another, and each is given its own', async () => {
    await using subject = await openLibrary({ policies: { people: KEPT } });
    const { gateway, readers } = subject;
    const holding = new Holding(readers, 'getReader', (request) => ({ body: { id: 'r-1', name: callerOf(request) } }));
    const answers = herd(gateway, '/products/people/v2/readers/r-1');
    await readers.arrived(CLIENTS); // none has been answered so far
    holding.opens();
    expect((await Promise.all(answers)).map(({ body }) => body)).toEqual(own.map((name) => ({ id: 'r-1', name })));
    expect(readers.calls).toHaveLength(CLIENTS);
  }, 30_000);

  it('on answers that prove to be for one alone are each given their own, and wait for no other from then on', async () => {
    await using subject = await openLibrary({ policies: { library: KEPT } });
    const { gateway, books } = subject;
    const headers = { 'cache-control': 'private' };
    const holding = new Holding(books, 'getBook', (request) => ({ body: book('b-1', callerOf(request)), headers }));
    const titles = async (answers: ReturnType<typeof herd>): Promise<unknown> =>
      (await Promise.all(answers)).map(({ body }) => (body as { readonly title: string }).title);
    const first = herd(gateway, '/products/library/v1/books/b-1');
    holding.opens();
    expect(await titles(first)).toEqual(own);
    const before = books.calls.length;
    holding.closes();
    const second = herd(gateway, '/products/library/v1/books/b-1');
    await books.arrived(before + CLIENTS);
    holding.opens();
    expect(await titles(second)).toEqual(own);
  }, 30_000);

  it('go on where the one who came first hangs up, on the call that it began', async () => {
    await using subject = await openLibrary({ policies: { library: KEPT } });
    const { gateway, books } = subject;
    const holding = new Holding(books, 'getBook', () => ({ body: book('b-1', 'Night Flight') }));
    await using leader = new Connection(gateway.url).send(request('GET /v1/books/b-1'));
    await books.arrived(1);
    const followers = herd(gateway, '/v1/books/b-1', 20);
    await gateway.clock.waiting(1 + 1 + 20);
    leader.leave();
    await gateway.logged(1);
    expect(gateway.log).toMatchObject([{ status: 499, category: 'failure_caller_cancelled' }]);
    holding.opens();
    for (const answer of await Promise.all(followers)) expect(answer).toMatchObject({ status: 200, body: { complete: true } });
    expect(books.calls).toMatchObject([{ operation: 'getBook', hungUp: false }]);
  }, 30_000);

  it('are told 504 when their one call runs out of time, whenever they came, and leave nothing behind', async () => {
    await using subject = await openLibrary({ policies: { library: KEPT }, deadlineMs: 1000, routeDeadlineMs: 1500 });
    const { gateway, books } = subject;
    books.hangs('getBook');
    const early = herd(gateway, '/v1/books/b-1', 5);
    await gateway.clock.waiting(5 + 1);
    gateway.clock.advance(600);
    const late = herd(gateway, '/v1/books/b-1', 5);
    await gateway.clock.waiting(5 + 5 + 1);
    gateway.clock.advance(400); // the deadline of their one call
    for (const answer of await Promise.all([...early, ...late])) expect(answer).toMatchObject({ status: 504, body: { code: 'timeout' } });
    expect(books.calls).toHaveLength(1);
    await books.hungUp(1);
    expect(gateway.clock.pending).toBe(0);
  }, 30_000);
});
