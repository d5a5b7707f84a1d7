import { describe, expect, it } from '@jest/globals';
import type { TestGateway } from '../gateway.js';
import { Monolith, type Script, ask, gatewayOver } from './monolith.js';

/** Says how many requests came so far, under these headers. */
const counts =
  (headers: Record<string, string | string[]>): Script =>
  (_, response, nth) =>
    response.writeHead(200, headers).end(`answer ${nth}`);

/** Asks for the same again and again, and gives what came: the body, or the status where there is none. */
async function reads(gateway: TestGateway, times: number, headers: Record<string, string> = {}, path = '/x'): Promise<string[]> {
  const answers = [];
  for (let i = 0; i < times; i++) {
    const { status, body } = await ask(`${gateway.url}/products/monolith${path}`, 'GET', headers);
    answers.push(body.toString() || String(status));
  }
  return answers;
}

const statusOf = async (gateway: TestGateway, headers: Record<string, string> = {}): Promise<string | undefined> =>
  (await ask(`${gateway.url}/products/monolith/x`, 'GET', headers)).headers['cache-status']?.toString().replace(/; key="[^"]*"/, '');

describe('what a shared cache keeps of a product without a contract', () => {
  it('is nothing for which the product says nothing: there is no default', async () => {
    await using monolith = await Monolith.listen(counts({}));
    await using gateway = await gatewayOver(monolith);
    expect(await reads(gateway, 2)).toEqual(['answer 1', 'answer 2']);
    expect(await statusOf(gateway)).toBe('interline; fwd=uri-miss; detail=lifetime');
  });

  it('is fresh as long as the product says, and says how old it is and what became of the request', async () => {
    await using monolith = await Monolith.listen(counts({ 'cache-control': 'max-age=60', age: '20' }));
    await using gateway = await gatewayOver(monolith);
    expect(await statusOf(gateway)).toBe('interline; fwd=uri-miss; stored; ttl=40');
    gateway.clock.advance(39_000);
    const hit = await ask(`${gateway.url}/products/monolith/x`);
    expect(hit).toMatchObject({
      headers: { age: '59', 'cache-status': expect.stringMatching(/^interline; hit; ttl=1; key="[\w-]{22}"$/) },
    });
    gateway.clock.advance(1000);
    expect(await reads(gateway, 1)).toEqual(['answer 2']);
  });

  it.each([
    ['s-maxage before max-age', { 'cache-control': 'max-age=0, s-maxage=60' }, 1],
    ['what is said to caches like this one alone (RFC 9213)', { 'cache-control': 'no-store', 'cdn-cache-control': 'max-age=60' }, 1],
    ['that it may not keep it, said to it alone', { 'cache-control': 'max-age=60', 'cdn-cache-control': 'no-store' }, 2],
    ['no word that it can not read', { 'cache-control': 'max-age=0', 'cdn-cache-control': 'max-age=60, &' }, 2],
    ['private', { 'cache-control': 'private, max-age=60' }, 2],
    ['a cookie, though nobody is given it', { 'cache-control': 'max-age=60', 'set-cookie': 'a=b' }, 2],
    ['must-understand of a status that it knows', { 'cache-control': 'max-age=60, must-understand' }, 1],
    ['a guess, of what has not changed for long', { 'last-modified': 'Fri, 13 Nov 2026 12:00:00 GMT' }, 1],
  ])('heeds %s', async (_, headers, calls) => {
    await using monolith = await Monolith.listen(counts(headers));
    await using gateway = await gatewayOver(monolith);
    await reads(gateway, 2);
    expect(monolith.arrived.length).toBe(calls);
  });

  it('says what caches nearer to the product say before it', async () => {
    await using monolith = await Monolith.listen(counts({ 'cache-status': 'origin; hit' }));
    await using gateway = await gatewayOver(monolith);
    expect(await statusOf(gateway)).toBe('origin; hit, interline; fwd=uri-miss; detail=lifetime');
  });

  it('never outlasts five minutes where it is a guess', async () => {
    await using monolith = await Monolith.listen(counts({ 'last-modified': 'Thu, 20 Nov 2025 12:00:00 GMT' }));
    await using gateway = await gatewayOver(monolith);
    await reads(gateway, 1);
    gateway.clock.advance(300_000);
    expect(await reads(gateway, 1)).toEqual(['answer 2']);
  });

  it('is an error of the product only where that says for how long', async () => {
    await using monolith = await Monolith.listen((_, response, nth) =>
      response
        .writeHead(500, nth === 1 ? { 'last-modified': 'Fri, 13 Nov 2026 12:00:00 GMT' } : { 'cache-control': 'max-age=60' })
        .end(`answer ${nth}`),
    );
    await using gateway = await gatewayOver(monolith);
    expect(await reads(gateway, 3)).toEqual(['answer 1', 'answer 2', 'answer 2']);
  });

  it('is not what came for somebody who said who that is, unless the product says that it is for all', async () => {
    await using monolith = await Monolith.listen(counts({ 'cache-control': 'max-age=60' }));
    await using gateway = await gatewayOver(monolith);
    const authorization = 'Bearer a';
    expect(await statusOf(gateway, { authorization })).toBe('interline; fwd=uri-miss; detail=authorization');
    expect(await reads(gateway, 2)).toEqual(['answer 2', 'answer 2']);
    monolith.says(counts({ 'cache-control': 'max-age=60, public' }));
    expect(await reads(gateway, 2, { authorization }, '/public')).toEqual(['answer 3', 'answer 3']);
  });

  it('is not what a caller wants not to be kept', async () => {
    await using monolith = await Monolith.listen(counts({ 'cache-control': 'max-age=60' }));
    await using gateway = await gatewayOver(monolith);
    expect(await reads(gateway, 2, { 'cache-control': 'no-store' })).toEqual(['answer 1', 'answer 2']);
  });

  it('is one thing for each query, and for whatever the answer varies by', async () => {
    await using monolith = await Monolith.listen((request, response, nth) =>
      response
        .writeHead(200, { 'cache-control': 'max-age=60', vary: 'x-tenant, accept-language' })
        .end(`${nth} ${String(request.headers['x-tenant'])}`),
    );
    await using gateway = await gatewayOver(monolith);
    const [a, b] = [
      { 'x-tenant': 'a', 'accept-language': 'de' },
      { 'x-tenant': 'b', 'accept-language': 'de' },
    ];
    expect(await reads(gateway, 2, a)).toEqual(['1 a', '1 a']);
    expect(await statusOf(gateway, b)).toBe('interline; fwd=vary-miss; stored; ttl=60');
    expect(await reads(gateway, 1, { ...a, 'accept-language': 'DE', 'x-other': '1' })).toEqual(['1 a']);
    expect(await reads(gateway, 1, a, '/x?page=2')).toEqual(['3 a']);
    expect(await reads(gateway, 1, b)).toEqual(['2 b']);
  });

  it.each(['*', 'x-request-id', 'traceparent'])('is nothing that varies by %s', async (vary) => {
    await using monolith = await Monolith.listen(counts({ 'cache-control': 'max-age=60', vary }));
    await using gateway = await gatewayOver(monolith);
    expect(await reads(gateway, 2)).toEqual(['answer 1', 'answer 2']);
  });

  it('is bounded: of one address no more than 32 answers', async () => {
    await using monolith = await Monolith.listen(counts({ 'cache-control': 'max-age=60', vary: 'x-tenant' }));
    await using gateway = await gatewayOver(monolith);
    for (let i = 0; i <= 32; i++) await reads(gateway, 1, { 'x-tenant': String(i) });
    expect(await reads(gateway, 1, { 'x-tenant': '32' })).toEqual(['answer 33']);
    expect(await reads(gateway, 1, { 'x-tenant': '0' })).toEqual(['answer 34']);
  });

  it('is purged with its product', async () => {
    await using monolith = await Monolith.listen(counts({ 'cache-control': 'max-age=60' }));
    await using gateway = await gatewayOver(monolith);
    await reads(gateway, 1);
    expect(await gateway.running.gateway.state.caches.purge(['product:monolith'])).toBe(1);
    expect(await reads(gateway, 1)).toEqual(['answer 2']);
  });

  it('is not what was under way while it was purged', async () => {
    const held = Promise.withResolvers<void>();
    await using monolith = await Monolith.listen((_, response, nth) =>
      held.promise.then(() => response.writeHead(200, { 'cache-control': 'max-age=60' }).end(`answer ${nth}`)),
    );
    await using gateway = await gatewayOver(monolith);
    const first = reads(gateway, 1);
    await monolith.got(1);
    await gateway.running.gateway.state.caches.purge(['product:monolith']);
    held.resolve();
    expect([...(await first), ...(await reads(gateway, 1))]).toEqual(['answer 1', 'answer 2']);
  });
});

describe('a condition', () => {
  it('of a caller who holds what is kept is answered without the product', async () => {
    await using monolith = await Monolith.listen(
      counts({ 'cache-control': 'max-age=60', etag: '"v1"', 'last-modified': 'Fri, 13 Nov 2026 12:00:00 GMT' }),
    );
    await using gateway = await gatewayOver(monolith);
    await reads(gateway, 1);
    expect(await reads(gateway, 1, { 'if-none-match': '"v0", W/"v1"' })).toEqual(['304']);
    expect(await reads(gateway, 1, { 'if-modified-since': 'Friday, 13-Nov-26 12:00:00 GMT' })).toEqual(['304']);
    expect(await reads(gateway, 1, { 'if-none-match': '"v0"', 'if-modified-since': 'Fri, 13 Nov 2026 12:00:00 GMT' })).toEqual([
      'answer 1',
    ]);
    const { headers } = await ask(`${gateway.url}/products/monolith/x`, 'GET', { 'if-none-match': '*' });
    expect(headers).toMatchObject({ etag: '"v1"', 'cache-control': 'max-age=60' });
    expect(monolith.arrived.length).toBe(1);
  });

  it('of ours asks about what went stale; a 304 makes it fresh and changes its headers, not its bytes', async () => {
    await using monolith = await Monolith.listen(counts({ 'cache-control': 'max-age=10', etag: '"v1"', 'x-own': 'old' }));
    await using gateway = await gatewayOver(monolith);
    await reads(gateway, 1);
    gateway.clock.advance(10_000);
    monolith.says((_, response) => response.writeHead(304, { 'cache-control': 'max-age=60', etag: '"other"', 'x-own': 'new' }).end());
    const { headers, body } = await ask(`${gateway.url}/products/monolith/x`);
    expect([headers['x-own'], headers.etag, body.toString()]).toEqual(['new', '"v1"', 'answer 1']);
    expect(headers['cache-status']).toMatch(/^interline; fwd=stale; fwd-status=304; stored; ttl=60; /);
    expect(monolith.arrived[1]?.headers['if-none-match']).toBe('"v1"');
    gateway.clock.advance(59_000);
    expect([...(await reads(gateway, 1)), monolith.arrived.length]).toEqual(['answer 1', 2]);
  });

  it('of a caller is answered from what the product says to ours', async () => {
    await using monolith = await Monolith.listen(counts({ 'cache-control': 'max-age=10', etag: '"v1"' }));
    await using gateway = await gatewayOver(monolith);
    await reads(gateway, 1);
    gateway.clock.advance(10_000);
    monolith.says(counts({ 'cache-control': 'max-age=10', etag: '"v2"' }));
    expect(await reads(gateway, 1, { 'if-none-match': '"v2"' })).toEqual(['304']);
    expect(monolith.arrived[1]?.headers['if-none-match']).toBe('"v1"');
    expect([...(await reads(gateway, 1)), monolith.arrived.length]).toEqual(['answer 2', 2]);
  });

  it('goes to the product where nothing is kept, and so does its 304', async () => {
    await using monolith = await Monolith.listen((_, response) => response.writeHead(304, { etag: '"v1"' }).end());
    await using gateway = await gatewayOver(monolith);
    expect(await reads(gateway, 1, { 'if-none-match': '"v1"' })).toEqual(['304']);
    expect(monolith.arrived[0]?.headers['if-none-match']).toBe('"v1"');
  });

  it('that only the product can judge always goes there', async () => {
    await using monolith = await Monolith.listen(counts({ 'cache-control': 'max-age=60', etag: '"v1"' }));
    await using gateway = await gatewayOver(monolith);
    await reads(gateway, 1);
    expect(await reads(gateway, 1, { 'if-match': '"v1"' })).toEqual(['answer 2']);
  });
});

describe('a part', () => {
  it('of what is kept is cut from it', async () => {
    await using monolith = await Monolith.listen((_, response) =>
      response.writeHead(200, { 'cache-control': 'max-age=60', etag: '"v1"' }).end('0123456789'),
    );
    await using gateway = await gatewayOver(monolith);
    await reads(gateway, 1);
    const parts = [];
    for (const range of ['bytes=0-1', 'bytes=8-', 'bytes=-3', 'bytes=8-99', 'bytes=0-1,3-4', 'lines=1-2'])
      parts.push(...(await reads(gateway, 1, { range })));
    expect(parts).toEqual(['01', '89', '789', '89', '0123456789', '0123456789']);
    expect(await ask(`${gateway.url}/products/monolith/x`, 'GET', { range: 'bytes=10-' })).toMatchObject({
      status: 416,
      headers: { 'content-range': 'bytes */10' },
    });
    expect(await reads(gateway, 1, { range: 'bytes=0-1', 'if-range': '"v0"' })).toEqual(['0123456789']);
    expect(monolith.arrived.length).toBe(1);
  });

  it('is asked of the product where nothing is kept, and never taken for the whole', async () => {
    await using monolith = await Monolith.listen(({ headers }, response) =>
      headers.range === undefined
        ? response.end('whole')
        : response.writeHead(206, { 'cache-control': 'max-age=60', 'content-range': 'bytes 0-1/5' }).end('wh'),
    );
    await using gateway = await gatewayOver(monolith);
    expect(await reads(gateway, 1, { range: 'bytes=0-1' })).toEqual(['wh']);
    expect(await reads(gateway, 1)).toEqual(['whole']);
  });
});

describe('a write', () => {
  it('makes all doubtful that was kept of its address, and of what its answer names', async () => {
    await using monolith = await Monolith.listen(counts({ 'cache-control': 'max-age=60' }));
    await using gateway = await gatewayOver(monolith);
    for (const path of ['/list', '/list?page=2', '/list/1', '/other']) await reads(gateway, 1, {}, path);
    monolith.says((_, response) =>
      response.writeHead(201, { location: '/list/1', 'content-location': `${monolith.url}/x`, 'cache-control': 'max-age=60' }).end(),
    );
    await ask(`${gateway.url}/products/monolith/list`, 'POST', {}, 'new');
    monolith.says(counts({}));
    const after = [];
    for (const path of ['/list', '/list?page=2', '/list/1', '/other']) after.push(...(await reads(gateway, 1, {}, path)));
    expect(after).toEqual(['answer 6', 'answer 7', 'answer 8', 'answer 4']);
  });

  it('changes nothing where it failed, and is never kept itself', async () => {
    await using monolith = await Monolith.listen((request, response, nth) =>
      response.writeHead(request.method === 'POST' ? 409 : 200, { 'cache-control': 'max-age=60' }).end(`answer ${nth}`),
    );
    await using gateway = await gatewayOver(monolith);
    await reads(gateway, 1);
    for (let i = 0; i < 2; i++) await ask(`${gateway.url}/products/monolith/x`, 'POST');
    expect(await reads(gateway, 1)).toEqual(['answer 1']);
    expect(monolith.arrived.length).toBe(3);
  });

  it.each(['https://elsewhere.example/kept', '//elsewhere.example/kept', 'http://['])(
    'has no say over what is not the product’s own: %s',
    async (location) => {
      await using monolith = await Monolith.listen(counts({ 'cache-control': 'max-age=60' }));
      await using gateway = await gatewayOver(monolith);
      await reads(gateway, 1, {}, '/kept');
      monolith.says((_, response) => response.writeHead(201, { location }).end());
      await ask(`${gateway.url}/products/monolith/other`, 'POST');
      expect(await reads(gateway, 1, {}, '/kept')).toEqual(['answer 1']);
    },
  );
});

describe('what is kept and stale', () => {
  it('is served while one request in the background refreshes it, where the product lets it', async () => {
    await using monolith = await Monolith.listen(counts({ 'cache-control': 'max-age=10, stale-while-revalidate=60' }));
    await using gateway = await gatewayOver(monolith);
    await reads(gateway, 1);
    gateway.clock.advance(15_000);
    const held = Promise.withResolvers<void>();
    monolith.says((_, response, nth) =>
      held.promise.then(() => response.writeHead(200, { 'cache-control': 'max-age=10' }).end(`answer ${nth}`)),
    );
    expect(await reads(gateway, 3)).toEqual(['answer 1', 'answer 1', 'answer 1']);
    expect(await statusOf(gateway)).toBe('interline; hit; ttl=-5');
    held.resolve();
    await gateway.clock.downTo(0);
    expect([...(await reads(gateway, 1)), monolith.arrived.length]).toEqual(['answer 2', 2]);
  });

  it.each([
    ['an error of the product', (_, response) => response.writeHead(503).end('sorry'), '503'],
    ['a broken connection', (_, response) => response.destroy(), 'unreachable'],
  ] as const satisfies readonly (readonly [string, Script, string])[])(
    'stands in for %s, as long as the product lets it',
    async (_, trouble, detail) => {
      await using monolith = await Monolith.listen(counts({ 'cache-control': 'max-age=10, stale-if-error=60' }));
      await using gateway = await gatewayOver(monolith);
      await reads(gateway, 1);
      gateway.clock.advance(30_000);
      monolith.says(trouble);
      const { status, headers, body } = await ask(`${gateway.url}/products/monolith/x`);
      expect([status, body.toString(), headers.age]).toEqual([200, 'answer 1', '30']);
      expect(headers['cache-status']).toMatch(new RegExp(`^interline; hit; ttl=-20; key="[^"]+"; detail="?${detail}"?$`));
      gateway.clock.advance(40_000);
      expect((await ask(`${gateway.url}/products/monolith/x`)).status).toBeGreaterThanOrEqual(502);
    },
  );

  it.each(['must-revalidate', 'proxy-revalidate', 'no-cache', 's-maxage=10'])(
    'stands in for nothing under %s, whatever an operator lets it',
    async (directive) => {
      await using monolith = await Monolith.listen(counts({ 'cache-control': `max-age=10, ${directive}`, etag: '"v1"' }));
      await using gateway = await gatewayOver(monolith, 'cache: { staleIfError: 1h, stale: 1h }');
      await reads(gateway, 1);
      gateway.clock.advance(15_000);
      monolith.says((_, response) => response.destroy());
      expect((await ask(`${gateway.url}/products/monolith/x`)).status).toBe(502);
    },
  );

  it('stands in as long as an operator lets it where the product does not say', async () => {
    await using monolith = await Monolith.listen(counts({ 'cache-control': 'max-age=10' }));
    await using gateway = await gatewayOver(monolith, 'cache: { staleIfError: 1m }');
    await reads(gateway, 1);
    gateway.clock.advance(69_000);
    monolith.says((_, response) => response.destroy());
    expect(await reads(gateway, 1)).toEqual(['answer 1']);
    gateway.clock.advance(2000);
    expect((await ask(`${gateway.url}/products/monolith/x`)).status).toBe(502);
  });
});

describe('a HEAD', () => {
  it('is answered from what a GET was given', async () => {
    await using monolith = await Monolith.listen(counts({ 'cache-control': 'max-age=60' }));
    await using gateway = await gatewayOver(monolith);
    await reads(gateway, 1);
    const head = await ask(`${gateway.url}/products/monolith/x`, 'HEAD');
    expect([head.status, head.body.length, head.headers['content-length'], monolith.arrived.length]).toEqual([200, 0, '8', 1]);
  });

  it('tells whether what is kept still holds', async () => {
    await using monolith = await Monolith.listen(counts({ 'cache-control': 'max-age=10, stale-if-error=600', etag: '"v1"' }));
    await using gateway = await gatewayOver(monolith);
    await reads(gateway, 1);
    gateway.clock.advance(10_000);
    monolith.says((_, response) => response.writeHead(200, { 'cache-control': 'max-age=60', etag: '"v1"', 'content-length': 8 }).end());
    await ask(`${gateway.url}/products/monolith/x`, 'HEAD');
    expect([...(await reads(gateway, 1)), monolith.arrived.length]).toEqual(['answer 1', 2]);
    gateway.clock.advance(60_000);
    monolith.says((_, response) => response.writeHead(200, { etag: '"v2"' }).end());
    await ask(`${gateway.url}/products/monolith/x`, 'HEAD');
    monolith.says((_, response) => response.destroy());
    expect((await ask(`${gateway.url}/products/monolith/x`)).status).toBe(502);
  });
});

describe('callers who ask the same at once', () => {
  const herd = (gateway: TestGateway, size: number): Promise<string[][]> =>
    Promise.all(Array.from({ length: size }, () => reads(gateway, 1)));

  it('cost the product one request where it lets its answer be shared', async () => {
    const held = Promise.withResolvers<void>();
    await using monolith = await Monolith.listen((_, response, nth) =>
      held.promise.then(() => response.writeHead(200, { 'cache-control': 'max-age=60' }).end(`answer ${nth}`)),
    );
    await using gateway = await gatewayOver(monolith);
    const all = herd(gateway, 20);
    await monolith.got(1);
    held.resolve();
    expect(new Set((await all).flat())).toEqual(new Set(['answer 1']));
    expect(monolith.arrived.length).toBe(1);
  });

  it('wait for nobody where an answer proved to be of no use to others', async () => {
    await using monolith = await Monolith.listen(counts({ 'cache-control': 'private' }));
    await using gateway = await gatewayOver(monolith);
    await reads(gateway, 1);
    const held = Promise.withResolvers<void>();
    monolith.says((_, response, nth) => held.promise.then(() => response.end(`answer ${nth}`)));
    const all = herd(gateway, 10);
    await monolith.got(11);
    held.resolve();
    expect(new Set((await all).flat()).size).toBe(10);
  });

  it('give the request up once all of them have left', async () => {
    const closed = Promise.withResolvers<void>();
    await using monolith = await Monolith.listen((_, response) => response.once('close', closed.resolve));
    await using gateway = await gatewayOver(monolith);
    const leaving = new AbortController();
    const asked = fetch(`${gateway.url}/products/monolith/x`, { signal: leaving.signal });
    await monolith.got(1);
    leaving.abort();
    await expect(asked).rejects.toThrow('aborted');
    await closed.promise;
  });
});
