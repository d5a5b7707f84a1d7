import { describe, expect, it } from '@jest/globals';
import { Monolith } from '../pass-through/monolith.js';
import { Connection, exchange, request } from './connection.js';
import { openLibrary } from './library.js';

const NOSNIFF = { 'x-content-type-options': 'nosniff' };

describe('every answer of the public port', () => {
  it.each([
    ['composed', 'GET /v1/books/b-1', 200],
    ["a product's own", 'GET /products/library/v1/books/b-1', 200],
    ['of HEAD', 'HEAD /v1/books/b-1', 200],
    ['of OPTIONS', 'OPTIONS /v1/books/b-1', 204],
    ['on what does not fit its contract', 'GET /v1/books/b-1?nonsense=1', 400],
    ['on a path that no route has', 'GET /no/such/path', 404],
    ['on a path that is none', 'GET /v1/books/%', 400],
    ['on a method that no route has', 'DELETE /v1/books/b-1', 405],
    ['on a path value that is too long', `GET /v1/books/${'b'.repeat(300)}`, 414],
    ['on health', 'GET /health/live', 200],
    ['of a page', 'GET /docs', 200],
    ['of a document', 'GET /openapi.json', 200],
    ['of keys', 'GET /.well-known/jwks.json', 200],
    ['on two hosts', 'GET /v1/books/b-1 HTTP/1.1\r\nhost: b\r\nx-rest:', 400],
  ])('(%s) is of the type that it names, whatever it looks like', async (_, line, status) => {
    await using subject = await openLibrary();
    await using connection = new Connection(subject.gateway.url);
    const answer = await connection.send(request(line)).next({ withBody: !line.startsWith('HEAD') });
    expect(answer).toMatchObject({ status, headers: NOSNIFF });
  });

  it.each([
    ['where nothing can be read', 'hello\r\n\r\n', 400],
    ['on a head that is too large', request('GET /v1/books/b-1', [`x-a: ${'a'.repeat(17 * 1024)}`]), 431],
  ])('(%s) is so, too', async (_, bytes, status) => {
    await using subject = await openLibrary();
    expect(await exchange(subject.gateway.url, bytes)).toMatchObject({ status, headers: NOSNIFF });
  });

  it('(of a product that is passed through) is so, whatever that product says', async () => {
    await using monolith = await Monolith.listen((_, response) =>
      response.writeHead(200, { 'x-content-type-options': 'guess' }).end('hello'),
    );
    await using subject = await openLibrary({ yaml: `  monolith: { urls: ['${monolith.url}'], passThrough: true }\n` });
    expect((await subject.gateway.get('/products/monolith/a')).headers.get('x-content-type-options')).toBe('nosniff');
  });
});

describe('a page of the public port', () => {
  it.each(['/docs', '/docs/init.js', '/docs/icon.svg'])(
    'runs and loads nothing but its own, in nobody’s frame, and tells nobody: %s',
    async (path) => {
      await using subject = await openLibrary();
      const { headers } = await subject.gateway.get(path);
      const policy = (headers.get('content-security-policy') ?? '').split('; ');
      expect(policy).toEqual(
        expect.arrayContaining(["default-src 'self'", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"]),
      );
      expect(policy.some((directive) => directive.startsWith('script-src'))).toBe(false);
      expect([headers.get('referrer-policy'), headers.get('cross-origin-opener-policy')]).toEqual(['no-referrer', 'same-origin']);
    },
  );
});
