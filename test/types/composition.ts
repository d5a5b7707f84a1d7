// Compiled by `tsc`, never run: inference is the feature, so the compiler is the test.
import { z } from 'zod';
import { fallback, operation, optional, product, route } from '#contracts/kernel/index.js';
import { type CompositionTerms, composition } from '../../src/composition/composition.js';
import type { Gather } from '../../src/composition/gather.js';

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
/** Compiles only where the value has exactly the type `Expected`. */
const is =
  <Expected>() =>
  <T>(_value: T & (Same<T, Expected> extends true ? unknown : { readonly 'is instead': T })): void =>
    undefined;

const User = z.object({ id: z.string(), name: z.string(), email: z.string() });
const auth = product('auth', 1, {
  getUser: operation({
    get: '/users/{id}',
    input: z.object({ id: z.string() }),
    output: User,
    errors: { userNotFound: 404, userLocked: 423 },
    absent: 'userNotFound',
  }),
  listUsers: operation({
    get: '/users',
    input: z.object({ ids: z.array(z.string()).max(100) }),
    output: z.object({ users: z.array(User) }),
    batches: { one: 'getUser', each: 'id', list: 'ids', at: 'users', by: 'id', atMost: 100 },
  }),
});
const Order = z.object({
  id: z.string(),
  customerId: z.string(),
  placedAt: z.iso.datetime(),
  note: z.string().optional(),
  lines: z.array(z.object({ productId: z.string(), quantity: z.int(), price: z.number() })),
  delivery: z.object({ city: z.string(), zip: z.string() }).nullable(),
  payment: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('card'), last4: z.string() }),
    z.object({ kind: z.literal('iban'), iban: z.string() }),
  ]),
  stock: z.record(z.string(), z.object({ left: z.int(), where: z.string() })),
});
const shop = product('new-pilot-shop', 1, {
  listOrders: operation({
    get: '/orders',
    input: z.object({ customerId: z.string(), limit: z.int().default(20) }),
    output: z.array(Order),
  }),
});
interface Block {
  id: string;
  kind: string;
  children: Block[];
}
const Block: z.ZodType<Block> = z.object({
  id: z.string(),
  kind: z.string(),
  get children() {
    return z.array(Block);
  },
});
const clickai = product('clickai', 1, {
  getSite: operation({ get: '/sites/{id}', input: z.object({ id: z.string() }), output: z.object({ id: z.string(), root: Block }) }),
});

// ── the whole form, as the design shows it ──────────────────────────────────────────────────────────────────────

const customerOrders = route('GET /v1/customers/{id}/orders', {
  input: z.object({ id: z.string() }),
  output: z.object({
    orders: z.array(z.object({ id: z.string(), buyer: z.string().nullable(), city: z.string().optional(), total: z.number() })),
  }),
  errors: { customerNotFound: 404 },
  parts: { orders: 'required', buyer: 'optional', site: 'optional' },
});

composition(customerOrders, {
  uses: {
    orders: shop.listOrders.reads({
      id: true,
      customerId: true,
      lines: { price: true, quantity: true },
      delivery: { city: true },
      payment: { kind: true, last4: true },
      stock: { '*': { left: true } },
    }),
    buyer: optional(auth.getUser.reads({ name: true })),
    site: optional(clickai.getSite.reads({ root: { children: { kind: true } } })),
  },
  async compose({ input, caller, signal, orders, buyer, site, gather, fail }) {
    is<{ id: string }>()(input);
    is<AbortSignal>()(signal);
    is<string | undefined>()(caller.user);
    const list = await orders({ customerId: input.id });
    if (list.length === 0) throw fail('customerNotFound');
    const { buyers, page } = await gather({
      buyers: list.map((order) => buyer({ id: order.customerId })),
      page: caller.user ? site({ id: 's-0001' }) : undefined,
    });
    is<({ readonly name: string } | undefined)[]>()(buyers);
    page?.root.children[0]?.kind satisfies string | undefined;
    return {
      orders: list.map((order, i) => {
        // @ts-expect-error `zip` was not declared, so it is neither in the type nor in the value
        order.delivery?.zip;
        // @ts-expect-error an optional part may be missing
        buyers[0].name;
        // @ts-expect-error what comes from a product is read-only: it may be shared by the cache
        order.lines.push({ price: 1, quantity: 1 });
        // @ts-expect-error and so is each of its fields
        order.id = 'o-0002';
        if (order.payment.kind === 'card') order.payment.last4 satisfies string;
        return {
          id: order.id,
          buyer: buyers[i]?.name ?? null,
          city: order.delivery?.city,
          total: order.lines.reduce((sum, line) => sum + line.quantity * line.price, 0),
        };
      }),
    };
  },
});

// ── uses: the route's parts by name and by need, each of them and no other ──────────────────────────────────────

const needs = route('GET /v1/needs/{id}', {
  input: z.object({ id: z.string() }),
  output: z.object({ ok: z.boolean() }),
  errors: { nobody: 404, closed: 409 },
  parts: { must: 'required', may: 'optional', stand: 'fallback' },
});
const user = auth.getUser.reads({ name: true });
const must = user;
const may = optional(user);
const stand = fallback(user, { name: 'nobody' });
const compose = () => Promise.resolve({ ok: true });

composition(needs, { uses: { must, may, stand }, compose });
// @ts-expect-error a part of the route is missing
composition(needs, { uses: { must, may }, compose });
// @ts-expect-error a part that the route does not list
composition(needs, { uses: { must, may, stand, more: may }, compose });
// @ts-expect-error an optional part where the route needs one
composition(needs, { uses: { must: may, may, stand }, compose });
// @ts-expect-error a required part where the route says that it may be missing
composition(needs, { uses: { must, may: must, stand }, compose });
// @ts-expect-error a part without its stand-in
composition(needs, { uses: { must, may, stand: must }, compose });
// @ts-expect-error an operation is no part: it says what it reads
composition(needs, { uses: { must: auth.getUser, may, stand }, compose });

// ── what compose is given ───────────────────────────────────────────────────────────────────────────────────────

composition(needs, {
  uses: { must, may, stand },
  async compose({ input, must, may, stand, fail }) {
    is<{ readonly name: string }>()(await must({ id: input.id }));
    is<{ readonly name: string } | undefined>()(await may({ id: input.id }));
    is<{ readonly name: string }>()(await stand({ id: input.id }));
    // @ts-expect-error an input field that the operation has not
    void must({ id: input.id, nope: true });
    // @ts-expect-error an input field of another type
    void must({ id: 7 });
    // @ts-expect-error an input field is missing
    void must({});
    // @ts-expect-error a part is called: what it gives has the fields, it has none
    void must.id;
    // @ts-expect-error an error that the route does not declare, though the part does
    fail('userNotFound');
    throw fail('closed');
  },
});
composition(needs, {
  uses: { must, may, stand },
  // @ts-expect-error a part that is not used
  compose: ({ other }) => Promise.resolve({ ok: Boolean(other) }),
});
const orders = route('GET /v1/orders', { input: z.object({}), output: z.object({}), parts: { orders: 'required' } });
composition(orders, {
  uses: { orders: shop.listOrders.reads({ id: true }) },
  async compose({ orders, fail }) {
    // What has a default in the contract may be left out of a call.
    await orders({ customerId: 'u-0001' });
    await orders({ customerId: 'u-0001', limit: 5 });
    // @ts-expect-error a route without errors has none to fail with
    fail('customerNotFound');
    return {};
  },
});

// ── errors: declared names on both sides, of required parts ─────────────────────────────────────────────────────

composition(needs, { uses: { must, may, stand }, errors: { must: { userNotFound: 'nobody', userLocked: 'closed' } }, compose });
composition(needs, { uses: { must, may, stand }, errors: { must: { userLocked: 'nobody' } }, compose });
composition(needs, { uses: { must, may, stand }, errors: {}, compose });
composition(needs, {
  uses: { must, may, stand },
  // @ts-expect-error an error that the operation does not declare
  errors: { must: { userGone: 'nobody' } },
  compose,
});
composition(needs, {
  uses: { must, may, stand },
  // @ts-expect-error an error that the route does not declare
  errors: { must: { userNotFound: 'nobodyHere' } },
  compose,
});
composition(needs, {
  uses: { must, may, stand },
  // @ts-expect-error no such part
  errors: { somebody: { userNotFound: 'nobody' } },
  compose,
});
composition(needs, {
  uses: { must, may, stand },
  // @ts-expect-error a part that may be missing fails no answer, so there is nothing to map
  errors: { may: { userNotFound: 'nobody' } },
  compose,
});
composition(needs, {
  uses: { must, may, stand },
  // @ts-expect-error nor does one with a stand-in
  errors: { stand: { userNotFound: 'nobody' } },
  compose,
});

// ── the output is the route's ───────────────────────────────────────────────────────────────────────────────────

// @ts-expect-error a field of another type
composition(needs, { uses: { must, may, stand }, compose: () => Promise.resolve({ ok: 'yes' }) });
// @ts-expect-error a field is missing
composition(needs, { uses: { must, may, stand }, compose: () => Promise.resolve({}) });
// @ts-expect-error no promise
composition(needs, { uses: { must, may, stand }, compose: () => ({ ok: true }) });
const named = route('GET /v1/named', {
  input: z.object({}),
  output: z.object({ names: z.array(z.string()) }),
  parts: { must: 'required', may: 'optional' },
});
composition(named, {
  uses: { must, may },
  // @ts-expect-error a merge that forgets absence does not compile
  compose: async ({ must, may }) => ({ names: [(await must({ id: 'u' })).name, (await may({ id: 'u' }))?.name] }),
});
composition(named, {
  uses: { must, may },
  compose: async ({ must, may }) => ({ names: [(await must({ id: 'u' })).name, (await may({ id: 'u' }))?.name ?? 'nobody'] }),
});
// What a product gave may be handed on as it is, read-only though it is.
composition(
  route('GET /v1/lines', {
    input: z.object({}),
    output: z.array(z.object({ lines: z.array(z.object({ price: z.number() })) })),
    parts: { orders: 'required' },
  }),
  {
    uses: { orders: shop.listOrders.reads({ lines: { price: true } }) },
    compose: async ({ orders }) => await orders({ customerId: 'u' }),
  },
);

// ── gather: parts, lists of parts, what was not called ──────────────────────────────────────────────────────────

type Terms = CompositionTerms<
  { id: string },
  { readonly ok: boolean },
  'nobody' | 'closed',
  typeof needs.parts,
  { must: typeof must; may: typeof may; stand: typeof stand }
>;
type Given = Parameters<Terms['compose']>[0];
type Name = { readonly name: string };
async ({ must, may, stand, gather }: Given, maybe: boolean): Promise<void> => {
  const got = await gather({
    one: must({ id: 'a' }),
    none: may({ id: 'a' }),
    other: stand({ id: 'a' }),
    list: ['a', 'b'].map((id) => must({ id })),
    gaps: ['a', 'b'].map((id) => may({ id })),
    some: ['a', 'b'].map((id) => (maybe ? must({ id }) : undefined)),
    when: maybe ? must({ id: 'a' }) : undefined,
    lists: maybe ? ['a', 'b'].map((id) => must({ id })) : undefined,
    never: undefined,
    two: [must({ id: 'a' }), may({ id: 'b' })],
    step: Promise.resolve(7),
  });
  is<Name>()(got.one);
  is<Name | undefined>()(got.none);
  is<Name>()(got.other);
  is<Name[]>()(got.list);
  is<(Name | undefined)[]>()(got.gaps);
  is<(Name | undefined)[]>()(got.some);
  is<Name | undefined>()(got.when);
  is<Name[] | undefined>()(got.lists);
  is<undefined>()(got.never);
  is<(Name | undefined)[]>()(got.two);
  is<number>()(got.step);
  // @ts-expect-error a key that was not gathered
  got.nothing;
  // @ts-expect-error a value is nothing that is under way
  await gather({ value: 7 });
  // @ts-expect-error nor is a part that was not called
  await gather({ must });
};
true satisfies Same<Given['gather'], Gather>;
