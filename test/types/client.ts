/** What the types of the client promise; compiled, never run. */
import { z } from 'zod';
import { type Client, client } from '#contracts/client/index.js';
import { type FailureKind, fallback, operation, optional, type PartState, product, route } from '#contracts/kernel/index.js';

const shop = product('shop', 1, {
  getOrder: operation({
    get: '/orders/{id}',
    input: z.object({ id: z.string(), currency: z.enum(['EUR', 'GBP']).default('EUR') }),
    output: z.object({ id: z.string(), note: z.string().nullable(), lines: z.array(z.object({ price: z.number(), sku: z.string() })) }),
    errors: { orderNotFound: 404, orderLocked: 409 },
    absent: 'orderNotFound',
  }),
  ping: operation({ get: '/ping', input: z.object({}), output: z.undefined() }),
});
const dashboard = route('GET /v1/students/{studentId}/dashboard', {
  input: z.object({ studentId: z.string(), limit: z.int().optional() }),
  output: z.object({ name: z.string(), orders: z.array(z.string()).nullable() }),
  errors: { studentNotFound: 404 },
  parts: { student: 'required', orders: 'optional' },
});

const order = shop.getOrder.reads({ id: true, lines: { price: true } });
const noOrder = { id: 'o-0000', lines: [] };
const calls = client({
  consumer: 'types',
  baseUrl: 'http://gateway',
  uses: { order, maybe: optional(order), standIn: fallback(order, noOrder), ping: shop.ping.reads(true), dashboard },
});
calls satisfies Client<{ order: typeof order }>;

// A part: the fields that are read, deeply read-only, and no others.
const answer = await calls.order({ id: 'o-0001' });
if (answer.ok) {
  answer.value.lines[0]?.price satisfies number | undefined;
  // @ts-expect-error `note` is not read
  void answer.value.note;
  // @ts-expect-error what is read is read-only
  answer.value.lines.push({ price: 1 });
} else if (answer.error === 'orderNotFound') {
  answer.status satisfies 404;
  answer.problem?.title satisfies string | undefined;
  // @ts-expect-error a declared error is not a failure
  void answer.failure;
} else if (answer.error === 'orderLocked') {
  answer.status satisfies 409;
} else {
  answer.error satisfies 'failed';
  answer.failure.kind satisfies FailureKind;
  // @ts-expect-error a failure has no value
  void answer.value;
}
// @ts-expect-error whether there is a value has to be asked first
void answer.value;
// @ts-expect-error no such error in the contract
void (!answer.ok && answer.error === 'orderMissing');

// Input: what the contract takes; a default may be left out.
void calls.order({ id: 'o-0001', currency: 'GBP' });
// @ts-expect-error the id is missing
void calls.order({});
// @ts-expect-error not a currency of the contract
void calls.order({ id: 'o-0001', currency: 'XXX' });
// @ts-expect-error the input has no such field
void calls.order({ id: 'o-0001', curency: 'EUR' });
// @ts-expect-error no such use
void calls.orders;
void calls.order({ id: 'o-0001' }, { signal: AbortSignal.abort(), deadlineMs: 500, traceparent: '', requestId: 'r' });

// Absence can't be ignored.
const maybe = await calls.maybe({ id: 'o-0001' });
if (maybe.ok) {
  // @ts-expect-error there may be none
  void maybe.value.lines;
  maybe.value?.lines.length satisfies number | undefined;
}

// A fallback always gives a value; only a caller who left gets none.
const standIn = await calls.standIn({ id: 'o-0001' });
if (standIn.ok) {
  standIn.value.lines.length satisfies number;
  standIn.failure?.kind satisfies FailureKind | undefined;
} else standIn.error satisfies 'failed';

// An operation without an output.
const ping = await calls.ping({});
if (ping.ok) ping.value satisfies undefined;
else ping.error satisfies 'failed';

// A route: its data, and the state of each part by the name that the contract lists.
const page = await calls.dashboard({ studentId: 'u-0001' });
if (page.ok) {
  page.data.name satisfies string;
  page.complete satisfies boolean;
  page.parts.orders satisfies PartState;
  if (page.parts.orders.state === 'failed') page.parts.orders.reason satisfies FailureKind;
  // @ts-expect-error the orders may be missing
  void page.data.orders.length;
  // @ts-expect-error no such part
  void page.parts.progress;
  // @ts-expect-error a route's answer has data, not a value
  void page.value;
} else if (page.error === 'studentNotFound') page.status satisfies 404;
else page.failure.part satisfies string | undefined;
// @ts-expect-error a path field of a route has to be given
void calls.dashboard({ limit: 5 });

// @ts-expect-error only parts and routes can be called: an operation does not say what is read of it
client({ consumer: 'types', baseUrl: '', uses: { order: shop.getOrder } });
// @ts-expect-error the caller has to say who it is
client({ baseUrl: '', uses: {} });
