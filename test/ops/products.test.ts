import { describe, expect, it } from '@jest/globals';
import { ProductsAnswer } from '../../src/ops/schemas.js';
import { openLibrary } from '../edge/library.js';
import { OpsPort } from './operator.js';

describe('GET /ops/products', () => {
  it('gives each product with its policy, its addresses and what is under way', async () => {
    await using subject = await openLibrary({ yaml: 'cache: { entries: 9 }' });
    const { gateway, books } = subject;
    const ops = new OpsPort(gateway.opsUrl);
    const products = async () => ProductsAnswer.strict().parse((await ops.ask('/ops/products')).body).products;
    const held: (() => void)[] = [];
    books.raw((_, response) => void held.push(() => response.writeHead(500).end()), 'getBook');
    const before = await products();
    const waiting = gateway.get('/v1/books/b-1');
    await books.arrived(1);
    const during = await products();
    for (const answer of held) answer();
    await waiting;
    const after = await products();

    const url = books.url.replace('{version}', '1');
    expect(before[0]).toEqual({
      product: 'library',
      policy: { limit: { perSecond: null, burst: 20 }, bulkhead: { concurrent: 10_000, queue: 64, waitMs: 1 } },
      isolated: null,
      inFlight: 0,
      addresses: [{ version: 1, url, inFlight: 0 }],
      breakers: [],
      bulkhead: null,
      limit: { remaining: 20, heldMs: 0 },
      cache: null,
    });
    expect(during[0]).toMatchObject({ inFlight: 1, addresses: [{ url, inFlight: 1 }], bulkhead: { inFlight: 1, waiting: 0 } });
    expect(after[0]).toMatchObject({
      inFlight: 0,
      bulkhead: { inFlight: 0, waiting: 0 },
      breakers: [{ operation: 'library.v1.getBook', state: 'closed', calls: 1, failures: 1, trialInMs: 0 }],
    });
    expect(after[1]).toMatchObject({ product: 'people', addresses: [{ version: 2 }], breakers: [] });
  });

  it('says how often what is stored was good enough', async () => {
    await using subject = await openLibrary();
    const { gateway } = subject;
    const ops = new OpsPort(gateway.opsUrl);
    await ops.turn({ changes: { 'products.library.cache.fresh': '10s' }, reason: 'a test' });
    for (let i = 0; i < 4; i++) await gateway.get('/v1/books/b-1');
    const { products } = ProductsAnswer.parse((await ops.ask('/ops/products')).body);
    expect(products[0]?.cache).toMatchObject({ entries: 1, hitRate: 0.75 });
    expect(subject.books.count('getBook')).toBe(1);
  });
});

describe('POST /ops/purge', () => {
  it.each([
    [{ product: 'library' }, 2],
    [{ operation: 'library.v1.getBook' }, 2],
    [{ route: 'GET /v1/books/{bookId}' }, 2],
    [{ route: 'GET /v1/catalog' }, 0],
    [{ product: 'people' }, 0],
    [{ tag: 'book:b-1' }, 0],
    [{ key: 'none' }, 0],
  ])('by %j takes away what is stored, and says how much: %d', async (selector, count) => {
    await using subject = await openLibrary();
    const { gateway, books } = subject;
    const ops = new OpsPort(gateway.opsUrl);
    await ops.turn({ changes: { 'products.library.cache.fresh': '10s' }, reason: 'a test' });
    const read = async (): Promise<void> => {
      for (const id of ['b-1', 'b-2']) await gateway.get(`/v1/books/${id}`);
    };
    await read();
    expect(await ops.post('/ops/purge', selector)).toMatchObject({ status: 200, body: { count } });
    await read();
    expect(books.count('getBook')).toBe(2 + count);
    expect(gateway.log).toContainEqual(expect.objectContaining({ msg: 'an operator purged', selector, count }));
  });

  it.each([
    ['nothing', {}, '', 'expected exactly one of tag, product, operation, route, key'],
    ['two', { tag: 'x', product: 'library' }, '', 'expected exactly one of tag, product, operation, route, key'],
    ['an empty tag', { tag: '' }, 'tag', 'expected a text that is not empty'],
    ['a list', { tag: ['x'] }, 'tag', 'expected a text'],
    ['an unknown key', { tga: 'x', product: 'library' }, '', 'unknown key "tga" (did you mean "tag"?)'],
    ['an unknown product', { product: 'libary' }, 'product', 'no such product (did you mean "library"?)'],
    ['an unknown operation', { operation: 'library.v1.getBok' }, 'operation', 'no such operation (did you mean "library.v1.getBook"?)'],
    ['an unknown route', { route: 'GET /v1/catalogue' }, 'route', 'no such route (did you mean "GET /v1/catalog"?)'],
  ])('refuses %s: a slip must not pass for an empty cache', async (_, body, path, message) => {
    await using subject = await openLibrary();
    const told = await new OpsPort(subject.gateway.opsUrl).post('/ops/purge', body);
    expect(told).toMatchObject({ status: 422, body: { errors: [{ path, message }] } });
  });
});
