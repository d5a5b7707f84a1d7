import { type Failure, nameOf } from '#contracts/kernel/index.js';
import type { Clock } from '../clock.js';
import { type Outcome, answered, failed } from '../upstream/answer.js';
import { breaker } from '../upstream/breaker.js';
import { bulkhead } from '../upstream/bulkhead.js';
import { Call, type Layer, type Scope } from '../upstream/call.js';
import type { Cancellation } from '../upstream/cancellation.js';
import { Attempt, deadline } from '../upstream/deadline.js';
import { type Endpoint, failureOf } from '../upstream/endpoint.js';
import { ExchangeError } from '../upstream/exchange-error.js';
import { limit } from '../upstream/limit.js';
import { type CallMeter, meter } from '../upstream/meter.js';
import { type CallObserver, observe } from '../upstream/observe.js';
import { build } from '../upstream/stack.js';
import type { LayerState } from '../upstream/state.js';
import { TIME_LEFT_HEADER } from '../upstream/transport.js';
import { BodyError, type Outbound, type Passed, exchange } from './exchange.js';

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
  readonly #layers: readonly Layer[];

  constructor({ endpoint, clock, observer, meter: calls, state }: ProductTerms) {
    this.#clock = clock;
    this.#reading = { ...endpoint, operation: { ...endpoint.operation, repeatable: true } };
    this.#writing = { ...endpoint, operation: { ...endpoint.operation, repeatable: false } };
    this.#layers = [
      observe(observer),
      breaker(state.breakers),
      limit(state.limits),
      bulkhead(state.bulkheads),
      meter(calls, clock),
      deadline(clock),
    ];
  }

  /**
   * Asks the product. An answer that flows is given as soon as it begins; its place and its deadline are its own to the end.
   * @throws BodyError where the request's body ended before its end
   */
  async ask(outbound: Outbound, scope: Scope, cancellation: Cancellation): Promise<Asked> {
    const begun = Promise.withResolvers<Asked>();
    const next = build(this.#layers, (call) => this.#forward(call, outbound, (answer) => begun.resolve({ ok: true, answer })));
    const { path, repeatable } = outbound;
    const endpoint = repeatable ? this.#reading : this.#writing;
    const call = new Call(endpoint, {}, { path, headers: {}, body: undefined }, scope, undefined, cancellation);
    const ended = async (): Promise<Asked> => {
      const outcome = await next(call);
      // With an answer it has begun, and that came first.
      return outcome.ok ? begun.promise : { ok: false, failure: outcome.failure };
    };
    return Promise.race([begun.promise, ended()]);
  }

  async #forward(
    { endpoint, scope, policy, cancellation }: Call,
    outbound: Outbound,
    answeredBy: (answer: Passed) => void,
  ): Promise<Outcome> {
    const { authorization } = endpoint.target;
    const headers = {
      ...outbound.headers,
      ...scope.passage,
      traceparent: scope.traceparent,
      'x-request-id': scope.requestId,
      [TIME_LEFT_HEADER]: String(Math.max(1, Math.floor(Math.min(policy.deadlineMs, scope.deadlineAt - this.#clock.now())))),
      ...(authorization === undefined ? {} : { authorization }),
    };
    const sent = (): void => {
      if (cancellation instanceof Attempt) cancellation.sent = true;
    };
    try {
      return judged(endpoint, await exchange(endpoint.target, { ...outbound, headers }, cancellation, { sent, answered: answeredBy }));
    } catch (error) {
      if (error instanceof BodyError)
        return failed(failureOf(endpoint, 'cancelled', 'the request was not sent to its end', { cause: error }));
      if (!(error instanceof ExchangeError)) throw error;
      return failed(failureOf(endpoint, error.kind, `${nameOf(endpoint.operation)} ${error.message}`, { cause: error.cause }));
    }
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
