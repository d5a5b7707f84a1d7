import { describe, expect, it } from '@jest/globals';
import { History, ProductsAnswer, Turned } from '../../src/ops/schemas.js';
import { overridesInMemory } from '../../src/policy/overrides.js';
import { openLibrary } from '../edge/library.js';
import { OpsPort } from './operator.js';

const FRESH = 'products.library.operations.getBook.cache.fresh';

const freshOf = async (ops: OpsPort): Promise<unknown> => (await ops.policy(FRESH)).knobs[0]?.value;

describe('history', () => {
  it('has every step with who and why, the latest first, and the same after a restart', async () => {
    const overrides = overridesInMemory();
    const first = await openLibrary({ overrides });
    const ops = new OpsPort(first.gateway.opsUrl);
    await ops.turn({ changes: { [FRESH]: '5s' }, reason: 'a busy evening', who: 'ada' });
    await ops.post('/ops/isolate', { product: 'people', isolated: true, reason: 'it burns', who: 'grace' });
    await ops.post('/ops/undo', { revision: 1, who: 'ada' });
    const { body } = await ops.ask('/ops/history');
    await first[Symbol.asyncDispose]();
    expect(History.parse(body).history).toMatchObject([
      { revision: 3, who: 'ada', reason: 'undo of 1: a busy evening', undoes: 1, changes: [{ path: FRESH, from: '5s', to: null }] },
      { revision: 2, who: 'grace', reason: 'it burns', isolated: [{ product: 'people', from: false, to: true }] },
      { revision: 1, who: 'ada', reason: 'a busy evening', changes: [{ path: FRESH, from: null, to: '5s' }] },
    ]);

    await using second = await openLibrary({ overrides });
    const after = History.parse((await new OpsPort(second.gateway.opsUrl).ask('/ops/history')).body);
    expect(after.history).toEqual(History.parse(body).history);
  });
});

describe('POST /ops/undo', () => {
  it('takes a step back, and an undo too', async () => {
    await using subject = await openLibrary();
    const ops = new OpsPort(subject.gateway.opsUrl);
    await ops.turn({ changes: { [FRESH]: '5s' }, reason: 'a test' });
    const told = await ops.post('/ops/undo', { revision: 1 }, { 'x-interline-operator': 'ada' });
    expect(told).toMatchObject({ status: 200, headers: { etag: `"${(await ops.policy()).revision}"` } });
    expect(Turned.parse(told.body).step).toMatchObject({ revision: 2, who: 'ada', undoes: 1 });
    expect(await freshOf(ops)).toBe('off');
    await ops.post('/ops/undo', { revision: 2 });
    expect(await freshOf(ops)).toBe('5s');
  });

  it.each([
    ['a step that never was', { revision: 7 }, 'missing', 'revision: expected a revision of the history, got 7'],
    [
      'a step that was taken back',
      { revision: 1 },
      'moved',
      `${FRESH}: expected what revision 1 made of it, it is no override by now: undo what came after first`,
    ],
    ['no step', {}, 'invalid', 'the request is not well formed'],
  ])('refuses %s', async (_, body, code, detail) => {
    await using subject = await openLibrary();
    const ops = new OpsPort(subject.gateway.opsUrl);
    await ops.turn({ changes: { [FRESH]: '5s' }, reason: 'a test' });
    await ops.post('/ops/undo', { revision: 1 });
    expect(await ops.post('/ops/undo', body)).toMatchObject({ status: 422, body: { code, detail } });
  });
});

describe('POST /ops/isolate', () => {
  it('cuts a product off before the next call, and brings it back', async () => {
    await using subject = await openLibrary();
    const { gateway, books, readers } = subject;
    const ops = new OpsPort(gateway.opsUrl);
    const isolate = (isolated: boolean) => ops.post('/ops/isolate', { product: 'library', isolated, reason: 'it burns', who: 'ada' });
    expect(await isolate(true)).toMatchObject({
      status: 200,
      body: { step: { isolated: [{ product: 'library', from: false, to: true }] } },
    });
    expect(await gateway.get('/v1/books/b-1')).toMatchObject({ status: 503, body: { code: 'open', product: 'library' } });
    expect(await gateway.get('/products/people/v2/readers/r-1')).toMatchObject({ status: 200 });
    expect([books.calls.length, readers.calls.length]).toEqual([0, 1]);
    const { products } = ProductsAnswer.parse((await ops.ask('/ops/products')).body);
    expect(products.map(({ product, isolated }) => [product, isolated])).toEqual([
      ['library', { who: 'ada', reason: 'it burns', at: '2026-11-20T12:00:00.000Z' }],
      ['people', null],
    ]);
    await isolate(false);
    expect(await gateway.get('/v1/books/b-1')).toMatchObject({ status: 200 });
  });

  it.each([
    ['an unknown product', { product: 'libary', isolated: true, reason: 'x' }, 'product', 'no such product (did you mean "library"?)'],
    ['no reason', { product: 'library', isolated: true }, 'reason', 'expected a text'],
    ['no decision', { product: 'library', isolated: 'yes', reason: 'x' }, 'isolated', 'expected true or false'],
  ])('refuses %s', async (_, body, path, message) => {
    await using subject = await openLibrary();
    const told = await new OpsPort(subject.gateway.opsUrl).post('/ops/isolate', body);
    expect(told).toMatchObject({ status: 422, body: { errors: [{ path, message }] } });
  });
});
