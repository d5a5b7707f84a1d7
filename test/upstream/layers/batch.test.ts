import { describe, expect, it } from '@jest/globals';
import type { Call, Scope } from '../../../src/upstream/call.js';
import { batch } from '../../../src/upstream/batch.js';
import { Cancellation } from '../../../src/upstream/cancellation.js';
import { Below, all, answering, callOf, drained, fails, hasSettled, ok, request, shop, throwing } from './calls.js';

const quiet = batch(() => undefined);
const shelf = 'a';
const item = (id: string) => ({ id, title: `Title of ${id}`, price: 1 });
const get = (id: string, by: Scope, more: object = {}): Call => callOf(shop.getItem, { id, shelf, ...more }, by);
const listOf = (call: Call | undefined): unknown => call?.input['ids'];
const absent = { ok: false, failure: { kind: 'declared', error: 'itemNotFound', status: 404, operation: 'getItem' } };

/** Sends the calls of a naive loop into the layer. */
function loop(ids: readonly string[], by: Scope = request(), layer = quiet) {
  const below = new Below();
  const outcomes = ids.map((id) => layer(get(id, by), below.next));
  return { below, outcomes };
}

describe('a naive loop', () => {
  it('goes out as one call of the batch operation on the next microtask', async () => {
    const { below, outcomes } = loop(['i-1', 'i-2', 'i-3']);
    expect(below.calls).toEqual([]);
    await Promise.resolve();
    expect(below.calls).toHaveLength(1);
    expect(below.calls[0]).toMatchObject({
      endpoint: { id: 'shop.v1.listItems' },
      input: { ids: ['i-1', 'i-2', 'i-3'], shelf: 'a' },
      outgoing: { path: '/shelves/a/items?ids=i-1&ids=i-2&ids=i-3' },
      part: undefined,
    });
    below.lands(ok({ items: [item('i-3'), item('i-1'), item('i-2')] }));
    expect(await all(outcomes)).toMatchObject([{ value: item('i-1') }, { value: item('i-2') }, { value: item('i-3') }]);
  });

  it('goes out as one call for each chunk of the keys that the contract allows', async () => {
    const { below, outcomes } = loop(['i-1', 'i-2', 'i-3', 'i-4', 'i-5', 'i-6', 'i-7']);
    await drained();
    expect(below.calls.map(listOf)).toEqual([['i-1', 'i-2', 'i-3'], ['i-4', 'i-5', 'i-6'], ['i-7']]);
    below.lands(ok({ items: [item('i-7')] }), 2);
    expect(await outcomes[6]).toMatchObject({ value: item('i-7') });
    expect(await hasSettled(outcomes[0])).toBe(false);
    below.lands(ok({ items: ['i-1', 'i-2', 'i-3'].map(item) }), 0);
    below.lands(ok({ items: ['i-4', 'i-5', 'i-6'].map(item) }), 1);
    expect(await all(outcomes)).toMatchObject([1, 2, 3, 4, 5, 6, 7].map((n) => ({ value: item(`i-${n}`) })));
  });

  it('fills a chunk to its brim and opens no further one', async () => {
    const { below } = loop(['i-1', 'i-2', 'i-3', 'i-4', 'i-5', 'i-6']);
    await drained();
    expect(below.calls.map(listOf)).toEqual([
      ['i-1', 'i-2', 'i-3'],
      ['i-4', 'i-5', 'i-6'],
    ]);
  });

  it('asks for each key once, across chunks too', async () => {
    const ids = ['i-1', 'i-2', 'i-1', 'i-3', 'i-2', 'i-4', 'i-1'];
    const { below, outcomes } = loop(ids);
    await drained();
    expect(below.calls.map(listOf)).toEqual([['i-1', 'i-2', 'i-3'], ['i-4']]);
    below.lands(ok({ items: ['i-1', 'i-2', 'i-3'].map(item) }), 0);
    below.lands(ok({ items: [item('i-4')] }), 1);
    expect(await all(outcomes)).toMatchObject(ids.map((id) => ({ value: item(id) })));
  });

  it('gives each its own answer, of the status and headers of the batch', async () => {
    const { below, outcomes } = loop(['i-1', 'i-2']);
    await drained();
    const answer = { status: 203, headers: { age: '4' }, value: { items: [item('i-1'), item('i-2')] } };
    below.lands({ ok: true, value: answer.value, answer });
    expect(await all(outcomes)).toMatchObject([
      { ok: true, answer: { status: 203, headers: { age: '4' }, value: item('i-1') } },
      { ok: true, answer: { status: 203, headers: { age: '4' }, value: item('i-2') } },
    ]);
  });

  it('is matched in a bare list and by numbers as well', async () => {
    const below = new Below();
    const by = request();
    const outcomes = [1, 2, 3].map((no) => quiet(callOf(shop.getLot, { no }, by), below.next));
    await drained();
    expect(below.calls[0]?.input).toEqual({ numbers: [1, 2, 3] });
    below.lands(ok([{ no: 3 }, { no: 1 }]));
    expect(await all(outcomes)).toMatchObject([
      { value: { no: 1 } },
      { ok: false, failure: { error: 'itemNotFound' } },
      { value: { no: 3 } },
    ]);
  });
});

describe('what shares a batch', () => {
  it('has the same other input fields, in any order, an undefined one being none', async () => {
    const below = new Below();
    const by = request();
    void quiet(callOf(shop.getItem, { id: 'i-1', shelf, language: 'de' }, by), below.next);
    void quiet(callOf(shop.getItem, { language: 'de', shelf, id: 'i-2' }, by), below.next);
    void quiet(callOf(shop.getItem, { id: 'i-3', shelf }, by), below.next);
    void quiet(callOf(shop.getItem, { id: 'i-4', shelf, language: undefined }, by), below.next);
    void quiet(callOf(shop.getItem, { id: 'i-5', shelf: 'b' }, by), below.next);
    void quiet(callOf(shop.getItem, { id: 'i-6', shelf: 'b' }, by), below.next);
    await drained();
    expect(below.calls.map(({ input, outgoing }) => [input['ids'], input['shelf'], outgoing.headers])).toEqual([
      [['i-1', 'i-2'], 'a', { 'accept-language': 'de' }],
      [['i-3', 'i-4'], 'a', {}],
      [['i-5', 'i-6'], 'b', {}],
    ]);
  });

  it('is of one request, even under one request id', async () => {
    const below = new Below();
    for (const by of [request({ requestId: 'r', user: 'u-1' }), request({ requestId: 'r', user: 'u-1' })])
      for (const id of ['i-1', 'i-2']) void quiet(get(id, by), below.next);
    await drained();
    expect(below.calls.map(listOf)).toEqual([
      ['i-1', 'i-2'],
      ['i-1', 'i-2'],
    ]);
  });

  it('is of one operation', async () => {
    const below = new Below();
    const by = request();
    for (const no of [1, 2]) {
      void quiet(callOf(shop.getSeat, { no }, by), below.next);
      void quiet(callOf(shop.getLot, { no }, by), below.next);
    }
    await drained();
    expect(below.calls.map(({ endpoint, input }) => [endpoint.id, input])).toEqual([
      ['shop.v1.listSeats', { numbers: [1, 2] }],
      ['shop.v1.listLots', { numbers: [1, 2] }],
    ]);
  });

  it('is scheduled together: what comes a microtask later is a batch of its own', async () => {
    const below = new Below();
    const by = request();
    for (const id of ['i-1', 'i-2']) void quiet(get(id, by), below.next);
    await Promise.resolve();
    for (const id of ['i-3', 'i-4']) void quiet(get(id, by), below.next);
    await drained();
    expect(below.calls.map(listOf)).toEqual([
      ['i-1', 'i-2'],
      ['i-3', 'i-4'],
    ]);
    expect(by.batching.waiting.size).toBe(0);
  });
});

describe('one call', () => {
  it('goes out as the single operation when it is alone', async () => {
    const { below, outcomes } = loop(['i-1']);
    await drained();
    expect(below.calls[0]).toMatchObject({ endpoint: { id: 'shop.v1.getItem' }, outgoing: { path: '/items/i-1?shelf=a' } });
    below.lands(ok(item('i-1')));
    expect(await outcomes[0]).toEqual(ok(item('i-1')));
  });

  it('of an operation without a batch passes at once, without a promise', () => {
    const outcome = ok('cart');
    expect(
      quiet(
        callOf(shop.getCart, { name: 'a' }),
        answering(() => outcome),
      ),
    ).toBe(outcome);
  });

  it('without a key passes at once, without a promise', () => {
    const outcome = ok({ no: 1 });
    const by = request();
    for (let n = 0; n < 2; n++)
      expect(
        quiet(
          callOf(shop.getSeat, {}, by),
          answering(() => outcome),
        ),
      ).toBe(outcome);
  });

  it('passes at once where it says what the batch has no field for: it would get lost', async () => {
    const below = new Below();
    const by = request();
    for (const section of ['left', 'left', undefined, undefined])
      void quiet(callOf(shop.getSeat, { no: below.calls.length, section }, by), below.next);
    await drained();
    expect(below.calls.map(({ endpoint, input }) => [endpoint.operation.name, input])).toEqual([
      ['getSeat', { no: 0, section: 'left' }],
      ['getSeat', { no: 1, section: 'left' }],
      ['listSeats', { numbers: [2] }],
    ]);
  });

  it('after call warns after the third, once for each request and operation', async () => {
    const told: (readonly unknown[])[] = [];
    const layer = batch((endpoint, reader, calls) => told.push([endpoint.id, reader, calls]));
    const by = request();
    const next = answering(({ input }) => ok(input));
    for (let n = 1; n <= 6; n++) {
      await layer(get(`i-${n}`, by), next);
      await layer(get(`i-${n}`, request()), next); // each of them the only one of its request
      expect(told).toHaveLength(n > 3 ? 1 : 0);
    }
    expect(told).toEqual([['shop.v1.getItem', 'GET /v1/test', 4]]);
    for (let n = 1; n <= 4; n++) await layer(callOf(shop.getLot, { no: n }, by), next);
    expect(told.slice(1)).toEqual([['shop.v1.getLot', 'GET /v1/test', 4]]);
  });

  it('is not counted as one by one where it went out with others', async () => {
    const told: unknown[] = [];
    const layer = batch((endpoint) => told.push(endpoint));
    const by = request();
    const next = answering(() => ok({ items: [] }));
    for (let n = 0; n < 5; n++) await all([layer(get('i-1', by), next), layer(get('i-2', by), next)]);
    expect(told).toEqual([]);
  });
});

describe('a batch that is given up', () => {
  /** Two members, each to be stopped by its own. */
  async function pair() {
    const below = new Below();
    const by = request();
    const own = [new Cancellation(), new Cancellation()] as const;
    const outcomes = own.map((cancellation, i) => quiet(get(`i-${i}`, by).under(cancellation), below.next));
    await drained();
    return { below, own, outcomes };
  }

  it('goes on while one of its members is waited for', async () => {
    const { below, own, outcomes } = await pair();
    own[0].cancel('cancelled');
    expect(below.calls[0]?.cancellation.reason).toBeUndefined();
    below.lands(ok({ items: [item('i-1')] }));
    expect(await outcomes[1]).toMatchObject({ value: item('i-1') });
  });

  it.each(['cancelled', 'timeout'] as const)('stops with the last of them: %s', async (reason) => {
    const { below, own } = await pair();
    own[1].cancel('cancelled');
    own[0].cancel(reason);
    expect(below.calls[0]?.cancellation.reason).toBe(reason);
  });

  it('is stopped from the start where all have left before it closed', async () => {
    const below = new Below();
    const by = request();
    for (const id of ['i-1', 'i-2']) void quiet(get(id, by), below.next);
    by.cancellation.cancel('cancelled');
    await drained();
    expect(below.calls[0]?.cancellation.reason).toBe('cancelled');
  });
});

describe('a batch that fails', () => {
  it('gives each member the failure', async () => {
    const { below, outcomes } = loop(['i-1', 'i-2']);
    await drained();
    below.lands(fails('unreachable', shop.listItems));
    expect(await all(outcomes)).toEqual([fails('unreachable', shop.listItems), fails('unreachable', shop.listItems)]);
  });

  it('fails for one chunk alone', async () => {
    const { below, outcomes } = loop(['i-1', 'i-2', 'i-3', 'i-4']);
    await drained();
    below.lands(fails('busy', shop.listItems), 0);
    below.lands(ok({ items: [item('i-4')] }), 1);
    expect((await all(outcomes)).map(({ ok }) => ok)).toEqual([false, false, false, true]);
  });

  it.each([
    ['is thrown', (bug: Error) => throwing(bug)],
    ['rejects', (bug: Error) => () => Promise.reject(bug)],
  ])('by a bug that %s, gives it to each member and leaves no queue behind', async (_, next) => {
    for (const ids of [['i-1'], ['i-1', 'i-2']]) {
      const bug = new Error('a mistake');
      const by = request();
      const outcomes = ids.map((id) => quiet(get(id, by), next(bug)));
      const told = outcomes.map(async (outcome) => expect(outcome).rejects.toBe(bug));
      await Promise.all(told);
      expect(told).toHaveLength(ids.length);
      expect(by.batching.waiting.size).toBe(0);
    }
  });

  it('by a bug of who is told of single calls, gives it to the call', async () => {
    const bug = new Error('a mistake');
    const layer = batch(() => {
      throw bug;
    });
    const by = request();
    const next = answering(() => ok(1));
    for (let n = 0; n < 3; n++) await layer(get(`i-${n}`, by), next);
    await expect(layer(get('i-4', by), next)).rejects.toBe(bug);
  });

  it('goes nowhere where a shared field can`t stand in the batch`s path, and names the field', async () => {
    const below = new Below();
    const by = request();
    const outcomes = ['i-1', 'i-2'].map((id) => quiet(callOf(shop.getItem, { id, shelf: '..' }, by), below.next));
    for (const outcome of await all(outcomes))
      expect(outcome).toMatchObject({
        failure: {
          kind: 'contract',
          operation: 'listItems',
          fields: ['input.shelf'],
          message: 'input.shelf: expected a value, got a dot segment',
        },
      });
    expect(below.calls).toEqual([]);
  });
});

describe('a key that is missing from the answer', () => {
  it('is absent', async () => {
    const { below, outcomes } = loop(['i-1', 'i-2']);
    await drained();
    below.lands(ok({ items: [item('i-2')] }));
    expect(await all(outcomes)).toMatchObject([absent, { value: item('i-2') }]);
  });

  it('is absent beside entities that nobody asked for', async () => {
    const { below, outcomes } = loop(['i-1', 'i-2']);
    await drained();
    below.lands(ok({ items: [item('i-7'), item('i-2'), item('i-8')] }));
    expect(await all(outcomes)).toMatchObject([absent, { value: item('i-2') }]);
  });

  it.each([
    ['is missing', { title: 'x' }],
    ['is null', { ...item('i-1'), id: null }],
    ['is a number', { ...item('i-1'), id: 1 }],
    ['is an object', { ...item('i-1'), id: { is: 'i-1' } }],
    ['is no key of the contract', item('I-1')],
    ['stands in no object', 'i-1'],
    ['stands in nothing', null],
  ])('is not known to be absent where an entity`s key %s', async (_, broken) => {
    const { below, outcomes } = loop(['i-1', 'i-2']);
    await drained();
    below.lands(ok({ items: [broken, item('i-2')] }));
    expect(await all(outcomes)).toMatchObject([
      {
        ok: false,
        failure: {
          kind: 'contract',
          operation: 'listItems',
          fields: ['items.id'],
          message: 'shop v1 listItems broke its contract at items.id: expected a key to match by',
        },
      },
      { value: item('i-2') },
    ]);
  });

  it('is not known to be absent where a number is expected and a text comes', async () => {
    const below = new Below();
    const by = request();
    const outcomes = [1, 2].map((no) => quiet(callOf(shop.getLot, { no }, by), below.next));
    await drained();
    below.lands(ok([{ no: '1' }, { no: 2 }]));
    expect(await all(outcomes)).toMatchObject([{ failure: { kind: 'contract', fields: ['no'] } }, { value: { no: 2 } }]);
  });

  it('is not known to be absent where an entity has no key, even if a call may do without', async () => {
    const below = new Below();
    const by = request();
    const outcomes = [1, 2].map((no) => quiet(callOf(shop.getSeat, { no }, by), below.next));
    await drained();
    below.lands(ok([{}, { no: 2 }]));
    expect(await all(outcomes)).toMatchObject([{ failure: { kind: 'contract', fields: ['no'] } }, { value: { no: 2 } }]);
  });

  it.each([
    ['items', { items: { 'i-1': item('i-1') } }],
    ['items', { entries: [item('i-1')] }],
    ['items', [item('i-1')]],
    ['items', null],
    ['items', undefined],
  ])('is not known to be absent where there is no list at %s: %j', async (field, value) => {
    const { below, outcomes } = loop(['i-1', 'i-2']);
    await drained();
    below.lands(ok(value));
    for (const outcome of await all(outcomes)) expect(outcome).toMatchObject({ failure: { kind: 'contract', fields: [field] } });
  });

  it('is not known to be absent where the whole answer is no list', async () => {
    const below = new Below();
    const by = request();
    const outcomes = [1, 2].map((no) => quiet(callOf(shop.getLot, { no }, by), below.next));
    await drained();
    below.lands(ok({ lots: [{ no: 1 }] }));
    for (const outcome of await all(outcomes)) expect(outcome).toMatchObject({ failure: { kind: 'contract', fields: ['.'] } });
  });
});
