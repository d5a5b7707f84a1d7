import { type Failure, type Outgoing, nameOf } from '#contracts/kernel/index.js';
import type { Clock } from '../clock.js';
import { type Outcome, answered, failed } from '../upstream/answer.js';
import { breaker } from '../upstream/breaker.js';
import { bulkhead } from '../upstream/bulkhead.js';
import { Call, type Layer, type Next, type Scope } from '../upstream/call.js';
import type { Cancellation } from '../upstream/cancellation.js';
import { Attempt, deadline } from '../upstream/deadline.js';
import { type Endpoint, failureOf } from '../upstream/endpoint.js';
import { Eventual, type Later, after } from '../upstream/eventual.js';
import { ExchangeError } from '../upstream/exchange-error.js';
import { land } from '../upstream/land.js';
import { limit } from '../upstream/limit.js';
import { type CallMeter, meter } from '../upstream/meter.js';
import { type CallObserver, observe } from '../upstream/observe.js';
import { build } from '../upstream/stack.js';
import type { LayerState } from '../upstream/state.js';
import { TIME_LEFT_HEADER } from '../upstream/transport.js';
import { BodyError, type Outbound, type Passed, type Progress, exchange } from './exchange.js';

/** What came of asking the product: its answer, whatever that says, or why there is none. */
export type Asked = { readonly ok: true; readonly answer: Passed } | { readonly ok: false; readonly failure: Failure };

/** What a product is asked through. */
export interface ProductTerms {
  readonly endpoint: Endpoint;
  readonly clock: Clock;
  readonly observer: CallObserver;
  readonly meter: CallMeter;
  readonly state: Pick<LayerState, 'breakers' | 'limits' | 'bulkheads'>;
}

/**
 * The way of a request to a product that has no contract: the layers that every call goes through and that need none, with
 * the same state, knobs and metrics. What stands on a contract is left out: reads, coalesce, batch, retry. The product's
 * answer goes on as it is; what the layers judge is its status.
 */
export class PassThroughProduct {
  readonly #clock: Clock;
  readonly #reading: Endpoint;
  readonly #writing: Endpoint;
  readonly #ask: Next;

  constructor({ endpoint, clock, observer, meter: calls, state }: ProductTerms) {
    this.#clock = clock;
    this.#reading = { ...endpoint, operation: { ...endpoint.operation, repeatable: true } };
    this.#writing = { ...endpoint, operation: { ...endpoint.operation, repeatable: false } };
    const layers: readonly Layer[] = [
      observe(observer),
      breaker(state.breakers),
      limit(state.limits),
      bulkhead(state.bulkheads),
      meter(calls, clock),
      deadline(clock),
    ];
    this.#ask = build(layers, (call) => this.#forward(call));
  }

  /**
   * Asks the product. An answer that flows is given as soon as it begins; its place and its deadline are its own to the end.
   * It fails with a BodyError where the request's body ended before its end.
   */
  ask(outbound: Outbound, scope: Scope, cancellation: Cancellation): Eventual<Asked> {
    const asked = new Eventual<Asked>();
    const endpoint = outbound.repeatable ? this.#reading : this.#writing;
    const call = new Call(endpoint, {}, new Passage(outbound, asked), scope, undefined, cancellation);
    const ended = (outcome: Outcome): void => {
      // With an answer it has begun, and that came first.
      if (!outcome.ok) asked.resolve({ ok: false, failure: outcome.failure });
    };
    try {
      void after(this.#ask(call), ended, (bug) => asked.reject(bug));
    } catch (bug) {
      asked.reject(bug);
    }
    return asked;
  }

  #forward({ endpoint, scope, policy, cancellation, outgoing }: Call): Outcome | Later {
    if (!(outgoing instanceof Passage)) throw new TypeError('expected a request that is handed through');
    const { outbound, asked } = outgoing;
    const { authorization } = endpoint.target;
    const headers: Record<string, string> = {
      ...outbound.headers,
      ...scope.passage,
      traceparent: scope.traceparent,
      'x-request-id': scope.requestId,
      [TIME_LEFT_HEADER]: String(Math.max(1, Math.floor(Math.min(policy.deadlineMs, scope.deadlineAt - this.#clock.now())))),
    };
    if (authorization !== undefined) headers['authorization'] = authorization;
    const progress: Progress = {
      sent() {
        if (cancellation instanceof Attempt) cancellation.sent = true;
      },
      answered: (answer) => land(asked, { ok: true, answer }),
    };
    return exchange(endpoint.target, { ...outbound, headers }, cancellation, progress).after<Outcome>(
      (answer) => judged(endpoint, answer),
      (error) => {
        if (error instanceof BodyError)
          return failed(failureOf(endpoint, 'cancelled', 'the request was not sent to its end', { cause: error }));
        if (!(error instanceof ExchangeError)) throw error;
        return failed(failureOf(endpoint, error.kind, `${nameOf(endpoint.operation)} ${error.message}`, { cause: error.cause }));
      },
    );
  }
}

/** What goes out with a call that is handed through, and who is told of its answer. */
class Passage implements Outgoing {
  readonly path: string;
  readonly headers = {};
  readonly body = undefined;

  constructor(
    readonly outbound: Outbound,
    readonly asked: Eventual<Asked>,
  ) {
    this.path = outbound.path;
  }
}

/** What an answer says of the product: an error of its own, that it asked to be called less, or that it is well. */
function judged(endpoint: Endpoint, { status, headers }: Passed): Outcome {
  const name = nameOf(endpoint.operation);
  const wait = Number(headers['retry-after'] ?? Number.NaN);
  if (status === 429 || (status === 503 && headers['retry-after'] !== undefined)) {
    const retryAfter = Number.isFinite(wait) && wait >= 0 ? Math.min(wait, LONGEST_WAIT) : 1;
    return failed(failureOf(endpoint, 'throttled', `${name} asked to be called less (${status})`, { status, retryAfter }));
  }
  if (status >= 500) return failed(failureOf(endpoint, 'error', `${name} answered ${status}`, { status }));
  return answered({ status, headers, value: undefined });
}

/** The longest wait, in seconds, that a product can ask for. */
const LONGEST_WAIT = 3600;
