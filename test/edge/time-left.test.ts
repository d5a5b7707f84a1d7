import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { consumer, operation, product, route } from '#contracts/kernel/index.js';
import { composition } from '../../src/composition/composition.js';
import { fakeProduct } from '../fake-product.js';
import { type TestGateway, testGateway } from '../gateway.js';
import { openLibrary } from './library.js';

const kiosk = consumer('kiosk', {});

const BOOK = '{"id":"b-1","title":"Night Flight","year":1931,"author":{"name":"Antoine","born":1900}}';

/** What the kiosk sends of itself, and how long it waits. */
const waits = (gateway: TestGateway, ms: string): RequestInit => ({
  headers: { 'x-api-key': gateway.keyOf('kiosk'), 'x-request-timeout-ms': ms },
});

describe('a consumer that says how long it waits', () => {
  it.each(['/v1/books/b-1', '/products/library/v1/books/b-1'])('is answered by then, and the product hung up on: %s', async (path) => {
    await using subject = await openLibrary();
    const { gateway, books } = subject;
    books.hangs();
    const answer = gateway.get(path, waits(gateway, '120'));
    await books.arrived(1);
    gateway.clock.advance(120);
    expect(await answer).toMatchObject({ status: 504, body: { code: 'timeout' } });
    await books.hungUp(1);
    await gateway.clock.downTo(0);
  });

  it('has a product told so where nobody else can wait for the answer', async () => {
    await using subject = await openLibrary();
    await subject.gateway.get('/products/people/v2/readers/r-1', waits(subject.gateway, '120'));
    expect(subject.readers.calls[0]?.headers['x-request-timeout-ms']).toBe('120');
  });

  it('does not have a product told so where others may wait for the answer too: they get it when it has gone', async () => {
    await using subject = await openLibrary();
    const { gateway, books } = subject;
    const gone = Promise.withResolvers<void>();
    books.raw((_, response) => {
      void gone.promise.then(() => response.writeHead(200, { 'content-type': 'application/json' }).end(BOOK));
    });
    const hasty = gateway.get('/v1/books/b-1', waits(gateway, '120'));
    await books.arrived(1);
    const patient = gateway.get('/v1/books/b-1');
    await gateway.clock.waiting(3); // the attempt's deadline, and each request's
    gateway.clock.advance(120);
    expect(await hasty).toMatchObject({ status: 504 });
    gone.resolve();
    expect(await patient).toMatchObject({ status: 200 });
    expect(books.calls.map(({ headers }) => headers['x-request-timeout-ms'])).toEqual(['500']);
  });

  it('has products told what is left, not what there was', async () => {
    const bell = operation({ get: '/bell', input: z.object({ id: z.string() }), output: z.object({ id: z.string() }) });
    const tower = product('tower', 1, { bell });
    const twice = composition(route('GET /v1/twice', { input: z.object({}), output: z.object({}), parts: { bell: 'required' } }), {
      uses: { bell: tower.bell.reads({ id: true }) },
      async compose({ bell }) {
        await bell({ id: '1' });
        await bell({ id: '2' });
        return {};
      },
    });
    await using bells = await fakeProduct(tower);
    await using gateway = await testGateway({ products: [bells], compositions: [twice], consumers: [kiosk] });
    bells.raw((_, response) => {
      gateway.clock.advance(50);
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"id":"1"}');
    });
    expect(await gateway.get('/v1/twice', waits(gateway, '300'))).toMatchObject({ status: 200 });
    expect(bells.calls.map(({ headers }) => headers['x-request-timeout-ms'])).toEqual(['300', '250']);
  });

  it.each(['0', '-5', '1.5', '1e3', ' ', 'soon', '100 ms', '999999999'])(
    'is not understood where that is no number of milliseconds: %j',
    async (text) => {
      await using subject = await openLibrary();
      expect(await subject.gateway.get('/products/people/v2/readers/r-1', waits(subject.gateway, text))).toMatchObject({ status: 200 });
      expect(subject.readers.calls[0]?.headers['x-request-timeout-ms']).toBe('500');
    },
  );

  it('gets no more time than there is', async () => {
    await using subject = await openLibrary();
    const { gateway, readers } = subject;
    for (const path of ['/v1/books/b-1?reader=r-1', '/products/people/v2/readers/r-1']) {
      expect(await gateway.get(path, waits(gateway, '86400'))).toMatchObject({ status: 200 });
      expect(readers.calls.at(-1)?.headers['x-request-timeout-ms']).toBe('500');
    }
  });

  it('is not heard where nobody knows it', async () => {
    await using subject = await openLibrary();
    const { gateway, readers } = subject;
    const headers = { 'x-interline-consumer': 'kiosk', 'x-request-timeout-ms': '5' };
    await gateway.get('/products/people/v2/readers/r-1', { headers });
    expect(readers.calls.map((call) => call.headers['x-request-timeout-ms'])).toEqual(['500']);
  });

  it('does not undo a write that was sent: the caller is told in time, the product works on', async () => {
    await using subject = await openLibrary();
    const { gateway, books } = subject;
    books.hangs('addBook');
    const { headers } = waits(gateway, '100');
    const answer = gateway.get('/products/library/v1/books', {
      method: 'POST',
      headers: { ...(headers as Record<string, string>), 'content-type': 'application/json' },
      body: '{"title":"t","year":1931}',
    });
    await books.arrived(1);
    gateway.clock.advance(100);
    expect(await answer).toMatchObject({ status: 504, body: { code: 'timeout' } });
    expect(books.calls[0]?.hungUp).toBe(false);
    gateway.clock.advance(400);
    await books.hungUp(1);
  });
});
