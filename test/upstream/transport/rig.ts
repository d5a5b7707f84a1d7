import { create } from 'axios';
import { z } from 'zod';
import { type AnyOperation, type Failure, operation, partOf, product } from '#contracts/kernel/index.js';
import { Credential } from '../../../src/policy/credential.js';
import { Snapshot } from '../../../src/policy/snapshot.js';
import type { Outcome } from '../../../src/upstream/answer.js';
import { Batching } from '../../../src/upstream/batch.js';
import { Call } from '../../../src/upstream/call.js';
import { Cancellation } from '../../../src/upstream/cancellation.js';
import { endpoints } from '../../../src/upstream/endpoint.js';
import { stack } from '../../../src/upstream/stack.js';
import { Target, type TargetOptions } from '../../../src/upstream/target.js';
import { handClock } from '../../hand-clock.js';
import { calmOperation } from '../../calm-policy.js';
import { layerState } from '../../layer-state.js';

/** What the upstreams of these tests promise. */
export const shop = product('shop', 1, {
  getItem: operation({
    get: '/items/{id}',
    input: z.object({ id: z.string(), language: z.string().optional() }),
    output: z.object({ id: z.string(), price: z.number().optional(), count: z.int().optional() }),
    headers: { language: 'accept-language' },
    errors: { itemNotFound: 404, itemGone: 410, outOfStock: 409, reserved: 409 },
    absent: 'itemNotFound',
  }),
  wait: operation({ get: '/wait', input: z.object({}), output: z.undefined(), errors: { tooLong: 408 } }),
  getAnything: operation({ get: '/anything', input: z.object({}), output: z.object({ value: z.json() }) }),
  getNothing: operation({ get: '/nothing', input: z.object({}), output: z.undefined() }),
  order: operation({ post: '/orders', input: z.object({ itemId: z.string() }), output: z.object({ id: z.string() }) }),
});

/** A good answer to `getItem`. */
export const ITEM = '{"id":"i-1"}';

/** Everything below the edge, over real sockets: the stack as it runs, on a clock moved by hand. */
export class Rig implements AsyncDisposable {
  readonly clock = handClock();
  readonly http = create();
  readonly target: Target;
  readonly #call: ReturnType<typeof stack>;
  readonly #endpoints: ReturnType<typeof endpoints>;
  readonly #snapshot: Snapshot;
  #serial = 0;

  constructor(urls: readonly string[], options: Partial<TargetOptions> & { readonly deadlineMs?: number } = {}) {
    const { deadlineMs = 500, ...reach } = options;
    this.target = new Target({
      urls,
      credential: new Credential('canary-of-shop'),
      connections: 4,
      connectTimeoutMs: 1000,
      maxAnswerBytes: 64 * 1024,
      ...reach,
    });
    const operations: readonly AnyOperation[] = Object.values(shop);
    this.#endpoints = endpoints(operations, () => this.target);
    this.#snapshot = new Snapshot(
      '1',
      operations.map(() => calmOperation(deadlineMs)),
      new Map(),
    );
    const deaf = { part: () => undefined, begins: () => undefined, ends: () => undefined };
    this.#call = stack({
      clock: this.clock,
      random: () => 0.5,
      http: this.http,
      observer: deaf,
      meter: deaf,
      oneByOne: () => undefined,
      state: layerState(this.clock),
    });
  }

  /** Makes one call, as a part of a request of its own. */
  async call(operation: AnyOperation, input: Readonly<Record<string, unknown>> = {}, cancellation = new Cancellation()): Promise<Outcome> {
    const endpoint = this.#endpoints.get(operation);
    if (!endpoint) throw new RangeError(operation.name);
    const outgoing = endpoint.write(input);
    if ('message' in outgoing) throw new TypeError(outgoing.message);
    const scope = {
      serial: ++this.#serial,
      requestId: `r-${this.#serial}`,
      traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`,
      identity: { consumer: undefined, user: undefined },
      reader: 'a test',
      snapshot: this.#snapshot,
      cancellation,
      deadlineAt: Infinity,
      budget: { spent: 0, limit: 10 },
      passage: {},
      batching: new Batching(),
    };
    return this.#call(new Call(endpoint, input, outgoing, scope, partOf(operation, true), cancellation));
  }

  /** Reads item `i-1`. */
  item(cancellation?: Cancellation): Promise<Outcome> {
    return this.call(shop.getItem, { id: 'i-1' }, cancellation);
  }

  /** Calls under way, as the choice of an address counts them. */
  get inFlight(): number {
    return this.target.addresses.reduce((sum, { inFlight }) => sum + inFlight, 0);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.target.close();
  }
}

/** The failure of an outcome, which has to be one. */
export function failureIn(outcome: Outcome): Failure {
  if (outcome.ok) throw new TypeError(`expected a failure, got ${JSON.stringify(outcome.value)}`);
  return outcome.failure;
}

/** The kind of failure that an outcome is, or `ok`. */
export const kindOf = (outcome: Outcome): string => (outcome.ok ? 'ok' : outcome.failure.kind);
