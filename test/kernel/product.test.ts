import { describe, expect, it } from '@jest/globals';
import { batchOf, nameOf, operation, product, refuseErrors } from '#contracts/kernel/index.js';
import { z } from 'zod';
import { complaint } from './complaint.js';

const Item = z.object({ id: z.string(), title: z.string() });
const one = {
  get: '/items/{id}',
  input: z.object({ id: z.string() }),
  output: Item,
  errors: { itemNotFound: 404 },
  absent: 'itemNotFound',
} as const;
const many = {
  get: '/items',
  input: z.object({ ids: z.array(z.string()) }),
  output: z.object({ items: z.array(Item) }),
  batches: { one: 'getItem', each: 'id', list: 'ids', at: 'items', by: 'id', atMost: 100 },
} as const;
/** A contract as plain JavaScript could hand it in, past the compiler. */
const untyped = (terms: object): never => operation({ get: '/x', input: z.object({}), output: Item, ...terms }) as never;

describe('an operation', () => {
  it('is named by its product, and says what is true unless denied', () => {
    const { getItem } = product('new-pilot-shop', 3, { getItem: operation({ get: '/items/{id}', input: one.input, output: Item }) });
    expect(getItem).toMatchObject({
      product: 'new-pilot-shop',
      version: 3,
      name: 'getItem',
      status: 200,
      errors: {},
      absent: undefined,
      dependsOn: 'user',
      repeatable: true,
      batches: undefined,
    });
    expect(nameOf(getItem)).toBe('new-pilot-shop v3 getItem');
  });

  it.each(['post', 'put', 'patch', 'delete'] as const)('is not repeatable as a %s unless the contract says so', (method) => {
    const input = z.object({});
    const { said, unsaid } = product('shop', 1, {
      said: operation({ [method]: '/said', input, output: Item, repeatable: true }),
      unsaid: operation({ [method]: '/unsaid', input, output: Item }),
    });
    expect([said.repeatable, unsaid.repeatable]).toEqual([true, false]);
  });

  it('answers 204 where it has no output, and the status that it declares where it does', () => {
    const { drop, make } = product('shop', 1, {
      drop: operation({ delete: '/items/{id}', input: one.input, output: z.undefined() }),
      make: operation({ post: '/items', input: z.object({}), output: Item, status: 201 }),
    });
    expect([drop.status, make.status]).toEqual([204, 201]);
  });
});

describe('product', () => {
  it.each([
    ['no method', 'shop v2 getItem: expected exactly one of get, post, put, patch, delete with a path, got none', { get: undefined }],
    ['two methods', 'shop v2 getItem: expected exactly one of get, post, put, patch, delete with a path, got get and post', { post: '/x' }],
    ['a path field that the input has not', 'shop v2 getItem: path "/x/{id}" names {id}, which the input has not', { get: '/x/{id}' }],
    ['a path that is none', 'shop v2 getItem: path "x": expected it to begin with "/"', { get: 'x' }],
    [
      'an input that JSON has not',
      'shop v2 getItem: input at: a Date, which JSON has not: use z.iso.datetime()',
      { input: z.object({ at: z.date() }) },
    ],
    [
      'an output that JSON has not',
      'shop v2 getItem: output at: a Date, which JSON has not: use z.iso.datetime()',
      { output: z.object({ at: z.date() }) },
    ],
    [
      'a header that the input has not',
      'shop v2 getItem: headers name "language", which the input has not',
      { headers: { language: 'accept-language' } },
    ],
    ['an error that is none', 'shop v2 getItem: error "moved": expected a status from 400 to 599, got 301', { errors: { moved: 301 } }],
    [
      'an absent error that it has not',
      'shop v2 getItem: absent names "itemNotFond", which is not among its errors (did you mean "itemNotFound"?)',
      { errors: { itemNotFound: 404 }, absent: 'itemNotFond' },
    ],
    ['an absent error without errors', 'shop v2 getItem: absent names "gone", which is not among its errors', { absent: 'gone' }],
  ])('refuses an operation with %s, by product, version and operation', (_, message, terms) => {
    expect(complaint(() => product('shop', 2, { getItem: untyped(terms) }))).toBe(message);
  });

  it.each(['Shop', 'new_shop', 'shop-', '-shop', '2shop', 'new--shop', 'shop/x', ''])('refuses the product name "%s"', (name) => {
    expect(complaint(() => product(name, 1, {}))).toBe(`product "${name}": expected a name like "new-pilot-shop"`);
  });

  it.each([0, -1, 1.5, Number.NaN])('refuses the version %s', (version) => {
    expect(complaint(() => product('shop', version, {}))).toBe(`product "shop": expected a version from 1 on, got ${version}`);
  });

  it.each(['GetItem', 'get-item', 'get_item', '1st', 'getItem()'])('refuses the operation name "%s"', (name) => {
    expect(complaint(() => product('shop', 1, { [name]: untyped({}) }))).toBe(
      `shop v1: operation "${name}": expected a name like "listOrders"`,
    );
  });
});

describe('batches', () => {
  const listing =
    (terms: object, single: object = {}): (() => unknown) =>
    () =>
      product('shop', 1, { getItem: untyped({ ...one, ...single }), listItems: untyped({ ...many, ...terms }) });

  it('stand for the single operation of the same product and version', () => {
    const shop = product('shop', 1, { getItem: operation(one), listItems: operation(many) });
    const next = product('shop', 2, { getItem: operation(one) });
    expect(batchOf(shop.getItem, Object.values(shop))).toBe(shop.listItems);
    expect(batchOf(shop.listItems, Object.values(shop))).toBeUndefined();
    expect(batchOf(next.getItem, [...Object.values(shop), ...Object.values(next)])).toBeUndefined();
  });

  it.each([
    [
      'of an operation that is not there',
      listing({ batches: { ...many.batches, one: 'getItm' } }),
      'no operation "getItm" (did you mean "getItem"?)',
    ],
    [
      'of an operation without an absent error',
      listing({}, { absent: undefined }),
      '"getItem" needs an `absent` error, which a key missing from the answer stands for',
    ],
    ['of an operation that may not be repeated', listing({}, { repeatable: false }), 'both operations have to be repeatable'],
    ['that may not be repeated', listing({ repeatable: false }), 'both operations have to be repeatable'],
    ['whose answer is someone else`s', listing({ dependsOn: 'public' }), '"getItem" depends on user, this one on public'],
    [
      'that need what a single call does not have',
      listing({ input: z.object({ ids: z.array(z.string()), page: z.int() }) }),
      'input "page" has to be optional, since "getItem" has none to give it',
    ],
    ['of none', listing({ batches: { ...many.batches, atMost: 0 } }), 'atMost: expected 1 or more, got 0'],
    ['of a part of one', listing({ batches: { ...many.batches, atMost: 2.5 } }), 'atMost: expected 1 or more, got 2.5'],
  ])('are refused %s, by product, version and operation', (_, make, why) => {
    expect(complaint(make)).toBe(`shop v1 listItems batches: ${why}`);
  });
});

describe('two batches of one operation', () => {
  it('are refused: nobody could say which one goes out', () => {
    const twins = (): unknown =>
      product('shop', 1, { getItem: untyped(one), listItems: untyped(many), findItems: untyped({ ...many, get: '/find' }) });
    expect(complaint(twins)).toBe('shop v1 listItems batches: "getItem" has a batch already, findItems');
  });
});

describe('a declared error', () => {
  it.each([400, 404, 409, 451, 500, 599])('may have the status %s', (status) => {
    expect(refuseErrors({ orderGone: status })).toBeUndefined();
  });

  it.each([200, 302, 399, 600, 404.5, Number.NaN])('may not have the status %s', (status) => {
    expect(complaint(() => refuseErrors({ orderGone: status }))).toBe(
      `error "orderGone": expected a status from 400 to 599, got ${status}`,
    );
  });

  it.each(['failed', 'timeout', 'declared', 'open', 'cancelled'])('may not be called "%s", the name of a failure', (name) => {
    expect(complaint(() => refuseErrors({ [name]: 404 }))).toBe(`error "${name}": that is the name of a failure; choose another`);
  });
});
