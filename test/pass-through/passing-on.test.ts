import { once } from 'node:events';
import { type IncomingMessage, get as open } from 'node:http';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { fakeProduct } from '../fake-product.js';
import { testGateway } from '../gateway.js';
import { shop } from '../upstream/transport/rig.js';
import { Monolith, ask, gatewayOver } from './monolith.js';

/** Headers that Node's own client and server set, and that say nothing here. */
const ofTransport = ['connection', 'content-length', 'date', 'keep-alive', 'transfer-encoding'];
const told = (headers: object): Record<string, unknown> =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !ofTransport.includes(name)));

describe('what goes to a product without a contract', () => {
  it('is the method, the path as it was spelled, the query and the bytes of the body', async () => {
    await using monolith = await Monolith.listen();
    await using gateway = await gatewayOver(monolith);
    await ask(
      `${gateway.url}/products/monolith/a%2Fb/%C3%BC;v=1?b=2&a=1&a=%31`,
      'PATCH',
      { 'content-type': 'application/x-anything' },
      '\0raw',
    );
    expect(monolith.arrived).toMatchObject([
      {
        method: 'PATCH',
        url: '/a%2Fb/%C3%BC;v=1?b=2&a=1&a=%31',
        body: '\0raw',
        headers: { 'content-type': 'application/x-anything', 'content-length': '4' },
      },
    ]);
  });

  it.each(['PUT', 'POST', 'OPTIONS', 'PROPFIND', 'M-SEARCH', 'PURGE', 'DELETE', 'QUERY'])('is any method: %s', async (method) => {
    await using monolith = await Monolith.listen();
    await using gateway = await gatewayOver(monolith);
    expect((await ask(`${gateway.url}/products/monolith/x`, method)).status).toBe(200);
    expect(monolith.arrived).toMatchObject([{ method, url: '/x' }]);
  });

  it('is no TRACE, which would show the caller our key', async () => {
    await using monolith = await Monolith.listen();
    await using gateway = await gatewayOver(monolith);
    expect((await ask(`${gateway.url}/products/monolith/x`, 'TRACE')).status).toBe(404);
    expect(monolith.arrived).toEqual([]);
  });

  it('is all end-to-end headers but who the caller is, and where it says it comes from', async () => {
    await using monolith = await Monolith.listen();
    await using gateway = await gatewayOver(monolith);
    const kept = {
      accept: 'text/html',
      'accept-language': 'de',
      'user-agent': 'mine',
      'x-tenant': '7',
      range: 'bytes=0-1',
      origin: 'http://a',
    };
    const dropped = [
      'Authorization',
      'Cookie',
      'Forwarded',
      'Keep-Alive',
      'Proxy-Authorization',
      'TE',
      'Upgrade',
      'X-Forwarded-For',
      'X-Forwarded-Host',
      'X-HTTP-Method-Override',
      'X-Interline-User',
      'X-Named',
      'X-Original-URL',
      'X-Real-IP',
      'X-User-Id',
      'x_user_id',
    ];
    const claims = Object.fromEntries(dropped.map((name) => [name, 'claimed']));
    await ask(`${gateway.url}/products/monolith/x`, 'GET', { ...kept, ...claims, Connection: 'close, X-Named' });
    const { host, ...headers } = told(monolith.arrived[0]?.headers ?? {});
    expect(host).toBe(new URL(monolith.url).host);
    expect(headers).toEqual({
      ...kept,
      authorization: 'Bearer key-of-monolith',
      via: '1.1 interline',
      'cdn-loop': 'interline',
      traceparent: expect.stringMatching(/^00-/),
      'x-request-id': expect.any(String),
      'x-request-timeout-ms': '500',
    });
  });

  it.each(['/../secret', '/a/%2e%2e/secret', '/a%2f..%2fsecret', '/..%5csecret', '/.;a/x', '/%00', '/a/%0d%0ax'])(
    'is nothing that leaves the place where it is sent: %s',
    async (path) => {
      await using monolith = await Monolith.listen();
      await using gateway = await gatewayOver(monolith);
      expect(await ask(`${gateway.url}/products/monolith${path}`)).toMatchObject({ status: 400 });
      expect(monolith.arrived).toEqual([]);
    },
  );

  it('is no more of a body than a caller may send, whether it says how long it is or not', async () => {
    await using monolith = await Monolith.listen();
    await using gateway = await gatewayOver(monolith, '', { yaml: 'edge: { maxBody: 1 KiB }' });
    const url = `${gateway.url}/products/monolith/upload`;
    const large = Buffer.alloc(1025);
    expect((await ask(url, 'POST', {}, large)).status).toBe(413);
    expect((await ask(url, 'POST', { 'transfer-encoding': 'chunked' }, large)).status).toBe(413);
    expect((await ask(url, 'POST', { 'transfer-encoding': 'chunked' }, large.subarray(1))).status).toBe(200);
    expect(monolith.arrived.map(({ body }) => body.length)).toEqual([1024]);
  });
});

describe('a kept connection that the product closes just as it is used again', () => {
  it.each([
    ['GET', 200, 3],
    ['HEAD', 200, 3],
    ['POST', 502, 2],
    ['PROPFIND', 502, 2],
  ])('costs a %s no more than a second try where that does no harm: %i', async (method, status, arrived) => {
    await using monolith = await Monolith.listen((_, response, nth) => (nth === 2 ? response.destroy() : response.end('hello')));
    await using gateway = await gatewayOver(monolith);
    await ask(`${gateway.url}/products/monolith/first`);
    const answer = await ask(`${gateway.url}/products/monolith/second`, method);
    expect([answer.status, monolith.arrived.length]).toEqual([status, arrived]);
  });
});

describe('what comes from a product without a contract', () => {
  it.each([201, 203, 206, 226, 299, 302, 404, 418, 451, 500, 599])('keeps its status: %i', async (status) => {
    await using monolith = await Monolith.listen((_, response) => response.writeHead(status).end('as it is'));
    await using gateway = await gatewayOver(monolith);
    const answer = await ask(`${gateway.url}/products/monolith/x`);
    expect([answer.status, answer.body.toString()]).toEqual([status, 'as it is']);
  });

  it('is a redirect that nobody follows, and whose Location nobody touches', async () => {
    await using elsewhere = await Monolith.listen();
    await using monolith = await Monolith.listen((_, response) => response.writeHead(307, { location: `${elsewhere.url}/inside` }).end());
    await using gateway = await gatewayOver(monolith);
    expect(await ask(`${gateway.url}/products/monolith/x`)).toMatchObject({
      status: 307,
      headers: { location: `${elsewhere.url}/inside` },
    });
    expect(elsewhere.arrived).toEqual([]);
  });

  it('keeps its bytes, coded as they are', async () => {
    const bytes = gzipSync('packed');
    await using monolith = await Monolith.listen((_, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(bytes));
    await using gateway = await gatewayOver(monolith);
    const answer = await ask(`${gateway.url}/products/monolith/x`);
    expect(answer.body.equals(bytes)).toBe(true);
    expect(answer.headers).toMatchObject({ 'content-encoding': 'gzip', 'content-length': String(bytes.length) });
  });

  it('keeps all end-to-end headers but cookies, and is given no type of ours', async () => {
    await using monolith = await Monolith.listen((_, response) =>
      response
        .writeHead(200, {
          'set-cookie': ['a=b', 'c=d'],
          connection: 'x-named',
          'x-named': '1',
          'proxy-authenticate': 'Basic',
          'x-own': ['1', '2'],
          link: '</a>; rel="next"',
          'x-request-id': 'of the product',
        })
        .end('untyped'),
    );
    await using gateway = await gatewayOver(monolith);
    const answer = await ask(`${gateway.url}/products/monolith/x`, 'GET', { 'x-request-id': 'of-the-caller' });
    expect(told(answer.headers)).toEqual({
      'x-own': '1, 2',
      link: '</a>; rel="next"',
      'x-request-id': 'of-the-caller',
      traceparent: expect.any(String),
      'x-content-type-options': 'nosniff',
      'cache-status': 'interline; fwd=uri-miss; detail=set-cookie',
    });
  });

  it('has no interim answers and no trailers', async () => {
    await using monolith = await Monolith.listen((_, response) => {
      response.writeEarlyHints({ link: '</style.css>; rel=preload' });
      response.writeHead(200, { trailer: 'x-after' }).write('body');
      response.addTrailers({ 'x-after': '1' });
      response.end();
    });
    await using gateway = await gatewayOver(monolith);
    const answer = await ask(`${gateway.url}/products/monolith/x`);
    expect([answer.status, answer.body.toString(), answer.headers['trailer']]).toEqual([200, 'body', undefined]);
  });

  it('is a head alone to HEAD, with the length that the product says', async () => {
    await using monolith = await Monolith.listen((_, response) => response.writeHead(200, { 'content-length': 1234 }).end());
    await using gateway = await gatewayOver(monolith);
    const answer = await ask(`${gateway.url}/products/monolith/x`, 'HEAD');
    expect(answer).toMatchObject({ status: 200, headers: { 'content-length': '1234' } });
    expect(monolith.arrived).toMatchObject([{ method: 'HEAD' }]);
  });

  it('goes on as it comes where it is too large to be held, and is not kept', async () => {
    const large = Buffer.alloc(6 * 1024 ** 2, 'x'); // an answer may have 5 MiB
    await using monolith = await Monolith.listen((_, response) => response.writeHead(200, { 'cache-control': 'max-age=60' }).end(large));
    await using gateway = await gatewayOver(monolith);
    for (const calls of [1, 2]) {
      const answer = await ask(`${gateway.url}/products/monolith/x`);
      expect([answer.body.equals(large), answer.headers['cache-status']]).toEqual([true, 'interline; fwd=uri-miss; detail=size']);
      expect(monolith.arrived.length).toBe(calls);
    }
  });

  it('goes on event by event where it never ends, until the caller leaves', async () => {
    const left = Promise.withResolvers<void>();
    await using monolith = await Monolith.listen((_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: 1\n\n');
      response.once('close', left.resolve);
    });
    await using gateway = await gatewayOver(monolith);
    const request = open(`${gateway.url}/products/monolith/events`);
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    expect(String((await once(response, 'data'))[0])).toBe('data: 1\n\n');
    request.destroy();
    await left.promise;
  });
});

describe('what the gateway says for a product without a contract', () => {
  it('is a problem of the table of failures where the product can not be reached', async () => {
    await using monolith = await Monolith.listen();
    await using gateway = await gatewayOver(monolith);
    await monolith[Symbol.asyncDispose]();
    expect(await gateway.get('/products/monolith/x')).toMatchObject({ status: 502, body: { code: 'unreachable', product: 'monolith' } });
  });

  it('is 504 where the product does not answer in time, and its socket is closed', async () => {
    const closed = Promise.withResolvers<void>();
    await using monolith = await Monolith.listen((_, response) => response.once('close', closed.resolve));
    await using gateway = await gatewayOver(monolith);
    const answer = gateway.get('/products/monolith/x');
    await monolith.got(1);
    gateway.clock.advance(500);
    expect(await answer).toMatchObject({ status: 504, body: { code: 'timeout' } });
    await closed.promise;
  });

  it('is 502 where the answer breaks off, and not a part of it', async () => {
    await using monolith = await Monolith.listen((_, response) => {
      response.writeHead(200, { 'content-length': 100 }).write('five!', () => response.destroy());
    });
    await using gateway = await gatewayOver(monolith);
    expect(await gateway.get('/products/monolith/x')).toMatchObject({ status: 502, body: { code: 'malformed' } });
  });

  it('is 503 at once where the breaker of the product is open: what it answered so far went on as it was', async () => {
    await using monolith = await Monolith.listen((_, response) => response.writeHead(500).end('own page'));
    await using gateway = await gatewayOver(monolith, 'breaker: { minimum: 2, ratio: 1 }');
    const answers = [];
    for (let i = 0; i < 3; i++) answers.push(await gateway.get('/products/monolith/x'));
    expect(answers.map(({ status, text }) => [status, text.startsWith('own page')])).toEqual([
      [500, true],
      [500, true],
      [503, false],
    ]);
    expect(answers[2]).toMatchObject({ body: { code: 'open' } });
    expect(monolith.arrived.length).toBe(2);
  });

  it('is 503 where as many requests are in flight as may be', async () => {
    const held = Promise.withResolvers<void>();
    await using monolith = await Monolith.listen((_, response) => held.promise.then(() => response.end()));
    await using gateway = await gatewayOver(monolith, 'bulkhead: { concurrent: 1, queue: 0 }');
    const first = gateway.get('/products/monolith/a');
    await monolith.got(1);
    expect(await gateway.get('/products/monolith/b')).toMatchObject({ status: 503, body: { code: 'busy' } });
    held.resolve();
    expect((await first).status).toBe(200);
  });

  it('counts and logs each request under one name, whatever its path', async () => {
    await using monolith = await Monolith.listen();
    await using gateway = await gatewayOver(monolith);
    await gateway.get('/products/monolith/a');
    await gateway.get('/products/monolith/b');
    expect(await gateway.metric('interline_responses_total', { route: 'monolith.v1.passThrough', category: 'success_complete' })).toBe(2);
  });
});

describe('where a product without a contract answers', () => {
  it('is nowhere else where it is not mounted', async () => {
    await using monolith = await Monolith.listen();
    await using gateway = await gatewayOver(monolith);
    expect([(await ask(`${gateway.url}/anything`)).status, (await ask(`${gateway.url}/products/other/x`)).status]).toEqual([404, 404]);
    expect(monolith.arrived).toEqual([]);
  });

  it('is everywhere that nothing else answers, mounted at /', async () => {
    await using monolith = await Monolith.listen();
    await using gateway = await gatewayOver(monolith, 'mount: /');
    const [anything, root, live] = await Promise.all([
      ask(`${gateway.url}/any/thing?q`, 'POST', {}, 'b'),
      ask(`${gateway.url}/`),
      ask(`${gateway.url}/health/live`),
    ]);
    expect([anything.status, root.status, live.status]).toEqual([200, 200, 200]);
    expect(monolith.arrived.map(({ url }) => url).sort()).toEqual(['/', '/any/thing?q']);
  });

  it('is below its mount, which the product does not see', async () => {
    await using monolith = await Monolith.listen();
    await using gateway = await gatewayOver(monolith, 'mount: /legacy/shop');
    const statuses = [];
    for (const path of ['/legacy/shop/a/b', '/legacy/shop', '/legacy', '/legacy/shopping'])
      statuses.push((await ask(gateway.url + path)).status);
    expect(statuses).toEqual([200, 200, 404, 404]);
    expect(monolith.arrived.map(({ url }) => url)).toEqual(['/a/b', '/']);
  });

  it('is nowhere at all where no product is passed through', async () => {
    await using described = await fakeProduct(shop);
    await using gateway = await testGateway({ products: [described] });
    for (const path of ['/products/shop/x', '/products/shop/v1/anything/else', '/anything'])
      expect([path, (await ask(gateway.url + path)).status]).toEqual([path, 404]);
    expect((await ask(`${gateway.url}/products/shop/x`, 'PROPFIND')).status).toBe(404);
    expect(described.calls).toEqual([]);
  });

  it('closes its connections where the process takes no more work', async () => {
    await using monolith = await Monolith.listen();
    await using gateway = await gatewayOver(monolith);
    const before = await gateway.get('/products/monolith/x');
    gateway.running.gateway.draining = true;
    const after = await gateway.get('/products/monolith/x');
    expect([before, after].map(({ headers }) => headers.get('connection'))).toEqual(['keep-alive', 'close']);
  });
});
