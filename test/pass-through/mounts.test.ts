import { describe, expect, it } from '@jest/globals';
import { type Library, openLibrary } from '../edge/library.js';
import { Monolith, ask } from './monolith.js';

/** The library, with a monolith mounted beside it. */
const openBeside = (monolith: Monolith, mount: string, more = ''): Promise<Library> =>
  openLibrary({ yaml: `  monolith: { urls: ['${monolith.url}/base'], passThrough: true, mount: ${mount} }\n${more}` });

describe('a product that is mounted at /', () => {
  it.each([
    ['GET', '/v1/books/b-1', 200],
    ['GET', '/v1/books/b-1?nonsense=1', 400],
    ['HEAD', '/v1/books/b-1', 200],
    ['GET', '/v1/%62ooks/b-1', 200],
    ['POST', '/v1/loans', 400],
    ['DELETE', '/v1/books/b-1', 405],
    ['OPTIONS', '/v1/loans', 204],
    ['GET', '/products/library/v1/books/b-1', 200],
    ['POST', '/products/library/v1/books/b-1', 405],
    ['GET', '/health/live', 200],
    ['GET', '/health/ready', 200],
    ['GET', '/openapi.json', 200],
    ['HEAD', '/openapi.json', 200],
    ['GET', '/docs', 200],
    ['GET', '/docs/init.js', 200],
    ['GET', '/docs/swagger-ui.css', 200],
  ])('has nothing of what the gateway answers: %s %s', async (method, path, status) => {
    await using monolith = await Monolith.listen((_, response) => response.writeHead(299).end());
    await using library = await openBeside(monolith, '/');
    expect([(await ask(library.gateway.url + path, method)).status, monolith.arrived]).toEqual([status, []]);
  });

  it('is asked for everything else, whatever it looks like', async () => {
    await using monolith = await Monolith.listen();
    await using library = await openBeside(monolith, '/');
    const ofRoutes = ['/', '/index.html', '/v1', '/v1/', '/v1/other', '/v2/books/b-1', '/V1/books/b-1', '/v1/books/b-1/', '//v1/books/b-1'];
    const ofProducts = ['/products', '/products/', '/products/other/x', '/products/library/v1/other', '/products/library/v2/books/b-1'];
    const ofPages = ['/health', '/healthz', '/health/live/x', '/openapi.yaml', '/docs/other.js', '/documents', '/metrics', '/ops/policy'];
    const paths = [...ofRoutes, ...ofProducts, ...ofPages];
    for (const path of paths) expect([path, (await ask(library.gateway.url + path)).status]).toEqual([path, 200]);
    expect(monolith.arrived.map(({ url }) => url)).toEqual(paths.map((path) => `/base${path}`));
    expect([library.books.calls, library.readers.calls]).toEqual([[], []]);
  });

  it('keeps its other address, and leaves more exact mounts to others', async () => {
    await using monolith = await Monolith.listen();
    await using shop = await Monolith.listen();
    await using library = await openBeside(monolith, '/', `  shop: { urls: ['${shop.url}'], passThrough: true, mount: /legacy }\n`);
    for (const path of ['/products/monolith/a', '/legacy/b', '/legacy', '/legacyx', '/products/shop/c', '/Legacy/d'])
      await ask(library.gateway.url + path);
    expect(monolith.arrived.map(({ url }) => url)).toEqual(['/base/a', '/base/legacyx', '/base/Legacy/d']);
    expect(shop.arrived.map(({ url }) => url)).toEqual(['/b', '/', '/c']);
  });
});

describe('a product that is mounted at /legacy', () => {
  it('is asked for what is below it alone', async () => {
    await using monolith = await Monolith.listen();
    await using library = await openBeside(monolith, '/legacy');
    const asked = async (path: string) => (await ask(library.gateway.url + path)).status;
    expect([await asked('/legacy/v1/books/b-1'), await asked('/legacy/health/live'), await asked('/legacy/')]).toEqual([200, 200, 200]);
    expect(monolith.arrived.map(({ url }) => url)).toEqual(['/base/v1/books/b-1', '/base/health/live', '/base/']);
    expect([await asked('/other'), await asked('/products/library/v1/other'), await asked('/v1/books/b-1')]).toEqual([404, 404, 200]);
    expect([await asked('/legacy/../v1/books/b-1'), await asked('/legacy/%2e%2e/v1/books/b-1')]).toEqual([400, 400]);
    expect([monolith.arrived.length, library.books.count('getBook')]).toEqual([3, 1]);
  });
});
