import { describe, expect, it } from '@jest/globals';
import { OpsPort } from '../ops/operator.js';
import { openLibrary } from './library.js';

describe('a gateway whose operator has a product asked a second time', () => {
  it('answers by the second attempt while the first one hangs, hangs up on that, and counts nothing against the product', async () => {
    await using subject = await openLibrary();
    const { gateway, books } = subject;
    const ops = new OpsPort(gateway.opsUrl);
    expect(await ops.turn({ changes: { 'products.library.hedge.after': '50ms' }, reason: 'stragglers' })).toMatchObject({ status: 200 });
    for (let nth = 1; nth <= 20; nth++) await gateway.get(`/v1/books/b-${nth}`);

    books.hangs('getBook');
    const answer = gateway.get('/v1/books/b-21');
    await books.arrived(21);
    books.mends();
    gateway.clock.advance(50);
    expect(await answer).toMatchObject({ status: 200, body: { complete: true } });
    await books.hungUp(1);
    expect(books.calls.slice(20)).toMatchObject([
      { path: '/v1/books/b-21', hungUp: true },
      { path: '/v1/books/b-21', hungUp: false },
    ]);
    expect((await ops.ask('/ops/products')).body).toMatchObject({
      products: expect.arrayContaining([
        expect.objectContaining({
          product: 'library',
          bulkhead: { inFlight: 0, waiting: 0 },
          breakers: [expect.objectContaining({ state: 'closed', calls: 21, failures: 0 })],
        }),
      ]),
    });
  });

  it('never sends a write a second time', async () => {
    await using subject = await openLibrary();
    const { gateway, books } = subject;
    await new OpsPort(gateway.opsUrl).turn({ changes: { 'products.library.hedge.after': '50ms' }, reason: 'stragglers' });
    for (let nth = 1; nth <= 40; nth++) await gateway.get(`/v1/books/b-${nth}`);
    books.hangs();
    const write = gateway.get('/products/library/v1/books', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"title":"t","year":1931}',
    });
    await books.arrived(41);
    gateway.clock.advance(100);
    const read = gateway.get('/v1/books/b-41');
    await books.arrived(42);
    gateway.clock.advance(50);
    await books.arrived(43);
    expect([books.count('addBook'), books.count('getBook')]).toEqual([1, 42]);
    gateway.clock.advance(500);
    expect([(await write).status, (await read).status]).toEqual([504, 504]);
  });
});
