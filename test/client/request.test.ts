import { describe, expect, it } from '@jest/globals';
import { client } from '#contracts/client/index.js';
import { shop } from './contracts.js';
import { fakeGateway } from './fake-gateway.js';
import { handClock } from '../hand-clock.js';

const uses = { order: shop.getOrder.reads({ id: true }), place: shop.placeOrder.reads(true) };
const trace = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

describe('what goes out', () => {
  it('asks the gateway for the product and version of the contract, with nothing but the contract’s fields', async () => {
    await using gateway = await fakeGateway({ json: { id: 'o 1' } });
    await client({ consumer: 'pilot', baseUrl: `${gateway.baseUrl}//`, uses }).order({ id: 'o 1', fields: ['a', 'b&c'], language: 'sv' });
    const [seen] = gateway.seen;
    expect(seen).toMatchObject({ method: 'GET', url: '/products/new-pilot-shop/v2/orders/o%201?fields=a&fields=b%26c', body: '' });
    expect(seen?.headers).toMatchObject({ accept: 'application/json', 'accept-language': 'sv' });
    for (const absent of ['content-type', 'authorization', 'x-api-key', 'x-interline-consumer', 'traceparent', 'x-request-id', 'cookie'])
      expect(seen?.headers).not.toHaveProperty(absent);
  });

  it('sends the fields of a body as JSON, and says so', async () => {
    await using gateway = await fakeGateway({ status: 201, json: { id: 'o-0001' } });
    const answer = await client({ consumer: 'pilot', baseUrl: gateway.baseUrl, uses }).place({ customerId: 'u-0001', lines: ['i-0001'] });
    expect(answer).toEqual({ ok: true, value: { id: 'o-0001' } });
    expect(gateway.seen[0]).toMatchObject({
      method: 'POST',
      url: '/products/new-pilot-shop/v2/customers/u-0001/orders',
      body: '{"lines":["i-0001"]}',
      headers: { 'content-type': 'application/json' },
    });
  });

  it('sends the key of the consumer, and the request id of the call', async () => {
    await using gateway = await fakeGateway({ json: { id: 'o-0001' } });
    await client({ consumer: 'pilot', baseUrl: gateway.baseUrl, key: 'k-1', uses }).order({ id: 'o-0001' }, { requestId: 'r-1' });
    expect(gateway.seen[0]?.headers).toMatchObject({ 'x-api-key': 'k-1', 'x-request-id': 'r-1' });
    expect(gateway.seen[0]?.headers).not.toHaveProperty('authorization');
  });

  it('sends the token of the user, asked for at each call, or that of the call where it has one', async () => {
    await using gateway = await fakeGateway({ json: { id: 'o-0001' } });
    const tokens = ['t-1', 't-2', undefined];
    const { order } = client({ consumer: 'web', baseUrl: gateway.baseUrl, uses, token: () => tokens.shift() });
    for (let i = 0; i < 3; i++) await order({ id: 'o-0001' });
    await client({ consumer: 'web', baseUrl: gateway.baseUrl, uses, token: 't-3' }).order({ id: 'o-0001' });
    await client({ consumer: 'web', baseUrl: gateway.baseUrl, uses, token: 't-3' }).order({ id: 'o-0001' }, { token: 't-4' });
    expect(gateway.seen.map(({ headers }) => headers.authorization)).toEqual([
      'Bearer t-1',
      'Bearer t-2',
      undefined,
      'Bearer t-3',
      'Bearer t-4',
    ]);
  });

  it('hands on the trace of the client’s surroundings, or of the call where one is given', async () => {
    await using gateway = await fakeGateway({ json: { id: 'o-0001' } });
    const { order } = client({ consumer: 'pilot', baseUrl: gateway.baseUrl, uses, traceparent: () => trace });
    await order({ id: 'o-0001' });
    await order({ id: 'o-0001' }, { traceparent: trace.replace('0af7', '1af7') });
    expect(gateway.seen.map(({ headers }) => headers['traceparent'])).toEqual([trace, trace.replace('0af7', '1af7')]);
  });

  it('says how long the caller waits: by the client’s deadline, or the call’s where it has one', async () => {
    await using gateway = await fakeGateway({ json: { id: 'o-0001' } });
    const clock = handClock();
    const { order } = client({ consumer: 'pilot', baseUrl: gateway.baseUrl, uses, clock, deadlineMs: 500 });
    await order({ id: 'o-0001' });
    await order({ id: 'o-0001' }, { deadlineMs: 200.9 });
    await client({ consumer: 'pilot', baseUrl: gateway.baseUrl, uses, clock }).order({ id: 'o-0001' });
    expect(gateway.seen.map(({ headers }) => headers['x-request-timeout-ms'])).toEqual(['500', '200', '10000']);
  });

  it('keeps the name of the trace in a failure that no answer explains', async () => {
    await using gateway = await fakeGateway('drops the connection');
    const { order } = client({ consumer: 'pilot', baseUrl: gateway.baseUrl, uses, traceparent: () => trace });
    expect(await order({ id: 'o-0001' })).toMatchObject({ failure: { kind: 'unreachable', traceId: '0af7651916cd43dd8448eb211c80319c' } });
  });

  it.each([
    [{ id: '../admin' }, { in: 'path', path: 'id' }],
    [{ id: '..' }, { in: 'path', path: 'id' }],
    [
      { id: 'o-0001', language: 'sv\r\nx-evil: 1' },
      { in: 'header', path: 'accept-language' },
    ],
  ])('does not send %j, and says why', async (input, issue) => {
    await using gateway = await fakeGateway({ json: {} });
    expect(await client({ consumer: 'pilot', baseUrl: gateway.baseUrl, uses }).order(input)).toMatchObject({
      ok: false,
      error: 'failed',
      failure: { kind: 'refused', issues: [issue] },
    });
    expect(gateway.seen).toEqual([]);
  });

  it('does not follow a redirect, which could carry the key to another host', async () => {
    await using elsewhere = await fakeGateway({ json: { id: 'o-0001' } });
    await using gateway = await fakeGateway({ status: 307, headers: { location: elsewhere.baseUrl } });
    expect(await client({ consumer: 'pilot', baseUrl: gateway.baseUrl, key: 'k-1', uses }).order({ id: 'o-0001' })).toMatchObject({
      failure: { kind: 'malformed', status: 307 },
    });
    expect(elsewhere.seen).toEqual([]);
  });

  it('takes what a browser shows of a redirect for one', async () => {
    const { order } = client({ consumer: 'pilot', baseUrl: '/api', uses, fetch: async () => Response.error() });
    const answer = await order({ id: 'o-0001' });
    expect(answer).toMatchObject({ failure: { kind: 'malformed', message: expect.stringContaining('got a redirect') } });
    expect(answer).not.toHaveProperty('failure.status');
  });

  it('calls a fetch that is put in its place, on a path of the page’s own origin', async () => {
    const urls: string[] = [];
    const { order } = client({
      consumer: 'web',
      baseUrl: '/api',
      uses,
      fetch: async (url) => (urls.push(url), Response.json({ id: 'o-0001' })),
    });
    expect(await order({ id: 'o-0001' })).toEqual({ ok: true, value: { id: 'o-0001' } });
    expect(urls).toEqual(['/api/products/new-pilot-shop/v2/orders/o-0001']);
  });

  it('refuses at once to be made with an address or a key that can never work', () => {
    expect(() => client({ consumer: 'pilot', baseUrl: 'gateway:8080', uses })).toThrow(
      'client: baseUrl: expected an http(s) address or a path, got "gateway:8080"',
    );
    expect(() => client({ consumer: 'pilot', key: 'k\n1', baseUrl: '', uses })).toThrow('invalid header value');
  });
});
