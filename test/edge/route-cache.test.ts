import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib';
import { request } from 'undici';
import { z } from 'zod';
import { describe, expect, it } from '@jest/globals';
import { operation, optional, product, route } from '#contracts/kernel/index.js';
import { composition } from '../../src/composition/composition.js';
import { type FakeProduct, fakeProduct } from '../fake-product.js';
import { type Got, type TestGateway, testGateway } from '../gateway.js';

const Item = z.object({ id: z.string(), title: z.string() });

const shop = product('shop', 1, {
  getItem: operation({
    get: '/items/{id}',
    input: z.object({ id: z.string() }),
    output: Item,
    errors: { itemNotFound: 404 },
    absent: 'itemNotFound',
    dependsOn: 'public',
    tags: ({ id }) => [`item:${id}`],
  }),
  getItems: operation({
    get: '/items',
    input: z.object({ ids: z.array(z.string()).max(50) }),
    output: z.object({ items: z.array(Item) }),
    dependsOn: 'public',
    batches: { one: 'getItem', each: 'id', list: 'ids', at: 'items', by: 'id', atMost: 50 },
  }),
  getBasket: operation({ get: '/baskets/{id}', input: z.object({ id: z.string() }), output: z.object({ items: z.int() }) }),
  putItem: operation({
    put: '/items/{id}',
    input: z.object({ id: z.string(), title: z.string() }),
    output: Item,
    tags: ({ id }) => [`item:${id}`],
  }),
});

const page = composition(
  route('GET /v1/pages/{id}', {
    headers: { language: 'accept-language' },
    input: z.object({ id: z.string(), more: z.array(z.string()).optional(), language: z.string().optional() }),
    output: z.object({ titles: z.array(z.string().nullable()), language: z.string().nullable() }),
    parts: { item: 'required', others: 'optional' },
  }),
  {
    uses: { item: shop.getItem.reads({ title: true }), others: optional(shop.getItem.reads({ title: true })) },
    async compose({ input, item, others, gather }) {
      const { title } = await item({ id: input.id });
      const { rest } = await gather({ rest: (input.more ?? []).map((id) => others({ id })) });
      return { titles: [title, ...rest.map((other) => other?.title ?? null)], language: input.language ?? null };
    },
  },
);

const basket = composition(
  route('GET /v1/baskets/{id}', {
    input: z.object({ id: z.string() }),
    output: z.object({ items: z.int() }),
    parts: { basket: 'required' },
  }),
  { uses: { basket: shop.getBasket.reads({ items: true }) }, compose: async ({ input, basket }) => basket(input) },
);

/** Made of public parts alone, and yet another one for each who asks. */
const hello = composition(
  route('GET /v1/hello', { input: z.object({}), output: z.object({ hello: z.string() }), parts: { item: 'required' } }),
  {
    uses: { item: shop.getItem.reads({ title: true }) },
    async compose({ caller, item }) {
      return { hello: `${caller.consumer ?? 'nobody'}: ${(await item({ id: 'i-1' })).title}` };
    },
  },
);

interface Subject extends AsyncDisposable {
  readonly shop: FakeProduct;
  readonly gateway: TestGateway;
}

/** All routes are kept for 10 s, and stale for 20 s more; of the parts nothing is kept. */
async function open(
  cache = 'cache: { fresh: 10s, stale: 20s }',
  of: { readonly product?: string; readonly yaml?: string } = {},
): Promise<Subject> {
  const fake = await fakeProduct(shop);
  fake.answers('getItem', ({ id }: { id: string }) => ({ id, title: `Title of ${id}` }));
  fake.answers('getItems', ({ ids }: { ids: string[] }) => ({ items: ids.map((id) => ({ id, title: `Title of ${id}` })) }));
  const gateway = await testGateway({ products: [fake], compositions: [page, basket, hello], route: cache, ...of });
  return {
    shop: fake,
    gateway,
    async [Symbol.asyncDispose]() {
      await gateway[Symbol.asyncDispose]();
      await fake[Symbol.asyncDispose]();
    },
  };
}

/** What the cache of the route says, without its key. */
const status = ({ headers }: Got): string | undefined =>
  /(?:^|, )(interline; .*)$/.exec(headers.get('cache-status') ?? '')?.[1]?.replace(/; key="[\w-]{22}"/, '');
const keyOf = ({ headers }: Got): string => /key="([\w-]{22})"/.exec(headers.get('cache-status') ?? '')?.[1] ?? '';

describe('a composed answer that is kept', () => {
  it('goes out again as it is, calls no product, and says how old it is', async () => {
    await using subject = await open();
    const { gateway } = subject;
    const first = await gateway.get('/v1/pages/i-1');
    expect(status(first)).toMatch(/^interline; fwd=miss; stored; ttl=\d+$/);
    expect(first.headers.get('vary')).toBe('accept-language, accept-encoding');
    gateway.clock.advance(4000);
    const again = await gateway.get('/v1/pages/i-1');
    expect(again).toMatchObject({ status: 200, text: first.text });
    expect(status(again)).toMatch(/^interline; hit; ttl=[456]$/);
    expect(again.headers.get('age')).toBe('4');
    for (const name of ['etag', 'content-type', 'gateway-complete', 'cache-control', 'vary'])
      expect([name, again.headers.get(name)]).toEqual([name, first.headers.get(name)]);
    expect(subject.shop.calls).toHaveLength(1);
  });

  it('is counted by its route', async () => {
    await using subject = await open();
    for (let i = 0; i < 3; i++) await subject.gateway.get('/v1/pages/i-1');
    const route = 'GET /v1/pages/{id}';
    expect(await subject.gateway.metric('interline_route_cache_answers_total', { route, state: 'hit' })).toBe(2);
    expect(await subject.gateway.metric('interline_route_cache_answers_total', { route, state: 'miss' })).toBe(1);
  });

  it('is 304 for who holds it', async () => {
    await using subject = await open();
    const etag = (await subject.gateway.get('/v1/pages/i-1')).headers.get('etag') ?? '';
    const { status: code, text, headers } = await subject.gateway.get('/v1/pages/i-1', { headers: { 'if-none-match': etag } });
    expect([code, text, headers.get('etag'), headers.get('cache-status')]).toEqual([304, '', etag, expect.stringContaining('hit')]);
    expect(subject.shop.calls).toHaveLength(1);
  });

  it('is another one for other input, headers of the contract included', async () => {
    await using subject = await open();
    const { gateway } = subject;
    await gateway.get('/v1/pages/i-1');
    expect(status(await gateway.get('/v1/pages/i-2'))).toMatch(/^interline; fwd=miss/);
    expect(status(await gateway.get('/v1/pages/i-1?more=i-2'))).toMatch(/^interline; fwd=miss/);
    expect((await gateway.get('/v1/pages/i-1', { headers: { 'accept-language': 'de' } })).body).toMatchObject({ data: { language: 'de' } });
    expect((await gateway.get('/v1/pages/i-1', { headers: { 'accept-language': 'fr' } })).body).toMatchObject({ data: { language: 'fr' } });
    expect(status(await gateway.get('/v1/pages/%69-1', { headers: { 'accept-language': 'fr' } }))).toMatch(/^interline; hit/);
  });

  it('is served stale while one request in the background makes it anew', async () => {
    await using subject = await open();
    const { gateway } = subject;
    await gateway.get('/v1/pages/i-1');
    const held: (() => void)[] = [];
    subject.shop.raw((_, response) => {
      held.push(() => void response.writeHead(200, { 'content-type': 'application/json' }).end('{"id":"i-1","title":"A new title"}'));
    });
    gateway.clock.advance(15_000);
    const stale = await Promise.all(Array.from({ length: 20 }, () => gateway.get('/v1/pages/i-1')));
    for (const got of stale) {
      expect(status(got)).toMatch(/^interline; hit; ttl=-[456]$/);
      expect(got.headers.get('age')).toBe('15');
      expect(got.body).toMatchObject({ data: { titles: ['Title of i-1'] } });
    }
    await subject.shop.arrived(2);
    held[0]?.();
    let fresh = await gateway.get('/v1/pages/i-1');
    while (fresh.headers.get('age') === '15') fresh = await gateway.get('/v1/pages/i-1'); // the refresh has not landed
    expect(fresh.body).toMatchObject({ data: { titles: ['A new title'] } });
    expect(subject.shop.calls).toHaveLength(2);
  });

  it('is made anew while its caller waits where it is older than that', async () => {
    await using subject = await open();
    await subject.gateway.get('/v1/pages/i-1');
    subject.gateway.clock.advance(60_000);
    expect(status(await subject.gateway.get('/v1/pages/i-1'))).toMatch(/^interline; fwd=miss; stored/);
  });

  it('stays as it was where the refresh fails', async () => {
    await using subject = await open();
    await subject.gateway.get('/v1/pages/i-1');
    subject.shop.breaks(500);
    subject.gateway.clock.advance(15_000);
    expect(await subject.gateway.get('/v1/pages/i-1')).toMatchObject({ status: 200 });
    await subject.shop.arrived(2);
    expect(await subject.gateway.get('/v1/pages/i-1')).toMatchObject({ status: 200, body: { complete: true } });
  });

  it.each([
    ['br', brotliDecompressSync],
    ['zstd', zstdDecompressSync],
    ['gzip', gunzipSync],
  ] as const)('comes in %s where its caller asks for that, with a validator of its own', async (coding, decode) => {
    await using subject = await open();
    subject.shop.answers('getItem', ({ id }: { id: string }) => ({ id, title: 'long '.repeat(1000) }));
    const url = `${subject.gateway.url}/v1/pages/i-1`;
    const plain = await request(url, { headers: { 'accept-encoding': 'identity' } });
    const bytes = Buffer.from(await plain.body.arrayBuffer());
    for (let i = 0; i < 2; i++) {
      const { headers, body } = await request(url, { headers: { 'accept-encoding': `${coding}, deflate;q=0.5` } });
      expect(headers).toMatchObject({ 'content-encoding': coding, vary: 'accept-language, accept-encoding' });
      expect(headers['etag']).toBe(String(plain.headers['etag']).replace(/"$/, `.${coding}"`));
      const sent = Buffer.from(await body.arrayBuffer());
      expect(sent.length).toBeLessThan(bytes.length / 10);
      expect(decode(sent).equals(bytes)).toBe(true);
      const held = await request(url, { headers: { 'accept-encoding': coding, 'if-none-match': String(headers['etag']) } });
      await held.body.dump();
      expect(held.statusCode).toBe(304);
    }
    const refused = await request(url, { headers: { 'accept-encoding': 'br;q=0, zstd;q=0, gzip;q=0' } });
    await refused.body.dump();
    expect(refused.headers['content-encoding']).toBeUndefined();
  });

  it('comes as it is where it is too small to be worth a coding', async () => {
    await using subject = await open();
    const url = `${subject.gateway.url}/v1/pages/i-1`;
    await (await request(url)).body.dump();
    const { headers, body } = await request(url, { headers: { 'accept-encoding': 'br' } });
    await body.dump();
    expect([headers['content-encoding'], headers['cache-status']]).toEqual([undefined, expect.stringContaining('hit')]);
  });
});

describe('a composed answer that is not kept', () => {
  it('is one that is incomplete, so that it is complete again at once', async () => {
    await using subject = await open();
    subject.shop.breaks(500, 'getItems');
    const got = await subject.gateway.get('/v1/pages/i-1?more=i-2&more=i-3');
    expect(got.body).toMatchObject({ complete: false });
    expect(status(got)).toBe('interline; fwd=miss; detail=incomplete');
    subject.shop.mends();
    expect((await subject.gateway.get('/v1/pages/i-1?more=i-2&more=i-3')).body).toMatchObject({ complete: true });
  });

  it('is one that depends on a user whom nobody has named', async () => {
    await using subject = await open();
    for (let i = 0; i < 2; i++) expect(status(await subject.gateway.get('/v1/baskets/b-1'))).toBe('interline; fwd=miss; detail=identity');
    expect(subject.shop.count('getBasket')).toBe(2);
  });

  it('is one whose composition looked at who asks, though all its parts are public', async () => {
    await using subject = await open();
    for (let i = 0; i < 2; i++) expect(status(await subject.gateway.get('/v1/hello'))).toBe('interline; fwd=miss; detail=identity');
    expect(subject.shop.calls).toHaveLength(2);
  });

  it.each([
    ['no-store', { 'cache-control': 'no-store' }],
    ['private', { 'cache-control': 'PRIVATE="x"' }],
    ['set-cookie', { 'set-cookie': 'a=b' }],
    ['vary', { vary: '*' }],
    ['lifetime', { 'cache-control': 'max-age=0' }],
    ['lifetime', { expires: '0' }],
    ['malformed', { 'cache-control': 'max-age="' }],
  ])('is one of a part of which its product says %s', async (why, headers) => {
    await using subject = await open();
    subject.shop.raw((_, response) => {
      response.writeHead(200, { 'content-type': 'application/json', ...headers }).end('{"id":"i-1","title":"A"}');
    });
    for (let i = 0; i < 2; i++) expect(status(await subject.gateway.get('/v1/pages/i-1'))).toBe(`interline; fwd=miss; detail=${why}`);
    expect(subject.shop.calls).toHaveLength(2);
  });

  it('is one made of what is stale', async () => {
    await using subject = await open('cache: { fresh: 5s }', { product: 'cache: { fresh: 1s, staleIfError: 1h }' });
    await subject.gateway.get('/v1/pages/i-1');
    subject.shop.breaks(500);
    subject.gateway.clock.advance(10_000);
    const got = await subject.gateway.get('/v1/pages/i-1');
    expect(status(got)).toBe('interline; fwd=miss; detail=stale');
    expect(got.body).toMatchObject({ parts: { item: { state: 'stale', age: 10, reason: 'error' } } });
  });

  it('is none where the route is not to be kept', async () => {
    await using subject = await open('cache: { fresh: off }');
    for (let i = 0; i < 2; i++) expect(status(await subject.gateway.get('/v1/pages/i-1'))).toBeUndefined();
    expect(subject.shop.calls).toHaveLength(2);
  });
});

describe('a composed answer is gone', () => {
  const purge = async ({ gateway }: Subject, selector: Readonly<Record<string, string>>): Promise<unknown> => {
    const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(selector) };
    const response = await fetch(`${gateway.opsUrl}/ops/purge`, init);
    return response.json();
  };

  it.each([
    ['tag', 'item:i-1'],
    ['product', 'shop'],
    ['operation', 'shop.v1.getItem'],
    ['operation', 'shop.v1.getItems'],
    ['route', 'GET /v1/pages/{id}'],
  ])('after a purge by %s %s', async (sort, name) => {
    await using subject = await open();
    await subject.gateway.get('/v1/pages/i-1');
    expect(await purge(subject, { [sort]: name })).toEqual({ count: 1 });
    expect(status(await subject.gateway.get('/v1/pages/i-1'))).toMatch(/fwd=miss; stored/);
  });

  it('after a purge by its key, and by the key of what it is made of', async () => {
    await using subject = await open('cache: { fresh: 1m }', { product: 'cache: { fresh: 1m }' });
    const first = await subject.gateway.get('/v1/pages/i-1');
    const [ofPart = '', ofRoute = ''] = [...(first.headers.get('cache-status') ?? '').matchAll(/key="([\w-]{22})"/g)].map(([, key]) => key);
    expect(await purge(subject, { key: ofRoute })).toEqual({ count: 1 });
    expect(status(await subject.gateway.get('/v1/pages/i-1'))).toMatch(/fwd=miss; stored/);
    expect(await purge(subject, { key: ofPart })).toEqual({ count: 2 });
    expect(await subject.gateway.get('/v1/pages/i-1')).toMatchObject({ status: 200 });
    expect(subject.shop.calls).toHaveLength(2);
  });

  it('after a write to what it is made of, and not after one to something else', async () => {
    await using subject = await open();
    const write = (id: string): Promise<Got> =>
      subject.gateway.get(`/products/shop/v1/items/${id}`, {
        method: 'PUT',
        headers: { 'content-type': 'application/json' },
        body: '{"title":"B"}',
      });
    await subject.gateway.get('/v1/pages/i-1');
    await write('i-2');
    expect(status(await subject.gateway.get('/v1/pages/i-1'))).toMatch(/hit/);
    await write('i-1');
    expect(status(await subject.gateway.get('/v1/pages/i-1'))).toMatch(/fwd=miss; stored/);
  });

  it('where it was being made while that was purged', async () => {
    await using subject = await open();
    const held: (() => void)[] = [];
    subject.shop.raw((_, response) => {
      held.push(() => void response.writeHead(200, { 'content-type': 'application/json' }).end('{"id":"i-1","title":"Old"}'));
    });
    const asked = subject.gateway.get('/v1/pages/i-1');
    await subject.shop.arrived(1);
    await purge(subject, { tag: 'item:i-1' });
    held[0]?.();
    expect(status(await asked)).toBe('interline; fwd=miss; detail=purged');
  });

  it('when its parts are no longer good by their product’s word, whatever an operator says', async () => {
    await using subject = await open('cache: { fresh: 1h, stale: 1h }');
    subject.shop.raw((_, response) => {
      response
        .writeHead(200, { 'content-type': 'application/json', 'cache-control': 'max-age=30', age: '10' })
        .end('{"id":"i-1","title":"A"}');
    });
    expect(status(await subject.gateway.get('/v1/pages/i-1'))).toBe('interline; fwd=miss; stored; ttl=20');
    subject.gateway.clock.advance(19_000);
    const got = await subject.gateway.get('/v1/pages/i-1');
    expect([status(got), got.headers.get('age')]).toEqual(['interline; hit; ttl=1', '29']);
    subject.gateway.clock.advance(1000);
    expect(status(await subject.gateway.get('/v1/pages/i-1'))).toBe('interline; fwd=miss; stored; ttl=20');
  });

  it('as soon as an operator says so: freshness is worked out on reading', async () => {
    await using subject = await open();
    const { policy } = subject.gateway.running.gateway;
    await subject.gateway.get('/v1/pages/i-1');
    subject.gateway.clock.advance(3000);
    await policy.change({
      changes: { 'defaults.route.cache.fresh': '1s', 'defaults.route.cache.stale': 'off' },
      who: 'ops',
      reason: 'fresh',
    });
    expect(status(await subject.gateway.get('/v1/pages/i-1'))).toMatch(/^interline; fwd=miss; stored; ttl=[01]$/);
    expect(keyOf(await subject.gateway.get('/v1/pages/i-1'))).toHaveLength(22);
  });
});
