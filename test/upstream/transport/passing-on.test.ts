import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { operation, product } from '#contracts/kernel/index.js';
import { fakeProduct } from '../../fake-product.js';
import { testGateway } from '../../gateway.js';
import { oddHeaders } from './odd-headers.js';
import { ITEM, shop } from './rig.js';

const depot = product('depot', 1, {
  getShelf: operation({ get: '/shelves/{id}', input: z.object({ id: z.string() }), output: z.object({ id: z.string() }) }),
});

const raw = (status: string, lines: readonly string[], body: string): string =>
  [`HTTP/1.1 ${status}`, 'Content-Type: application/json', `Content-Length: ${Buffer.byteLength(body)}`, ...lines, '', body].join('\r\n');

/** The names of an answer's headers, without how old it is: that is the gateway's own word, worked out from the product's. */
const namesOf = ({ headers }: { readonly headers: Headers }): readonly string[] => [...headers.keys()].filter((name) => name !== 'age');

describe('what a product sends besides its answer', () => {
  it('never reaches a caller: the headers of the answer are the gateway’s own', async () => {
    expect(oddHeaders.length).toBeGreaterThan(60);
    await using product = await fakeProduct(shop);
    await using gateway = await testGateway({ products: [product] });
    for (const status of ['200 OK', '404 Not Found', '500 Internal Server Error']) {
      product.raw((_, response) => response.socket?.end(raw(status, [], ITEM)));
      const plain = await gateway.get('/products/shop/v1/items/i-1');
      product.raw((_, response) => response.socket?.end(raw(status, oddHeaders, ITEM)));
      const odd = await gateway.get('/products/shop/v1/items/i-1');
      expect([odd.status, ...namesOf(odd)]).toEqual([plain.status, ...namesOf(plain)]);
      expect(JSON.stringify([...odd.headers])).not.toMatch(/marker-4711|max-age/i);
    }
  });

  it('never reaches a caller where it comes alone', async () => {
    await using product = await fakeProduct(shop);
    await using gateway = await testGateway({ products: [product] });
    product.raw((_, response) => response.socket?.end(raw('200 OK', [], ITEM)));
    const plain = await gateway.get('/products/shop/v1/items/i-1');
    expect(plain).toMatchObject({ status: 200, body: { id: 'i-1' } });
    for (const line of oddHeaders) {
      product.raw((_, response) => response.socket?.end(raw('200 OK', [line], ITEM)));
      const { status, text, headers } = await gateway.get('/products/shop/v1/items/i-1');
      expect({ line, status, text, names: namesOf({ headers }) }).toEqual({
        line,
        status: 200,
        text: plain.text,
        names: namesOf(plain),
      });
      expect(JSON.stringify([...headers])).not.toMatch(/marker-4711|max-age/i);
    }
  });

  it('is not echoed where it is an error, or nothing that makes sense', async () => {
    await using product = await fakeProduct(shop);
    await using gateway = await testGateway({ products: [product] });
    const body = '{"code":"marker-4711","detail":"at Shop.getItem (/srv/marker-4711.js:7)","id":["marker-4711"]}';
    const statuses = [
      '400 Bad Request',
      '401 Unauthorized',
      '403 Forbidden',
      '404 Not Found',
      '409 Conflict',
      '422 Unprocessable Content',
      '429 Too Many Requests',
    ];
    for (const status of [...statuses, '500 marker-4711', '502 Bad Gateway', '503 Service Unavailable', '302 Found', '200 marker-4711']) {
      product.raw((_, response) => response.socket?.end(raw(status, [], body)));
      const got = await gateway.get('/products/shop/v1/items/i-1');
      expect({ status, got: got.status >= 400, type: got.headers.get('content-type') }).toMatchObject({
        status,
        got: true,
        type: expect.stringContaining('problem+json'),
      });
      expect(got.text).not.toContain('marker-4711');
    }
    product.raw((_, response) => response.socket?.end(raw('200 OK', [], `${body}marker-4711`)));
    expect((await gateway.get('/products/shop/v1/items/i-1')).text).not.toContain('marker-4711');
    product.raw((_, response) => response.socket?.end('marker-4711 is no HTTP\r\n\r\n'));
    expect((await gateway.get('/products/shop/v1/items/i-1')).text).not.toContain('marker-4711');
  });
});

describe('what a caller sends besides its input', () => {
  it('never goes to a product, but its trace and its id do', async () => {
    await using product = await fakeProduct(shop);
    product.answers('getItem', { id: 'i-1' });
    await using gateway = await testGateway({ products: [product] });
    const trace = '0af7651916cd43dd8448eb211c80319c';
    const odd = [
      'cookie',
      'x-forwarded-for',
      'x-forwarded-host',
      'forwarded',
      'via',
      'x-real-ip',
      'x-original-url',
      'x-rewrite-url',
      'x-http-method-override',
      'proxy-authorization',
      'referer',
      'origin',
      'user-agent',
      'range',
      'if-none-match',
      'accept',
      'accept-encoding',
      'tracestate',
      'baggage',
      'x-user-token',
      'x-interline-consumer',
      'x-request-timeout-ms',
      'cache-control',
      'pragma',
    ];
    const headers = {
      ...Object.fromEntries(odd.map((name) => [name, 'marker-4711'])),
      traceparent: `00-${trace}-b7ad6b7169203331-01`,
      'x-request-id': 'mine-1',
      'accept-language': 'sv',
    };
    expect(await gateway.get('/products/shop/v1/items/i-1', { headers })).toMatchObject({ status: 200 });
    const arrived = product.calls[0];
    expect(JSON.stringify(arrived?.headers)).not.toContain('marker-4711');
    expect(arrived?.headers).toMatchObject({
      authorization: 'Bearer key-of-shop',
      traceparent: expect.stringMatching(new RegExp(`^00-${trace}-[0-9a-f]{16}-01$`)),
      'x-request-id': 'mine-1',
      'x-request-timeout-ms': '500',
      'accept-language': 'sv',
    });
  });

  it('is refused in the query, and nothing is called', async () => {
    await using product = await fakeProduct(shop);
    await using gateway = await testGateway({ products: [product] });
    expect(await gateway.get('/products/shop/v1/items/i-1?debug=1')).toMatchObject({ status: 400 });
    expect(product.calls).toEqual([]);
  });

  it('has its trace and its id made where it sends none', async () => {
    await using product = await fakeProduct(shop);
    await using gateway = await testGateway({ products: [product] });
    await gateway.get('/products/shop/v1/items/i-1');
    expect(product.calls[0]?.headers).toMatchObject({
      traceparent: expect.stringMatching(/^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/),
      'x-request-id': expect.stringMatching(/^[0-9a-f]{32}$/),
      'x-request-timeout-ms': '500',
    });
  });
});

describe('a credential', () => {
  it('goes to its own product on every call, and to nobody else', async () => {
    await using first = await fakeProduct(shop);
    await using second = await fakeProduct(depot);
    await using gateway = await testGateway({ products: [first, second] });
    const answers: string[] = [];
    for (const break_ of [undefined, 401, 500] as const) {
      if (break_ !== undefined) for (const product of [first, second]) product.breaks(break_);
      for (const path of ['/products/shop/v1/items/i-1', '/products/depot/v1/shelves/s-1']) {
        const { text, headers } = await gateway.get(path);
        answers.push(text, JSON.stringify([...headers]));
      }
    }
    expect([first.calls.length, second.calls.length]).toEqual([3, 3]);
    for (const { headers } of first.calls) expect(headers.authorization).toBe('Bearer key-of-shop');
    for (const { headers } of second.calls) expect(headers.authorization).toBe('Bearer key-of-depot');
    const elsewhere = [...answers, JSON.stringify(gateway.log), await (await fetch(`${gateway.opsUrl}/metrics`)).text()].join('\n');
    expect(elsewhere).not.toMatch(/key-of-(shop|depot)/);
  });

  it('that a product refuses is 502, and an alarm that names the product', async () => {
    for (const status of [401, 403]) {
      await using product = await fakeProduct(shop);
      product.breaks(status);
      await using gateway = await testGateway({ products: [product] });
      expect(await gateway.get('/products/shop/v1/items/i-1')).toMatchObject({ status: 502, body: { code: 'refused', product: 'shop' } });
      expect(await gateway.metric('interline_credential_refused_total', { product: 'shop' })).toBe(1);
    }
  });

  it('is not at fault where a product refuses a call for another reason', async () => {
    await using product = await fakeProduct(shop);
    product.breaks(422);
    await using gateway = await testGateway({ products: [product] });
    expect(await gateway.get('/products/shop/v1/items/i-1')).toMatchObject({ status: 502, body: { code: 'refused' } });
    expect(await gateway.metric('interline_credential_refused_total')).toBe(0);
  });
});

describe('a product that asks to be called less', () => {
  it('is 503, and the caller is told when to come again', async () => {
    await using product = await fakeProduct(shop);
    product.raw((_, response) => response.writeHead(429, { 'retry-after': '7' }).end());
    await using gateway = await testGateway({ products: [product] });
    const { status, headers, body } = await gateway.get('/products/shop/v1/items/i-1');
    expect({ status, after: headers.get('retry-after'), body }).toMatchObject({
      status: 503,
      after: '7',
      body: { code: 'throttled', retryAfter: 7 },
    });
  });
});
