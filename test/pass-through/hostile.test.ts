import { describe, expect, it } from '@jest/globals';
import type { TestGateway } from '../gateway.js';
import { Monolith, type Script, ask, gatewayOver } from './monolith.js';
import { claims } from './claims.js';

const MARKER = 'of-the-attacker';

/** Gives every header and the body that it got back to whoever comes, for a minute. */
const echoes: Script = ({ headers, body }, response) =>
  response.writeHead(200, { 'cache-control': 'max-age=60' }).end(JSON.stringify({ ...headers, body }));

const get = (gateway: TestGateway, path: string, headers: Record<string, string | string[]> = {}) =>
  ask(`${gateway.url}/products/monolith${path}`, 'GET', headers);

describe('a caller who wants others to be given what it sent', () => {
  it('can say nothing to a product under any name that servers take for where a request came from or went to', async () => {
    await using monolith = await Monolith.listen(echoes);
    await using gateway = await gatewayOver(monolith);
    expect(claims.length).toBeGreaterThan(300);
    for (let from = 0; from < claims.length; from += 50) {
      const path = `/x?${from}`;
      await get(gateway, path, Object.fromEntries(claims.slice(from, from + 50).map((name) => [name, MARKER])));
      const victim = await get(gateway, path);
      expect(victim.body.toString()).not.toContain(MARKER);
      expect(victim.headers['cache-status']).toContain('interline; hit');
    }
    expect(JSON.stringify(monolith.arrived)).not.toContain(MARKER);
  });

  it.each([
    ['its Host', { host: `${MARKER}.example` }],
    ['two values of one field', { 'x-forwarded-host': [MARKER, MARKER] }],
    ['a field that Connection names', { connection: `close, ${MARKER}`, [MARKER]: MARKER }],
    ['a name with _ in it', { x_forwarded_host: MARKER }],
  ])('has nothing of it kept: %s', async (_, headers) => {
    await using monolith = await Monolith.listen(echoes);
    await using gateway = await gatewayOver(monolith);
    await get(gateway, '/x', headers);
    expect((await get(gateway, '/x')).body.toString()).not.toContain(MARKER);
    expect(monolith.arrived.length).toBe(1);
  });

  it.each([
    ['via', `1.1 ${MARKER}`],
    ['cdn-loop', MARKER],
  ])('has its own answer where it says which way it came, since that goes on: %s', async (name, way) => {
    await using monolith = await Monolith.listen(echoes);
    await using gateway = await gatewayOver(monolith);
    const ours = { [name]: way };
    for (const headers of [ours, ours]) expect((await get(gateway, '/x', headers)).body.toString()).toContain(MARKER);
    expect((await get(gateway, '/x')).body.toString()).not.toContain(MARKER);
    expect(monolith.arrived.length).toBe(2);
  });

  it('is not awaited by itself, where the product asks for the same before it answers', async () => {
    const inner: string[] = [];
    await using monolith = await Monolith.listen(async ({ headers }, response, nth) => {
      response.writeHead(200, { 'cache-control': 'max-age=60' });
      if (nth === 1) inner.push((await get(gateway, '/x', { via: String(headers['via']) })).body.toString());
      response.end(nth === 1 ? 'outer' : 'inner');
    });
    await using gateway = await gatewayOver(monolith);
    expect([(await get(gateway, '/x')).body.toString(), inner]).toEqual(['outer', ['inner']]);
  });

  it('gets no further with a GET that has a body', async () => {
    await using monolith = await Monolith.listen(echoes);
    await using gateway = await gatewayOver(monolith);
    expect((await ask(`${gateway.url}/products/monolith/x`, 'GET', { 'content-length': '3' }, 'bad')).status).toBe(400);
    expect(monolith.arrived).toEqual([]);
  });

  it.each([
    ['a range that there is not', 416, { range: 'bytes=99-' }],
    ['a condition that does not hold', 412, { 'if-none-match': '*' }],
    ['an expectation', 417, { 'x-any': '1' }],
    ['headers that are too large', 431, { 'x-large': 'x'.repeat(1000) }],
  ])('keeps nobody from an answer by %s: %i is about the request alone', async (_, status, headers) => {
    await using monolith = await Monolith.listen((_, response) => response.writeHead(status, { 'cache-control': 'max-age=60' }).end());
    await using gateway = await gatewayOver(monolith);
    expect((await get(gateway, '/x', headers)).status).toBe(status);
    monolith.says((_, response) => response.end('the answer'));
    const victim = await get(gateway, '/x');
    expect([victim.status, victim.body.toString()]).toEqual([200, 'the answer']);
  });
});

/** Ways to make an address look like a file, or like another one to whoever reads it less well than the product. */
const LOOKS = ['.css', '.js', '.png', '.ico', '.json', '.txt'].flatMap((ending) =>
  ['/x', '/..x', ';x', '%3bx', '%2fx', '%23x', '%3fx', '%20x', '?x', '//x', '/x;a=b'].map((between) => `/me${between}${ending}`),
);

describe('an address that looks like a file', () => {
  it.each([
    ['private, max-age=60', {}],
    ['no-store', {}],
    [undefined, {}],
    ['max-age=60', { authorization: 'Bearer of-the-victim' }],
    ['max-age=60', { 'x-api-key': 'of-the-victim' }],
    ['max-age=60', { 'x-auth-token': 'of-the-victim' }],
    ['max-age=60', { 'x-session-id': 'of-the-victim' }],
  ])('keeps nobody’s own answer for others: Cache-Control %s, asked with %j', async (control, headers) => {
    await using monolith = await Monolith.listen((_, response, nth) =>
      response.writeHead(200, control === undefined ? {} : { 'cache-control': control }).end(`answer ${nth}`),
    );
    await using gateway = await gatewayOver(monolith);
    expect(LOOKS.length).toBeGreaterThan(60);
    for (const path of LOOKS) {
      const victim = await get(gateway, path, headers);
      expect([path, victim.status]).toEqual([path, 200]);
      expect((await get(gateway, path)).body.toString()).not.toBe(victim.body.toString());
    }
  });

  it('is one address for each way that it is spelled', async () => {
    await using monolith = await Monolith.listen((request, response) =>
      response.writeHead(200, { 'cache-control': 'max-age=60' }).end(request.url),
    );
    await using gateway = await gatewayOver(monolith);
    const paths = [...LOOKS, '/me', '/me/', '/ME', '/%6de', '/me?', '/me?a', '/me?a=', '/me?A', '//me'];
    for (let i = 0; i < 2; i++) for (const path of paths) expect((await get(gateway, path)).body.toString()).toBe(path);
    expect(monolith.arrived.length).toBe(paths.length);
  });
});

describe('an answer that may be kept, says the product', () => {
  it.each(['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND', 'QUERY'])('is not, where it is one to %s', async (method) => {
    await using monolith = await Monolith.listen((_, response, nth) =>
      response.writeHead(200, { 'cache-control': 'public, max-age=60', 'content-location': '/products/monolith/x' }).end(`answer ${nth}`),
    );
    await using gateway = await gatewayOver(monolith);
    const url = `${gateway.url}/products/monolith/x`;
    const bodies = [];
    for (const one of [method, method, 'GET', 'GET']) bodies.push((await ask(url, one)).body.toString());
    expect(bodies).toEqual(['answer 1', 'answer 2', 'answer 3', 'answer 3']);
  });

  it.each([301, 302, 303, 307, 308])('is followed by nobody where it is a %i, kept or not', async (status) => {
    await using elsewhere = await Monolith.listen();
    await using monolith = await Monolith.listen((_, response) =>
      response.writeHead(status, { location: `${elsewhere.url}/inside`, 'cache-control': 'max-age=60' }).end(),
    );
    await using gateway = await gatewayOver(monolith);
    for (const method of ['GET', 'GET', 'HEAD', 'POST'])
      expect(await ask(`${gateway.url}/products/monolith/x`, method)).toMatchObject({
        status,
        headers: { location: `${elsewhere.url}/inside` },
      });
    expect([monolith.arrived.length, elsewhere.arrived.length]).toEqual([2, 0]);
  });

  it('has neither cookies nor anything of one connection, when it comes and when it is kept', async () => {
    const ofConnection = {
      connection: 'keep-alive, x-named',
      'keep-alive': 'timeout=99',
      'proxy-authenticate': 'Basic realm="x"',
      'proxy-authentication-info': 'x',
      'proxy-connection': 'keep-alive',
      te: 'trailers',
      trailer: 'x-after',
      upgrade: 'h2c',
      'x-named': MARKER,
      traceparent: MARKER,
      'x-request-id': MARKER,
    };
    const cookies = { 'set-cookie': ['a=b', `c=${MARKER}`], 'set-cookie2': MARKER };
    // Of these the gateway has its own.
    const gone = new Set(Object.keys({ ...ofConnection, ...cookies }));
    for (const name of ['connection', 'keep-alive', 'traceparent', 'x-request-id']) gone.delete(name);
    const endToEnd = {
      server: 'Monolith/1.0',
      'x-powered-by': 'PHP/5',
      'strict-transport-security': 'max-age=1',
      'content-security-policy': "default-src 'none'",
      'access-control-allow-origin': '*',
      'x-frame-options': 'DENY',
      etag: '"v1"',
      vary: 'accept',
    };
    await using monolith = await Monolith.listen(({ url }, response) =>
      response
        .writeHead(200, { ...endToEnd, ...ofConnection, ...(url === '/cookies' ? cookies : {}), 'cache-control': 'max-age=60' })
        .end('x'),
    );
    await using gateway = await gatewayOver(monolith);
    for (const [path, hit] of [['/x'], ['/x', 'hit'], ['/cookies'], ['/cookies']] as const) {
      const { headers } = await get(gateway, path);
      expect(headers).toMatchObject(endToEnd);
      expect(String(headers['cache-status']).includes('; hit')).toBe(hit === 'hit');
      expect(JSON.stringify(headers)).not.toContain(MARKER);
      expect(Object.keys(headers).filter((name) => gone.has(name))).toEqual([]);
      expect(headers['keep-alive']).not.toBe('timeout=99');
    }
  });
});
