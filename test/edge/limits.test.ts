import { describe, expect, it } from '@jest/globals';
import type { ThrottlerStorage } from '@nestjs/throttler';
import { Connection, request } from './connection.js';
import { type Library, openLibrary } from './library.js';

const FIVE = 'limit: { rate: 5/s, burst: 5 }';

/** How many of so many requests are admitted; all others are refused with 429. */
async function admitted(subject: Library, requests: number, path = '/v1/books/b-1', init: RequestInit = {}): Promise<number> {
  let count = 0;
  for (let i = 0; i < requests; i++) {
    const { status } = await subject.gateway.get(path, init);
    if (status !== 429) count++;
  }
  return count;
}

describe('a limited route', () => {
  it('refuses what is over its limit, calls no product for it, and says when to come again', async () => {
    await using subject = await openLibrary({ route: 'limit: { rate: 30/m, burst: 3 }' });
    const { gateway, books } = subject;
    expect(await admitted(subject, 5)).toBe(3);
    const refused = await gateway.get('/v1/books/b-1');
    expect(refused).toMatchObject({ status: 429, body: { code: 'limited', status: 429, retryAfter: 2 } });
    expect(refused.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(refused.headers.get('retry-after')).toBe('2');
    expect(refused.headers.get('ratelimit-policy')).toBe('"route";q=3;w=6');
    expect(refused.headers.get('ratelimit')).toBe('"route";r=0;t=6');
    expect(books.calls).toHaveLength(3);
    expect(await gateway.metric('interline_responses_total', { category: 'failure_caller_limited', route: 'GET /v1/books/{bookId}' })).toBe(
      3,
    );
    gateway.clock.advance(2000);
    expect(await admitted(subject, 3)).toBe(1);
  });

  it('says what is left on every answer, however it ends', async () => {
    await using subject = await openLibrary({ route: 'limit: { rate: 10/s, burst: 10 }' });
    const { gateway, books } = subject;
    const { etag } = Object.fromEntries((await gateway.get('/v1/books/b-1')).headers);
    const left = async (path: string, init?: RequestInit): Promise<unknown> => {
      const { status, headers } = await gateway.get(path, init);
      return [status, headers.get('ratelimit-policy'), headers.get('ratelimit')];
    };
    const policy = '"route";q=10;w=1';
    expect(await left('/v1/books/b-1', { headers: { 'if-none-match': etag ?? '' } })).toEqual([304, policy, '"route";r=8;t=1']);
    expect(await left('/v1/books/b-1?unknown=1')).toEqual([400, policy, '"route";r=7;t=1']);
    books.fails('getBook', 'bookNotFound');
    expect(await left('/v1/books/b-1')).toEqual([404, policy, '"route";r=6;t=1']);
    books.breaks();
    expect(await left('/v1/books/b-1')).toEqual([502, policy, '"route";r=5;t=1']);
  });

  it('says nothing of a limit where there is none', async () => {
    await using subject = await openLibrary();
    const { headers } = await subject.gateway.get('/v1/books/b-1');
    expect([headers.get('ratelimit'), headers.get('ratelimit-policy')]).toEqual([null, null]);
  });

  it('has a limit of its own beside the other routes, a product’s own routes too, each operation one', async () => {
    await using subject = await openLibrary({ route: FIVE, yaml: "routes: { 'GET /v1/catalog': { limit: { rate: 2/s, burst: 2 } } }" });
    expect(await admitted(subject, 9)).toBe(5);
    expect(await admitted(subject, 9, '/v1/catalog')).toBe(2);
    expect(await admitted(subject, 9, '/products/library/v1/books/b-1')).toBe(5);
    expect(await admitted(subject, 9, '/products/library/v1/books')).toBe(5);
  });

  it('admits its limit exactly where all come at once', async () => {
    await using subject = await openLibrary({ route: FIVE });
    const answers = await Promise.all(Array.from({ length: 50 }, () => subject.gateway.get('/v1/books/b-1')));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(5);
  });

  it('knows a caller by the address that our proxy reports, each with a limit of its own', async () => {
    await using subject = await openLibrary({ route: FIVE, yaml: 'edge: { trustedHops: 1 }' });
    for (const address of ['192.0.2.1', '192.0.2.2', '2001:db8::1'])
      expect(await admitted(subject, 7, '/v1/books/b-1', { headers: { 'x-forwarded-for': address } })).toBe(5);
    expect(await admitted(subject, 7, '/v1/books/b-1', { headers: { 'x-forwarded-for': '2001:db8::2' } })).toBe(0);
  });
});

describe('a storage of somebody else’s, provided to Nest as the throttler’s', () => {
  it('is what the edge asks', async () => {
    const asked: string[] = [];
    const limits: ThrottlerStorage = {
      async increment(key) {
        asked.push(key);
        const isBlocked = asked.length > 2;
        return { totalHits: asked.length, timeToExpire: 9, isBlocked, timeToBlockExpire: isBlocked ? 7 : 0 };
      },
    };
    await using subject = await openLibrary({ route: FIVE, limits });
    expect(await admitted(subject, 4)).toBe(2);
    const refused = await subject.gateway.get('/v1/books/b-1');
    expect(refused.headers.get('retry-after')).toBe('7');
    expect(refused.headers.get('ratelimit')).toBe('"route";r=0;t=9');
    expect(new Set(asked).size).toBe(1);
    expect(subject.books.calls).toHaveLength(2);
  });
});

/** Ways to look like somebody else, or to ask for the same by another name. A text is a path; a list a path and headers. */
const dodges: Readonly<Record<string, readonly [line: string, ...headers: string[]]>> = {
  'an address': ['GET /v1/books/b-1', 'x-forwarded-for: 192.0.2.@'],
  'an address in a list': ['GET /v1/books/b-1', 'x-forwarded-for: 192.0.2.@, 198.51.100.@'],
  'an address in two headers': ['GET /v1/books/b-1', 'x-forwarded-for: 192.0.2.@', 'x-forwarded-for: 198.51.100.@'],
  'an address in capitals': ['GET /v1/books/b-1', 'X-FORWARDED-FOR: 192.0.2.@'],
  'an IPv6 address': ['GET /v1/books/b-1', 'x-forwarded-for: 2001:db8:@::1'],
  'a loopback address': ['GET /v1/books/b-1', 'x-forwarded-for: 127.0.0.@'],
  'an address with a port': ['GET /v1/books/b-1', 'x-forwarded-for: 192.0.2.1:@'],
  'no address': ['GET /v1/books/b-1', 'x-forwarded-for: nobody-@'],
  'an empty list': ['GET /v1/books/b-1', 'x-forwarded-for: ,,@,,'],
  forwarded: ['GET /v1/books/b-1', 'forwarded: for=192.0.2.@;proto=https'],
  'x-real-ip': ['GET /v1/books/b-1', 'x-real-ip: 192.0.2.@'],
  'x-client-ip': ['GET /v1/books/b-1', 'x-client-ip: 192.0.2.@'],
  'x-cluster-client-ip': ['GET /v1/books/b-1', 'x-cluster-client-ip: 192.0.2.@'],
  'cf-connecting-ip': ['GET /v1/books/b-1', 'cf-connecting-ip: 192.0.2.@'],
  'true-client-ip': ['GET /v1/books/b-1', 'true-client-ip: 192.0.2.@'],
  'x-originating-ip': ['GET /v1/books/b-1', 'x-originating-ip: 192.0.2.@'],
  'a known consumer': ['GET /v1/books/b-1', 'x-interline-consumer: kiosk'],
  'an unknown consumer': ['GET /v1/books/b-1', 'x-interline-consumer: nobody-@'],
  'a token': ['GET /v1/books/b-1', 'authorization: Bearer token-@'],
  'a cookie': ['GET /v1/books/b-1', 'cookie: session=@'],
  'another client': ['GET /v1/books/b-1', 'user-agent: robot/@'],
  'another trace': ['GET /v1/books/b-1', 'x-request-id: r-@'],
  'another language': ['GET /v1/books/b-1', 'accept-language: x-@'],
  'a way through another gateway': ['GET /v1/books/b-1', 'via: 1.1 other-@', 'cdn-loop: other-@'],
  'a method override': ['GET /v1/books/b-1', 'x-http-method-override: HEAD', 'x-original-url: /v1/catalog?@'],
  'another path value': ['GET /v1/books/b-@'],
  'an encoded letter': ['GET /v1/%62ooks/b-@'],
  'an encoded path value': ['GET /v1/books/%62-@'],
  'an encoded version': ['GET /%761/books/b-@'],
  'a query': ['GET /v1/books/b-1?reader=r-@'],
  'an unknown query key': ['GET /v1/books/b-1?page=@'],
  'an empty query': ['GET /v1/books/b-@?'],
  'a query in another order': ['GET /v1/books/b-1?x=@&reader=r'],
  'an encoded query': ['GET /v1/books/b-1?%72eader=r-@'],
  'a fragment': ['GET /v1/books/b-1#@'],
  'a semicolon': ['GET /v1/books/b-1;v=@'],
  HEAD: ['HEAD /v1/books/b-@'],
  'the absolute form': ['GET http://gateway/v1/books/b-@'],
  'the absolute form of another host': ['GET http://host-@/v1/books/b-1'],
  'a validator': ['GET /v1/books/b-1', 'if-none-match: "@"'],
};

/** Ways to ask for something that is no route: they get no answer that costs anything. */
const elsewhere: readonly string[] = [
  'GET /v1/books/b-1/',
  'GET /V1/books/b-1',
  'GET /v1/BOOKS/b-1',
  'GET //v1/books/b-1',
  'GET /v1//books/b-1',
  'GET /v1/./books/b-1',
  'GET /v1/x/../books/b-1',
  'GET /v1/%2e%2e/v1/books/b-1',
  'GET /v1%2fbooks%2fb-1',
  'OPTIONS /v1/books/b-1',
  'POST /v1/books/b-1',
  'DELETE /v1/books/b-1',
];

describe('a caller that is over its limit', () => {
  it('is given 40 ways out here', () => {
    expect(Object.keys(dodges)).toHaveLength(40);
  });

  it.each(Object.entries(dodges))('does not get further by %s: as many are admitted as the limit says', async (_, [line, ...headers]) => {
    await using subject = await openLibrary({ route: FIVE });
    await using connection = new Connection(subject.gateway.url);
    const statuses: number[] = [];
    for (let i = 1; i <= 12; i++) {
      const dodge = (text: string): string => text.replaceAll('@', String(i));
      // Every other request is an honest one: both spend the same.
      connection.send(i % 2 === 0 ? request('GET /v1/books/b-1') : request(dodge(line), headers.map(dodge)));
      const answer = await connection.next({ withBody: i % 2 === 0 || !line.startsWith('HEAD') });
      statuses.push(answer?.status ?? 0);
    }
    const admitted = statuses.map((status) => status !== 429 && status !== 401);
    expect(admitted.filter(Boolean)).toHaveLength(5);
  });

  it.each(elsewhere)('calls no product by asking for %s', async (line) => {
    await using subject = await openLibrary({ route: FIVE });
    expect(await admitted(subject, 6)).toBe(5);
    const { length } = subject.books.calls;
    await using connection = new Connection(subject.gateway.url);
    for (let i = 0; i < 3; i++) {
      const answer = await connection.send(request(line)).next();
      expect([204, 404, 405]).toContain(answer?.status);
    }
    expect(subject.books.calls).toHaveLength(length);
  });
});

describe('the limit by address', () => {
  const THREE = 'edge: { limit: { rate: 1/s, burst: 3 } }';

  it('counts everything that an address sends, before its body or what it says of itself is looked at', async () => {
    await using subject = await openLibrary({ yaml: THREE });
    const { gateway, books } = subject;
    const broken: RequestInit = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{' };
    expect([
      (await gateway.get('/nowhere')).status,
      (await gateway.get('/v1/loans', broken)).status,
      (await gateway.get('/%zz')).status,
      (await gateway.get('/v1/books/b-1')).status,
    ]).toEqual([404, 400, 400, 429]);
    expect(books.calls).toEqual([]);
    for (const [path, init] of [
      ['/v1/loans', broken],
      ['/openapi.json'],
      ['/nowhere'],
      ['/%zz'],
      ['/products/library/v1/books'],
    ] as const) {
      const refused = await gateway.get(path, init);
      expect(refused).toMatchObject({ status: 429, body: { code: 'limited' } });
      expect(refused.headers.get('retry-after')).toBe('1');
      expect(refused.headers.get('ratelimit-policy')).toBe('"address";q=3;w=3');
      expect(refused.headers.get('ratelimit')).toBe('"address";r=0;t=3');
    }
    gateway.clock.advance(1000);
    expect(await admitted(subject, 3)).toBe(1);
  });

  it('stands before the framing, but never keeps a connection open on which something is framed wrongly', async () => {
    await using subject = await openLibrary({ yaml: THREE });
    expect(await admitted(subject, 3)).toBe(3);
    await using connection = new Connection(subject.gateway.url);
    const inner = request('GET /v1/books/b-1');
    const refused = await connection.send(request('GET /v1/books/b-1', [], inner) + inner).next();
    expect([refused?.status, refused?.headers['connection']]).toEqual([429, 'close']);
    expect(await connection.closed()).toBe('');
    expect(await subject.gateway.metric('interline_responses_total', { category: 'failure_caller_limited' })).toBe(1);
  });

  it('does not count what asks for health', async () => {
    await using subject = await openLibrary({ yaml: THREE });
    for (let i = 0; i < 5; i++) expect((await fetch(`${subject.gateway.url}/health/ready`)).status).toBe(200);
    expect(await admitted(subject, 5)).toBe(3);
    expect((await fetch(`${subject.gateway.url}/health/live`)).status).toBe(200);
    expect(await admitted(subject, 2, '/health/%6Cive')).toBe(0);
  });

  it('is one for each address that our proxies report', async () => {
    await using subject = await openLibrary({ yaml: 'edge: { trustedHops: 2, limit: { rate: 1/s, burst: 3 } }' });
    const from = (forwarded: string): RequestInit => ({ headers: { 'x-forwarded-for': forwarded } });
    for (const address of ['192.0.2.1', '192.0.2.2']) {
      expect(await admitted(subject, 2, '/v1/books/b-1', from(`203.0.113.9, ${address}, 10.0.0.1`))).toBe(2);
      expect(await admitted(subject, 3, '/v1/books/b-1', from(`${address}, 10.0.0.1`))).toBe(1);
    }
  });

  it('comes before the limit by caller, which is spent by what is admitted only', async () => {
    await using subject = await openLibrary({ yaml: THREE, route: 'limit: { rate: 1/h, burst: 5 }' });
    const { gateway } = subject;
    expect(await admitted(subject, 9)).toBe(3);
    gateway.clock.advance(3000);
    expect(await admitted(subject, 9)).toBe(2);
  });
});
