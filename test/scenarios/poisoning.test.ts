import { describe, expect, it } from '@jest/globals';
import { Connection, request } from '../edge/connection.js';
import { openLibrary } from '../edge/library.js';
import { Holding, book } from './holding.js';

const MARKER = 'poison-4711';

/** Headers by which caches in front of careless servers have been poisoned: where it comes from, what it asks for, how it is coded. */
const UNKEYED = `
  x-forwarded-host x-forwarded-server x-forwarded-port x-forwarded-proto x-forwarded-scheme x-forwarded-ssl x-forwarded-prefix
  x-forwarded-path x-forwarded-for x-forwarded-by x-forwarded-client-ip x-forwarded-uri x-forwarded-user forwarded x-host
  x-original-host x-original-url x-rewrite-url x-http-host-override x-http-method-override x-method-override x-http-method
  x-wap-profile x-url-scheme front-end-https x-real-ip true-client-ip client-ip x-client-ip cf-connecting-ip fastly-client-ip
  x-remote-addr x-proxy-url x-original-args base-url origin referer user-agent accept accept-charset cookie authorization
  proxy-authorization x-api-key x-user x-user-id x_user_id x-role x-tenant x-consumer from pragma cache-control range if-range
  x-amz-website-redirect-location x-middleware-prefetch x-nextjs-data rsc purpose save-data dnt upgrade-insecure-requests x-debug
  x-callback jsonp content-language timing-allow-origin soapaction max-forwards tracestate baggage
`
  .trim()
  .split(/\s+/);

describe('what a caller sends besides its input', () => {
  it(`in ${UNKEYED.length} headers reaches nobody who comes after it, though the product echoes all that it is sent`, async () => {
    await using subject = await openLibrary({ policies: { library: 'cache: { fresh: 1h }' } });
    const { gateway, books } = subject;
    const echoes = new Holding(books, 'getBook', ({ headers, rawHeaders }) => ({
      body: book('b-1', JSON.stringify([headers, rawHeaders])),
    }));
    echoes.opens();
    for (const [nth, name] of UNKEYED.entries()) {
      const path = `/products/library/v1/books/b-${nth}`;
      await using connection = new Connection(gateway.url);
      await connection.send(request(`GET ${path}`, [`${name}: ${MARKER}`])).next();
      const { status, text } = await gateway.get(path);
      expect([name, status, text.includes('host'), text.includes(MARKER)]).toEqual([name, 200, true, false]);
    }
  }, 30_000);
});

describe('an address that looks like a file that anybody may keep', () => {
  const ends = [
    '.css',
    '.js',
    '.png',
    '/x.css',
    '/..%2fx.css',
    ';x.css',
    '%3bx.css',
    '%00.css',
    '%0a.css',
    '%0d%0a.css',
    '%09.css',
    '%20.css',
  ];
  const more = [
    '%23x.css',
    '%3fx.css',
    '%2fx.css',
    '%5cx.css',
    '!x.css',
    '~x.css',
    '$x.css',
    '%26x.css',
    '%c0%af.css',
    '//x.css',
    '/.',
    '/..',
  ];

  it('is one more thing that is asked for, and nobody`s own answer is kept under it', async () => {
    await using subject = await openLibrary({ policies: { people: 'cache: { fresh: 1h, stale: 1h, staleIfError: 1h }' } });
    const { gateway, readers } = subject;
    for (const end of [...ends, ...more, '?x.css', '?cb=1']) {
      const path = `/products/people/v2/readers/r-1${end}`;
      const ask = async (): Promise<readonly [number, string]> => {
        await using connection = new Connection(gateway.url);
        const answer = await connection.send(request(`GET ${path}`)).next();
        return [answer?.status ?? 0, answer?.headers['cache-control'] ?? ''];
      };
      const before = readers.calls.length;
      const answers = [await ask(), await ask()];
      // Either nothing is there, or each of the two was answered by the product itself, and told that it is for nobody else.
      const asked = readers.calls.length - before;
      expect([path, asked]).toEqual([path, answers.filter(([status]) => status === 200).length]);
      for (const [status, control] of answers)
        expect([path, status === 200 ? /private/.test(control) : status >= 400 && status < 500 && control === 'no-store']).toEqual([
          path,
          true,
        ]);
    }
    expect(gateway.running.gateway.state.caches.state().entries).toBe(0);
  }, 30_000);
});
