import { describe, expect, it } from '@jest/globals';
import { ProductsAnswer } from '../../src/ops/schemas.js';
import type { TestGateway } from '../gateway.js';
import { OpsPort } from '../ops/operator.js';
import { Monolith, type Script, ask, gatewayOver } from './monolith.js';

const keepable: Script = (_, response, nth) => response.writeHead(200, { 'cache-control': 'max-age=60', vary: 'x-tenant' }).end(`${nth}`);

const read = async (gateway: TestGateway, path: string, headers: Record<string, string> = {}): Promise<string> =>
  (await ask(`${gateway.url}/products/monolith${path}`, 'GET', headers)).body.toString();

const productsOf = async (gateway: TestGateway) =>
  ProductsAnswer.strict().parse((await new OpsPort(gateway.opsUrl).ask('/ops/products')).body).products;

describe('a product without a contract, as operators see it', () => {
  it('stands among the others, with its policy, its addresses and what is under way', async () => {
    await using monolith = await Monolith.listen();
    await using gateway = await gatewayOver(monolith, 'limit: { rate: 9/s, burst: 7 }, bulkhead: { concurrent: 3, queue: 2 }');
    expect(await productsOf(gateway)).toEqual([
      {
        product: 'monolith',
        policy: { limit: { perSecond: 9, burst: 7 }, bulkhead: { concurrent: 3, queue: 2, waitMs: 1 } },
        isolated: null,
        inFlight: 0,
        addresses: [{ version: 1, url: monolith.url, inFlight: 0 }],
        breakers: [],
        bulkhead: null,
        limit: { remaining: 7, heldMs: 0 },
        cache: null,
      },
    ]);
    const held = Promise.withResolvers<void>();
    monolith.says((_, response) => held.promise.then(() => response.writeHead(500).end()));
    const waiting = read(gateway, '/x');
    await monolith.got(1);
    expect(await productsOf(gateway)).toMatchObject([
      { inFlight: 1, addresses: [{ inFlight: 1 }], bulkhead: { inFlight: 1, waiting: 0 }, limit: { remaining: 6 } },
    ]);
    held.resolve();
    await waiting;
    expect(await productsOf(gateway)).toMatchObject([
      {
        inFlight: 0,
        bulkhead: { inFlight: 0, waiting: 0 },
        breakers: [{ operation: 'monolith.v1.passThrough', state: 'closed', calls: 1, failures: 1 }],
        cache: { entries: 0, bytes: 0, hitRate: 0 },
      },
    ]);
  });

  it('tells for how many reads what is kept was good enough, whoever waited for whom', async () => {
    const held = Promise.withResolvers<void>();
    await using monolith = await Monolith.listen((request, response, nth) => held.promise.then(() => keepable(request, response, nth)));
    await using gateway = await gatewayOver(monolith, 'cache: { staleIfError: 1h }');
    const together = ['/x', '/x'].map((path) => read(gateway, path));
    await monolith.got(1);
    held.resolve();
    await Promise.all(together);
    await ask(`${gateway.url}/products/monolith/x`, 'HEAD');
    await ask(`${gateway.url}/products/monolith/x`, 'POST');
    expect((await productsOf(gateway))[0]?.cache).toMatchObject({ entries: 0, hitRate: 2 / 3 });
    await read(gateway, '/x');
    gateway.clock.advance(61_000);
    monolith.says((_, response) => response.destroy());
    await read(gateway, '/x');
    const [product] = await productsOf(gateway);
    expect(product?.cache).toEqual({ entries: 1, bytes: expect.any(Number), hitRate: 3 / 5 });
    expect(product?.cache?.bytes).toBeGreaterThan(1);
    const counted = (state: string) => gateway.metric('interline_cache_answers_total', { product: 'monolith', state });
    expect(await Promise.all(['hit', 'stale', 'revalidated', 'miss'].map(counted))).toEqual([2, 1, 0, 2]);
  });

  it.each([
    [{ product: 'monolith' }, 2],
    [{ operation: 'monolith.v1.passThrough' }, 2],
    [{ key: 'none' }, 0],
    [{ tag: 'none' }, 0],
  ])('is purged by %j: %d addresses', async (selector, count) => {
    await using monolith = await Monolith.listen(keepable);
    await using gateway = await gatewayOver(monolith);
    const ops = new OpsPort(gateway.opsUrl);
    for (const path of ['/a', '/b', '/b']) await read(gateway, path);
    await read(gateway, '/b', { 'x-tenant': '7' });
    expect(await ops.post('/ops/purge', selector)).toMatchObject({ status: 200, body: { count } });
    for (const path of ['/a', '/b']) await read(gateway, path);
    expect(monolith.arrived.length).toBe(3 + count);
  });

  it('is purged of one address by the key that Cache-Status names', async () => {
    await using monolith = await Monolith.listen(keepable);
    await using gateway = await gatewayOver(monolith);
    const kept = await ask(`${gateway.url}/products/monolith/a`);
    await read(gateway, '/b');
    const [, key] = /; key="([^"]+)"/.exec(String(kept.headers['cache-status'])) ?? [];
    const purged = await new OpsPort(gateway.opsUrl).post('/ops/purge', { key });
    expect([purged.body, await read(gateway, '/a'), await read(gateway, '/b')]).toEqual([{ count: 1 }, '3', '2']);
  });

  it.each([
    ['product', 'monolit', 'no such product (did you mean "monolith"?)'],
    ['operation', 'monolith.v1.passthrough', 'no such operation (did you mean "monolith.v1.passThrough"?)'],
  ])('is not purged by a slip: %s %s', async (by, name, message) => {
    await using monolith = await Monolith.listen(keepable);
    await using gateway = await gatewayOver(monolith);
    const told = await new OpsPort(gateway.opsUrl).post('/ops/purge', { [by]: name });
    expect(told).toMatchObject({ status: 422, body: { errors: [{ path: by, message }] } });
  });

  it('is isolated and brought back like any other', async () => {
    await using monolith = await Monolith.listen(keepable);
    await using gateway = await gatewayOver(monolith);
    const ops = new OpsPort(gateway.opsUrl);
    const turn = (isolated: boolean) => ops.post('/ops/isolate', { product: 'monolith', isolated, reason: 'a test' });
    expect((await turn(true)).status).toBe(200);
    expect(await gateway.get('/products/monolith/x')).toMatchObject({ status: 503 });
    expect((await turn(false)).status).toBe(200);
    expect([(await gateway.get('/products/monolith/x')).status, monolith.arrived.length]).toEqual([200, 1]);
  });
});
