import { describe, expect, it } from '@jest/globals';
import { type ClientOptions, type Uses, client } from '#contracts/client/index.js';
import { fallback, optional } from '#contracts/kernel/index.js';
import { shop } from './contracts.js';
import { type FakeGateway, fakeGateway, problem } from './fake-gateway.js';

const order = shop.getOrder.reads({ id: true, lines: { price: true } });
const none = { id: 'o-0000', lines: [] };
const uses = {
  order,
  maybe: optional(order),
  standIn: fallback(order, none),
  place: shop.placeOrder.reads(true),
  forget: shop.forgetOrder.reads(true),
};
const given = { id: 'o-0001' };
const whole = { id: 'o-0001', total: 'wrong, but nobody reads it', lines: [{ sku: 7, price: 5 }] };

const pilot = (gateway: FakeGateway, more: Partial<ClientOptions<Uses>> = {}) =>
  client({ consumer: 'pilot', baseUrl: gateway.baseUrl, ...more, uses });

describe('what a call to a product gives', () => {
  it('gives the fields that are read and no others, wrong ones that nobody reads included', async () => {
    await using gateway = await fakeGateway({ json: whole });
    expect(await pilot(gateway).order(given)).toEqual({ ok: true, value: { id: 'o-0001', lines: [{ price: 5 }] } });
  });

  it('names the field that is read and broke the contract', async () => {
    await using gateway = await fakeGateway({ json: { ...whole, lines: [{ price: 5 }, { price: 'five' }] } });
    expect(await pilot(gateway).order(given)).toEqual({
      ok: false,
      error: 'failed',
      failure: {
        kind: 'contract',
        message: expect.stringContaining('new-pilot-shop v2 getOrder: lines.price: '),
        product: 'new-pilot-shop',
        status: 200,
        fields: ['lines.price'],
      },
    });
  });

  it('gives undefined for an operation without an output, whatever success says it', async () => {
    await using gateway = await fakeGateway({ status: 204 }, { status: 202, json: { queued: true } });
    const { forget } = pilot(gateway);
    expect(await forget(given)).toEqual({ ok: true, value: undefined });
    expect(await forget(given)).toEqual({ ok: true, value: undefined });
  });

  it('gives the problem of a declared error by its name and status', async () => {
    await using gateway = await fakeGateway(problem(409, 'orderLocked', { detail: 'Somebody edits it.' }));
    expect(await pilot(gateway).order(given)).toMatchObject({
      ok: false,
      error: 'orderLocked',
      status: 409,
      problem: { detail: 'Somebody edits it.' },
    });
  });

  it('gives undefined for an optional part where the product says that there is none, and the error for a required one', async () => {
    await using gateway = await fakeGateway(problem(404, 'orderNotFound'));
    expect(await pilot(gateway).maybe(given)).toEqual({ ok: true, value: undefined });
    expect(await pilot(gateway).order(given)).toMatchObject({ ok: false, error: 'orderNotFound', status: 404 });
  });

  it('does not take another 404 for "there is none"', async () => {
    await using gateway = await fakeGateway(
      problem(404, 'noSuchRoute'),
      { status: 404, text: '<h1>Not here</h1>' },
      problem(410, 'orderNotFound'),
    );
    const { maybe } = pilot(gateway);
    for (const status of [404, 404, 410])
      expect(await maybe(given)).toMatchObject({ ok: false, error: 'failed', failure: { kind: 'refused', status } });
  });

  it('gives the failure of an optional part as it is', async () => {
    await using gateway = await fakeGateway(problem(504, 'timeout', { product: 'new-pilot-shop' }));
    expect(await pilot(gateway).maybe(given)).toMatchObject({
      ok: false,
      error: 'failed',
      failure: { kind: 'timeout', product: 'new-pilot-shop', status: 504 },
    });
  });

  it('gives the fallback, with the failure that it stands in for', async () => {
    await using gateway = await fakeGateway({ json: whole }, problem(502, 'unreachable'), problem(409, 'orderLocked', { traceId: 'abc' }));
    const { standIn } = pilot(gateway);
    expect(await standIn(given)).toEqual({ ok: true, value: { id: 'o-0001', lines: [{ price: 5 }] } });
    expect(await standIn(given)).toMatchObject({ ok: true, value: none, failure: { kind: 'unreachable', status: 502 } });
    expect(await standIn(given)).toEqual({
      ok: true,
      value: none,
      failure: {
        kind: 'declared',
        error: 'orderLocked',
        status: 409,
        product: 'new-pilot-shop',
        message: 'A problem: orderLocked',
        traceId: 'abc',
      },
    });
    const left = await standIn(given, { signal: AbortSignal.abort() });
    expect(left).toMatchObject({ ok: false, error: 'failed', failure: { kind: 'cancelled' } });
  });
});

describe('what a failure says', () => {
  it('carries what the problem says', async () => {
    const said = { product: 'new-pilot-shop', part: 'orders', detail: 'The breaker is open.', retryAfter: 3, traceId: 'abc' };
    await using gateway = await fakeGateway(problem(503, 'open', said));
    expect(await pilot(gateway).place({ customerId: 'u-0001', lines: [] })).toEqual({
      ok: false,
      error: 'failed',
      failure: {
        kind: 'open',
        message: 'The breaker is open.',
        product: 'new-pilot-shop',
        part: 'orders',
        status: 503,
        retryAfter: 3,
        traceId: 'abc',
      },
    });
  });

  it('tells a wrong input by its issues', async () => {
    const issues = [{ in: 'path', path: 'id', message: 'expected an id like "o-0001"' }];
    await using gateway = await fakeGateway(problem(400, 'invalid', { errors: issues }));
    expect(await pilot(gateway).order(given)).toMatchObject({
      ok: false,
      error: 'failed',
      failure: { kind: 'refused', status: 400, issues },
    });
  });

  it.each([
    [{ status: 200, text: '<html>' }, 'malformed', 'expected JSON, got application/json'],
    [{ status: 200, text: '' }, 'contract', 'expected object'],
    [{ status: 302, headers: { location: '/elsewhere' } }, 'malformed', 'expected a success, got 302'],
    [{ status: 408, text: '' }, 'timeout', 'expected a success, got 408'],
    [{ status: 401, text: 'who?' }, 'refused', 'expected a success, got 401'],
    [{ status: 429, text: '' }, 'throttled', 'expected a success, got 429'],
    [{ status: 503, text: '' }, 'error', 'expected a success, got 503'],
    [{ status: 500, json: { not: 'a problem' } }, 'error', 'expected a success, got 500'],
    ['cuts the body off', 'malformed', 'expected a whole body'],
    ['drops the connection', 'unreachable', 'got no connection'],
  ] as const)('takes %j for %s', async (reply, kind, message) => {
    await using gateway = await fakeGateway(reply);
    expect(await pilot(gateway).order(given)).toMatchObject({
      ok: false,
      error: 'failed',
      failure: { kind, message: expect.stringContaining(message), product: 'new-pilot-shop' },
    });
    expect(gateway.seen).toHaveLength(1);
  });

  it('says unreachable where nobody listens', async () => {
    const gateway = await fakeGateway({ json: whole });
    await gateway[Symbol.asyncDispose]();
    expect(await pilot(gateway).order(given)).toMatchObject({
      ok: false,
      error: 'failed',
      failure: { kind: 'unreachable', cause: expect.anything() },
    });
  });
});

describe('straight on a product', () => {
  it('calls the path of the contract alone', async () => {
    await using product = await fakeGateway({ json: whole });
    await pilot(product, { at: 'product' }).order(given);
    expect(product.seen[0]?.url).toBe('/orders/o-0001');
  });

  it('shows its key and the user’s token as the gateway does', async () => {
    await using product = await fakeGateway({ json: whole });
    await pilot(product, { at: 'product', key: 'k-1', token: 't-1' }).order(given);
    expect(product.seen[0]?.headers).toMatchObject({ authorization: 'Bearer k-1', 'x-user-token': 't-1' });
    expect(product.seen[0]?.headers).not.toHaveProperty('x-api-key');
  });

  it('knows a declared error by its status, since the body of the error is the product’s own', async () => {
    await using product = await fakeGateway({ status: 404, json: { message: 'no such order' } });
    expect(await pilot(product, { at: 'product' }).order(given)).toEqual({ ok: false, error: 'orderNotFound', status: 404 });
    expect(await pilot(product, { at: 'product' }).maybe(given)).toEqual({ ok: true, value: undefined });
  });
});
