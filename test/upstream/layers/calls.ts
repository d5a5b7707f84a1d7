import { z } from 'zod';
import { type AnyOperation, type AnyPart, type FailureKind, operation, product } from '#contracts/kernel/index.js';
import { type OperationPolicy, Snapshot } from '../../../src/policy/snapshot.js';
import { type Outcome, answered, failed } from '../../../src/upstream/answer.js';
import { Batching } from '../../../src/upstream/batch.js';
import { Call, type Identity, type Next, type Scope } from '../../../src/upstream/call.js';
import { Cancellation } from '../../../src/upstream/cancellation.js';
import { type Endpoint, endpoints, failureOf } from '../../../src/upstream/endpoint.js';
import { Target } from '../../../src/upstream/target.js';
import { calmOperation } from '../../calm-policy.js';

const Item = z.object({ id: z.string(), title: z.string(), price: z.number() });
const errors = { itemNotFound: 404 } as const;

/** A product with one operation of each sort that a layer can tell apart. */
export const shop = product('shop', 1, {
  getItem: operation({
    get: '/items/{id}',
    input: z.object({ id: z.string().regex(/^i-/), shelf: z.string().optional(), language: z.string().optional() }),
    headers: { language: 'accept-language' },
    output: Item,
    errors,
    absent: 'itemNotFound',
  }),
  listItems: operation({
    get: '/shelves/{shelf}/items',
    input: z.object({ ids: z.array(z.string()), shelf: z.string(), language: z.string().optional() }),
    headers: { language: 'accept-language' },
    output: z.object({ items: z.array(Item) }),
    batches: { one: 'getItem', each: 'id', list: 'ids', at: 'items', by: 'id', atMost: 3 },
  }),
  getLot: operation({
    get: '/lots/{no}',
    input: z.object({ no: z.int() }),
    output: z.object({ no: z.int() }),
    errors,
    absent: 'itemNotFound',
  }),
  listLots: operation({
    post: '/lots/search',
    repeatable: true,
    input: z.object({ numbers: z.array(z.int()) }),
    output: z.array(z.object({ no: z.int() })),
    batches: { one: 'getLot', each: 'no', list: 'numbers', by: 'no', atMost: 100 },
  }),
  getSeat: operation({
    get: '/seat',
    input: z.object({ no: z.int().optional(), section: z.string().optional() }),
    output: z.object({ no: z.int().optional() }),
    errors,
    absent: 'itemNotFound',
  }),
  listSeats: operation({
    post: '/seats/search',
    repeatable: true,
    input: z.object({ numbers: z.array(z.int()) }),
    output: z.array(z.object({ no: z.int() })),
    batches: { one: 'getSeat', each: 'no', list: 'numbers', by: 'no', atMost: 100 },
  }),
  getRate: operation({ get: '/rates/{name}', input: z.object({ name: z.string() }), output: z.json(), dependsOn: 'public' }),
  getTerms: operation({ get: '/terms/{name}', input: z.object({ name: z.string() }), output: z.json(), dependsOn: 'consumer' }),
  getCart: operation({ get: '/carts/{name}', input: z.object({ name: z.string() }), output: z.json() }),
  find: operation({
    post: '/find',
    repeatable: true,
    input: z.object({ text: z.string(), language: z.string().optional() }),
    headers: { language: 'accept-language' },
    output: z.json(),
  }),
  placeOrder: operation({ post: '/orders', input: z.object({ id: z.string() }), output: z.json() }),
});

const operations: readonly AnyOperation[] = Object.values(shop);
const nowhere = new Target({ urls: [], credential: undefined, connections: 1, connectTimeoutMs: 1, maxAnswerBytes: 1 });
const known = endpoints(operations, () => nowhere);

/** How long an attempt may take, in milliseconds. */
export const DEADLINE_MS = 500;

/** The endpoint of one of the shop's operations. */
export function endpointOf(operation: AnyOperation): Endpoint {
  const endpoint = known.get(operation);
  if (!endpoint) throw new RangeError(`no endpoint for ${operation.name}`);
  return endpoint;
}

/** A cancellation that says how many listen to it. */
export class WatchedCancellation extends Cancellation {
  readonly listeners = new Set<unknown>();

  override on(listener: Parameters<Cancellation['on']>[0]): void {
    if (this.reason === undefined) this.listeners.add(listener);
    super.on(listener);
  }

  override off(listener: Parameters<Cancellation['off']>[0]): void {
    this.listeners.delete(listener);
    super.off(listener);
  }
}

/** A request as a test sees it. */
export type Request = Scope & { readonly cancellation: WatchedCancellation };

let serial = 0;

/** One more request, unlike any other. */
export const request = (
  terms: Partial<Identity> & {
    readonly limit?: number;
    readonly revision?: string;
    readonly requestId?: string;
    readonly deadlineAt?: number;
    readonly policy?: Partial<OperationPolicy>;
  } = {},
): Request => ({
  serial: ++serial,
  requestId: terms.requestId ?? `r-${serial}`,
  traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00',
  identity: { consumer: terms.consumer, user: terms.user, issuer: terms.issuer, scopes: terms.scopes },
  reader: 'GET /v1/test',
  snapshot: new Snapshot(
    terms.revision ?? '1',
    operations.map(() => calmOperation(DEADLINE_MS, terms.policy)),
    new Map(),
  ),
  cancellation: new WatchedCancellation(),
  deadlineAt: terms.deadlineAt ?? Infinity,
  budget: { spent: 0, limit: terms.limit ?? 50 },
  passage: {},
  batching: new Batching(),
});

/** A call of a part, or of an operation's whole answer, made by a request. */
export function callOf(operation: AnyOperation, input: Readonly<Record<string, unknown>>, by: Scope = request(), part?: AnyPart): Call {
  const endpoint = endpointOf(operation);
  const outgoing = endpoint.write(input);
  if ('message' in outgoing) throw new TypeError(`${outgoing.path}: ${outgoing.message}`);
  return new Call(endpoint, input, outgoing, by, part, by.cancellation);
}

/** An answer with this value. */
export const ok = (value: unknown): Outcome => answered({ status: 200, headers: {}, value });

/** A failure of this kind. */
export const fails = (kind: FailureKind, operation: AnyOperation = shop.getCart): Outcome =>
  failed(failureOf(endpointOf(operation), kind, `it was ${kind}`));

/** What stands below the layer under test: it notes every call, and a test says what each comes to. */
export class Below {
  readonly calls: Call[] = [];
  readonly #waiting: { readonly land: (outcome: Outcome) => void; readonly crash: (bug: unknown) => void }[] = [];

  /** Waits for the test. */
  readonly next: Next = (call) => {
    this.calls.push(call);
    return new Promise((land, crash) => {
      this.#waiting.push({ land, crash });
    });
  };

  /** What a call comes to; the first one, unless another is named. */
  lands(outcome: Outcome, at = 0): void {
    this.#waiting[at]?.land(outcome);
  }

  /** A call rejects: a mistake in a layer. */
  crashes(bug: unknown, at = 0): void {
    this.#waiting[at]?.crash(bug);
  }
}

/** A `next` that answers at once, without a promise. */
export const answering =
  (make: (call: Call) => Outcome): Next =>
  (call) =>
    make(call);

/** A `next` that throws at once: a mistake in a layer. */
export const throwing =
  (bug: Error): Next =>
  () => {
    throw bug;
  };

/** Resolves when every microtask that is due has run: whatever can come without time passing has come. */
export const drained = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

/** What several calls come to, whether at once or later. */
export const all = (outcomes: readonly (Outcome | PromiseLike<Outcome>)[]): Promise<Outcome[]> =>
  Promise.all(outcomes.map((outcome) => Promise.resolve(outcome)));

/** Whether a promise has settled by now, as far as microtasks go. */
export async function hasSettled(promise: unknown): Promise<boolean> {
  let settled = false;
  const note = (): void => {
    settled = true;
  };
  void Promise.resolve(promise).then(note, note);
  await drained();
  return settled;
}
