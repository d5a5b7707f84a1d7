import { describe, expect, it } from '@jest/globals';
import { openLibrary } from './library.js';

const APP = 'https://app.example.org';
const listed = { yaml: `edge: { cors: { origins: ['${APP}', 'http://localhost:5173'], maxAge: 5m } }\n` };
const from = (origin: string, more: Readonly<Record<string, string>> = {}): RequestInit => ({ headers: { origin, ...more } });

const NAMES = ['access-control-allow-origin', 'access-control-expose-headers', 'vary'];
const said = ({ headers }: { readonly headers: Headers }): readonly (string | null)[] => NAMES.map((name) => headers.get(name));

describe('a page of another origin', () => {
  it.each([APP, 'http://localhost:5173'])('that is listed may read answers, problems too: %s', async (origin) => {
    await using subject = await openLibrary(listed);
    for (const path of ['/v1/books/b-1', '/v1/books/b-1?unknown=1', '/nowhere', '/openapi.json', '/products/library/v1/books/b-1']) {
      const [allowed, exposed, vary] = said(await subject.gateway.get(path, from(origin)));
      expect([path, allowed, vary?.split(', ')[0]]).toEqual([path, origin, 'origin']);
      for (const name of ['etag', 'cache-status', 'ratelimit', 'retry-after', 'x-request-id']) expect(exposed?.split(', ')).toContain(name);
    }
  });

  it.each([
    'https://evil.example.org',
    'https://app.example.org.evil.org',
    'https://app.example.org:8443',
    'http://app.example.org',
    'https://APP.example.org',
    `${APP}/`,
    `${APP}, https://evil.example.org`,
    'null',
    '*',
    '',
  ])('that is not listed may read none, and its name is not repeated: %j', async (origin) => {
    await using subject = await openLibrary(listed);
    const got = await subject.gateway.get('/v1/books/b-1', from(origin));
    expect([got.status, ...said(got)]).toEqual([200, null, null, 'origin']);
    const preflight = await subject.gateway.get('/v1/books/b-1', {
      method: 'OPTIONS',
      ...from(origin, { 'access-control-request-method': 'GET' }),
    });
    expect([...preflight.headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([]);
  });

  it('is told what it may send before it sends it, headers of the contract included', async () => {
    await using subject = await openLibrary(listed);
    const { status, headers } = await subject.gateway.get('/v1/catalog', {
      method: 'OPTIONS',
      ...from(APP, { 'access-control-request-method': 'GET', 'access-control-request-headers': 'authorization,x-evil' }),
    });
    expect([
      status,
      headers.get('access-control-allow-origin'),
      headers.get('access-control-allow-methods'),
      headers.get('access-control-max-age'),
    ]).toEqual([204, APP, 'GET, HEAD, OPTIONS', '300']);
    const allowed = headers.get('access-control-allow-headers')?.split(', ') ?? [];
    expect(allowed).toEqual(expect.arrayContaining(['authorization', 'x-api-key', 'content-type', 'if-none-match', 'accept-language']));
    expect(allowed).not.toContain('x-evil');
    expect(headers.get('access-control-allow-credentials')).toBeNull();
  });

  it('is told nothing where no origin is listed', async () => {
    await using subject = await openLibrary();
    expect(said(await subject.gateway.get('/v1/books/b-1', from(APP)))).toEqual([null, null, null]);
  });

  it('adds to what answers vary by already', async () => {
    await using subject = await openLibrary(listed);
    expect((await subject.gateway.get('/v1/catalog', from(APP))).headers.get('vary')).toBe('origin, accept-language');
  });

  it('is what a file says by now, without a restart', async () => {
    await using subject = await openLibrary(listed);
    const { reloads } = subject.gateway.running.gateway;
    reloads.take(subject.gateway.yaml.replace(APP, 'https://new.example.org'));
    expect(said(await subject.gateway.get('/v1/books/b-1', from(APP)))[0]).toBeNull();
    expect(said(await subject.gateway.get('/v1/books/b-1', from('https://new.example.org')))[0]).toBe('https://new.example.org');
  });
});
