import { describe, expect, it } from '@jest/globals';
import { Connection, request } from '../edge/connection.js';
import { openLibrary } from '../edge/library.js';
import { OpsPort } from '../ops/operator.js';

const SHARE = { of: 2, worker: 2 };

describe('one of two workers', () => {
  it('takes half of the connections that the gateway may have', async () => {
    await using subject = await openLibrary({ share: SHARE, yaml: 'edge: { connections: { most: 100, perAddress: 3 } }' });
    await using one = new Connection(subject.gateway.url);
    expect((await one.send(request('GET /v1/books/b-1')).next())?.status).toBe(200);
    await using two = new Connection(subject.gateway.url);
    expect(await two.send(request('GET /v1/books/b-1')).next()).toBeUndefined();
  });

  it('has half of the requests in flight, also after a new gateway.yaml is in force', async () => {
    await using subject = await openLibrary({ share: SHARE, yaml: 'edge: { shed: { inFlight: 3 } }' });
    const { gateway, books } = subject;
    books.hangs();
    const waiting = gateway.get('/v1/books/b-1');
    await books.arrived(1);
    expect((await gateway.get('/v1/books/b-2')).status).toBe(503);
    gateway.running.gateway.reloads.take(gateway.yaml.replace('inFlight: 3', 'inFlight: 4'));
    const another = gateway.get('/v1/books/b-2');
    await books.arrived(2);
    expect((await gateway.get('/v1/books/b-3')).status).toBe(503);
    books.mends();
    gateway.clock.advance(2000);
    await Promise.all([waiting, another]);
  });

  it('has half of the places at a product, also of those that an operator gives it, and shows the operator its own', async () => {
    await using subject = await openLibrary({ share: SHARE, product: 'limit: { rate: 10/s, burst: 3 }' });
    const { gateway } = subject;
    const ops = new OpsPort(gateway.opsUrl);
    const limit = async (): Promise<unknown> =>
      ((await ops.ask('/ops/products')).body as { products: { policy: unknown }[] }).products[0]?.policy;
    expect(await limit()).toMatchObject({ limit: { perSecond: 5, burst: 1 } });
    await ops.turn({ changes: { 'products.library.limit.burst': 4, 'products.library.bulkhead.concurrent': 5 }, reason: 'a test' });
    expect(await limit()).toMatchObject({ limit: { perSecond: 5, burst: 2 }, bulkhead: { concurrent: 2 } });
    const statuses = [];
    for (let i = 0; i < 3; i++) statuses.push((await gateway.get(`/v1/books/b-${i}`)).status);
    expect(statuses).toEqual([200, 200, 503]);
    expect((await ops.policy('products.library.limit.burst')).knobs).toMatchObject([{ value: 4 }]);
  });

  it('keeps half of what the gateway may keep in memory', async () => {
    await using subject = await openLibrary({ share: SHARE, product: 'cache: { fresh: 1h }', yaml: 'cache: { entries: 4 }' });
    for (let i = 0; i < 4; i++) await subject.gateway.get(`/products/library/v1/books/b-${i}`);
    expect(await subject.gateway.metric('interline_cache_entries')).toBe(2);
  });
});
