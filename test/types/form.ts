// Compiled by `tsc`, never run: inference is the feature, so the compiler is the test.
import { z } from 'zod';
import { type Part, type Picked, fallback, operation, optional, product } from '#contracts/kernel/index.js';

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
type ValueOf<P> = P extends Part<infer _I, infer T, infer _E, infer _N> ? T : never;
type InputOf<P> = P extends Part<infer I, infer _T, infer _E, infer _N> ? I : never;
type ErrorsOf<P> = P extends Part<infer _I, infer _T, infer E, infer _N> ? E : never;
/** Compiles only where the value that a part gives is exactly `Expected`. */
const gives =
  <Expected>() =>
  <P>(_part: P & (Same<ValueOf<P>, Expected> extends true ? unknown : { readonly 'gives instead': ValueOf<P> })): void =>
    undefined;

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
const Order = z.object({
  id: z.string(),
  note: z.string().optional(),
  lines: z.array(z.object({ productId: z.string(), price: z.number(), taxes: z.array(z.object({ name: z.string(), rate: z.number() })) })),
  returns: z.array(z.object({ at: z.string(), why: z.string() })).nullable(),
  delivery: z.object({ city: z.string(), zip: z.string() }).nullable(),
  gift: z.object({ from: z.string(), text: z.string() }).optional(),
  payment: z.discriminatedUnion('kind', [
    z.object({
      kind: z.literal('card'),
      currency: z.enum(['EUR', 'SEK']),
      last4: z.string(),
      bank: z.object({ name: z.string(), code: z.string() }),
    }),
    z.object({ kind: z.literal('iban'), currency: z.enum(['EUR', 'SEK']), iban: z.string() }),
  ]),
  stock: z.record(z.string(), z.object({ left: z.int(), where: z.string() })),
  seats: z.record(z.enum(['left', 'right']), z.object({ row: z.int(), free: z.boolean() })),
  at: z.tuple([z.number(), z.number()]),
});
const shop = product('shop', 1, {
  getOrder: operation({
    get: '/orders/{id}',
    input: z.object({ id: z.string() }),
    output: Order,
    errors: { orderNotFound: 404, orderGone: 410 },
    absent: 'orderNotFound',
  }),
  listOrders: operation({
    get: '/orders',
    input: z.object({ customerId: z.string(), limit: z.int().default(20) }),
    output: z.array(Order),
  }),
  getPage: operation({ get: '/page', input: z.object({}), output: z.object({ root: Block }) }),
});
const { getOrder, listOrders, getPage } = shop;

// ── reads: the fields that are named, and no other ──────────────────────────────────────────────────────────────

gives<{ readonly id: string }>()(getOrder.reads({ id: true }));
gives<{ readonly lines: readonly { readonly price: number }[] }>()(getOrder.reads({ lines: { price: true } }));
gives<readonly { readonly id: string }[]>()(listOrders.reads({ id: true }));
gives<{ readonly lines: readonly { readonly taxes: readonly { readonly rate: number }[] }[] }>()(
  getOrder.reads({ lines: { taxes: { rate: true } } }),
);
gives<{ readonly at: readonly [number, number] }>()(getOrder.reads({ at: true }));

// @ts-expect-error no such field
getOrder.reads({ id: true, nope: true });
// @ts-expect-error no such field, a level down
getOrder.reads({ delivery: { city: true, country: true } });
// @ts-expect-error no such field, within a list
getOrder.reads({ lines: { price: true, cost: true } });
// @ts-expect-error no such field, three levels down
getOrder.reads({ lines: { taxes: { rate: true, nope: true } } });
// @ts-expect-error no such field within a record's values
getOrder.reads({ stock: { '*': { left: true, right: true } } });
// @ts-expect-error no such field within a recursive schema
getPage.reads({ root: { children: { children: { nope: true } } } });
// @ts-expect-error no such field in any arm of a union
getOrder.reads({ payment: { last4: true, pin: true } });
// @ts-expect-error a string has no fields
getOrder.reads({ id: { length: true } });
// @ts-expect-error a field is read or not named: false says nothing
getOrder.reads({ id: false });
// @ts-expect-error a list is looked through, its positions and its length are no fields
getOrder.reads({ lines: { length: true } });
// @ts-expect-error a field that was not declared is not in the value
(value: ValueOf<typeof ordersByCity>) => value.delivery?.zip;
const ordersByCity = getOrder.reads({ delivery: { city: true } });

// Absence in the contract stays absence in the value.
gives<{ readonly note?: string | undefined }>()(getOrder.reads({ note: true }));
gives<{ readonly gift?: { readonly text: string } | undefined }>()(getOrder.reads({ gift: { text: true } }));
gives<{ readonly delivery: { readonly city: string } | null }>()(ordersByCity);
gives<{ readonly returns: readonly { readonly why: string }[] | null }>()(getOrder.reads({ returns: { why: true } }));

// Records: all keys at once where they are open, each by its name where the contract names them.
gives<{ readonly stock: { readonly [x: string]: { readonly left: number } } }>()(getOrder.reads({ stock: { '*': { left: true } } }));
gives<{ readonly seats: { readonly left: { readonly row: number } } }>()(getOrder.reads({ seats: { left: { row: true } } }));
// @ts-expect-error the keys of an open record are the product's to choose: say '*'
getOrder.reads({ stock: { berlin: true } });
// @ts-expect-error an object's fields are named, not starred
getOrder.reads({ delivery: { '*': true } });

// Recursive schemas: walked only as far as the mask goes.
gives<{ readonly root: { readonly children: readonly { readonly kind: string }[] } }>()(
  getPage.reads({ root: { children: { kind: true } } }),
);
const wholePage = getPage.reads(true);
(page: ValueOf<typeof wholePage>) => page.root.children[0]?.children[0]?.children[0]?.kind satisfies string | undefined;

// ── unions: the discriminator is always read along, and nothing else is ─────────────────────────────────────────

gives<{ readonly payment: { readonly kind: 'card'; readonly last4: string } | { readonly kind: 'iban' } }>()(
  getOrder.reads({ payment: { last4: true } }),
);
gives<{
  readonly payment: { readonly kind: 'card'; readonly bank: { readonly name: string } } | { readonly kind: 'iban'; readonly iban: string };
}>()(getOrder.reads({ payment: { bank: { name: true }, iban: true } }));
const paid = getOrder.reads({ payment: { last4: true, iban: true } });
(order: ValueOf<typeof paid>) => (order.payment.kind === 'card' ? order.payment.last4 : order.payment.iban) satisfies string;
// @ts-expect-error `currency` is the same enum in both arms, so it is no discriminator and was not declared
(order: ValueOf<typeof paid>) => order.payment.currency;
// @ts-expect-error one arm's field is there only in that arm
(order: ValueOf<typeof paid>) => order.payment.last4;

type Ended = { ok: true; at: string; by: string } | { ok: false; why: string; by: string };
true satisfies Same<Picked<Ended, { at: true }>, { readonly ok: true; readonly at: string } | { readonly ok: false }>;
type Levels = { level: 1; a: string } | { level: 2; b: string };
true satisfies Same<Picked<Levels, { a: true }>, { readonly level: 1; readonly a: string } | { readonly level: 2 }>;
type Overlapping = { kind: 'a'; mode: 'x' | 'y'; one: string } | { kind: 'b'; mode: 'y' | 'z'; two: string };
true satisfies Same<Picked<Overlapping, { one: true }>, { readonly kind: 'a'; readonly one: string } | { readonly kind: 'b' }>;
type Alone = { kind: 'a'; one: string };
true satisfies Same<Picked<Alone, { one: true }>, { readonly one: string }>;

// ── values are deeply read-only ─────────────────────────────────────────────────────────────────────────────────

const whole = getOrder.reads(true);
(order: ValueOf<typeof whole>): void => {
  // @ts-expect-error a field
  order.id = 'o-0002';
  // @ts-expect-error a list
  order.lines.push({ productId: 'p', price: 1, taxes: [] });
  // @ts-expect-error a field within a list
  order.lines[0]!.price = 2;
  // @ts-expect-error a list within a list
  order.lines[0]!.taxes.length = 0;
  // @ts-expect-error a record's values
  order.stock['berlin']!.left = 0;
  // @ts-expect-error a record's keys
  delete order.stock['berlin'];
  // @ts-expect-error a tuple
  order.at[0] = 1;
  // @ts-expect-error behind a null
  order.delivery!.city = 'Bremen';
};

// ── parts: absence is in the type and can't be assigned away ────────────────────────────────────────────────────

const name = getOrder.reads({ id: true });
type Named = { readonly id: string };
name satisfies Part<{ id: string }, Named, { readonly orderNotFound: 404; readonly orderGone: 410 }, 'required'>;
true satisfies Same<InputOf<typeof name>, { id: string }>;
true satisfies Same<ErrorsOf<typeof name>, { readonly orderNotFound: 404; readonly orderGone: 410 }>;
true satisfies Same<InputOf<ReturnType<typeof listOrders.reads<true>>>, { customerId: string; limit?: number | undefined }>;

optional(name) satisfies Part<{ id: string }, Named, { readonly orderNotFound: 404; readonly orderGone: 410 }, 'optional'>;
// @ts-expect-error an optional part is not a required one
optional(name) satisfies Part<{ id: string }, Named, ErrorsOf<typeof name>, 'required'>;
// @ts-expect-error nor a required one optional: who reads it would look for an absence that never comes
name satisfies Part<{ id: string }, Named, ErrorsOf<typeof name>, 'optional'>;
// @ts-expect-error a part with a stand-in is neither
fallback(name, { id: 'none' }) satisfies Part<{ id: string }, Named, ErrorsOf<typeof name>, 'required'>;
// @ts-expect-error absence is said once
optional(optional(name));
// @ts-expect-error a part that may be missing needs no stand-in
fallback(optional(name), { id: 'none' });

fallback(name, { id: 'none' }) satisfies Part<{ id: string }, Named, ErrorsOf<typeof name>, 'fallback'>;
// @ts-expect-error the stand-in has the type of what is read
fallback(name, { id: 7 });
// @ts-expect-error all of what is read
fallback(name, {});
