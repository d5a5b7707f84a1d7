// Compiled by `tsc`, never run: inference is the feature, so the compiler is the test.
import { z } from 'zod';
import { operation, product, route } from '#contracts/kernel/index.js';

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

const Item = z.object({ id: z.string(), title: z.string() });

// ── operations: names and fields are typed against the input, the output and the errors ─────────────────────────

const input = z.object({ id: z.string(), language: z.string().optional() });
operation({ get: '/x/{id}', input, output: Item, tags: ({ id }) => [`order:${id}`], headers: { language: 'accept-language' } });
// @ts-expect-error `absent` is one of the errors
operation({ get: '/x/{id}', input, output: Item, errors: { notFound: 404 }, absent: 'gone' });
// @ts-expect-error tags come from the input
operation({ get: '/x/{id}', input, output: Item, tags: ({ nope }) => [`order:${nope}`] });
// @ts-expect-error headers carry input fields
operation({ get: '/x/{id}', input, output: Item, headers: { nope: 'accept-language' } });
// @ts-expect-error an input is an object: its fields have to travel by name
operation({ get: '/x', input: z.string(), output: Item });
// @ts-expect-error an answer belongs to everybody, to a consumer or to a user
operation({ get: '/x/{id}', input, output: Item, dependsOn: 'nobody' });

// ── batches: typed against both operations ──────────────────────────────────────────────────────────────────────

const getItem = operation({
  get: '/items/{id}',
  input: z.object({ id: z.string() }),
  output: Item,
  errors: { itemNotFound: 404 },
  absent: 'itemNotFound',
});
const ids = z.object({ ids: z.array(z.string()) });
const items = z.object({ items: z.array(Item), total: z.int() });

product('catalog', 1, {
  getItem,
  listItems: operation({
    get: '/items',
    input: ids,
    output: items,
    batches: { one: 'getItem', each: 'id', list: 'ids', at: 'items', by: 'id', atMost: 100 },
  }),
  // The answer itself may be the list, and the list may be optional in the input.
  plainItems: operation({
    get: '/plain',
    input: ids.partial(),
    output: z.array(Item),
    batches: { one: 'getItem', each: 'id', list: 'ids', by: 'id', atMost: 100 },
  }),
});
product('catalog', 1, {
  getItem,
  // @ts-expect-error no such operation
  listItems: operation({
    get: '/items',
    input: ids,
    output: items,
    batches: { one: 'getItems', each: 'id', list: 'ids', at: 'items', by: 'id', atMost: 100 },
  }),
});
product('catalog', 1, {
  getItem,
  // @ts-expect-error the single operation has no such input field
  listItems: operation({
    get: '/items',
    input: ids,
    output: items,
    batches: { one: 'getItem', each: 'key', list: 'ids', at: 'items', by: 'id', atMost: 100 },
  }),
});
product('catalog', 1, {
  getItem,
  // @ts-expect-error this input has no such list
  listItems: operation({
    get: '/items',
    input: ids,
    output: items,
    batches: { one: 'getItem', each: 'id', list: 'keys', at: 'items', by: 'id', atMost: 100 },
  }),
});
product('catalog', 1, {
  getItem,
  // @ts-expect-error the list takes other values than the single operation
  listItems: operation({
    get: '/items',
    input: z.object({ ids: z.array(z.number()) }),
    output: items,
    batches: { one: 'getItem', each: 'id', list: 'ids', at: 'items', by: 'id', atMost: 100 },
  }),
});
product('catalog', 1, {
  getItem,
  // @ts-expect-error no list: a single value
  listItems: operation({
    get: '/items',
    input: z.object({ ids: z.string() }),
    output: items,
    batches: { one: 'getItem', each: 'id', list: 'ids', at: 'items', by: 'id', atMost: 100 },
  }),
});
product('catalog', 1, {
  getItem,
  // @ts-expect-error no such field in the answer
  listItems: operation({
    get: '/items',
    input: ids,
    output: items,
    batches: { one: 'getItem', each: 'id', list: 'ids', at: 'goods', by: 'id', atMost: 100 },
  }),
});
product('catalog', 1, {
  getItem,
  // @ts-expect-error no list there in the answer
  listItems: operation({
    get: '/items',
    input: ids,
    output: items,
    batches: { one: 'getItem', each: 'id', list: 'ids', at: 'total', by: 'id', atMost: 100 },
  }),
});
product('catalog', 1, {
  getItem,
  // @ts-expect-error the answer is no list itself, so it has to say where the list stands
  listItems: operation({
    get: '/items',
    input: ids,
    output: items,
    batches: { one: 'getItem', each: 'id', list: 'ids', by: 'id', atMost: 100 },
  }),
});
product('catalog', 1, {
  getItem,
  // @ts-expect-error no such key in an entity
  listItems: operation({
    get: '/items',
    input: ids,
    output: items,
    batches: { one: 'getItem', each: 'id', list: 'ids', at: 'items', by: 'key', atMost: 100 },
  }),
});
product('catalog', 1, {
  getItem,
  // @ts-expect-error the key of an entity is no such value as the single operation takes: it could never match
  listItems: operation({
    get: '/items',
    input: ids,
    output: z.object({ items: z.array(Item.extend({ no: z.int() })) }),
    batches: { one: 'getItem', each: 'id', list: 'ids', at: 'items', by: 'no', atMost: 100 },
  }),
});
product('catalog', 1, {
  getItem,
  // @ts-expect-error the entities do not fit what the single operation gives
  listItems: operation({
    get: '/items',
    input: ids,
    output: z.object({ items: z.array(Item.omit({ title: true })) }),
    batches: { one: 'getItem', each: 'id', list: 'ids', at: 'items', by: 'id', atMost: 100 },
  }),
});

// ── routes: the parts' names and needs, and the errors' names, are literal ──────────────────────────────────────

const orders = route('GET /v1/customers/{id}/orders', {
  input: z.object({ id: z.string() }),
  output: z.object({ orders: z.array(z.object({ id: z.string() })) }),
  errors: { customerNotFound: 404 },
  parts: { orders: 'required', buyer: 'optional', site: 'fallback' },
});
true satisfies Same<typeof orders.parts, { readonly orders: 'required'; readonly buyer: 'optional'; readonly site: 'fallback' }>;
true satisfies Same<typeof orders.errors, { readonly customerNotFound: 404 }>;
// @ts-expect-error a part is required, optional or has a fallback
route('GET /v1/x', { input: z.object({}), output: z.object({}), parts: { orders: 'maybe' } });
// @ts-expect-error headers carry input fields
route('GET /v1/x', { input: z.object({ q: z.string() }), output: z.object({}), parts: {}, headers: { nope: 'accept-language' } });
