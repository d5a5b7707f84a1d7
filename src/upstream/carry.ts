import type { Headers } from './answer.js';
import type { Cancellation, StopReason, Stoppable } from './cancellation.js';
import { Eventual } from './eventual.js';
import { ExchangeError, errorOf, stopped } from './exchange-error.js';
import { land } from './land.js';
import type { Address, Target } from './target.js';
import { type Controller, Handler } from './wire/client.js';

/** A request with nothing left to decide but the address. */
export interface Sending {
  readonly method: string;
  /** Path and query under the product's own prefix. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | AsyncIterable<Buffer> | undefined;
  /** Whether it may go out a second time, where a kept connection was closed just as it took it. */
  readonly repeatable: boolean;
}

/**
 * One HTTP exchange, without a stream or a body object for it: what all of them have in common. It settles once; it gives
 * up at once when the cancellation says so, and closes the socket then.
 */
export abstract class Exchange<R> extends Handler implements Stoppable {
  /** What comes of it. Rejects with an ExchangeError, or with what the request's body threw. */
  readonly reply = new Eventual<R>();
  /** What is sent, and whereto. */
  sending: Sending | undefined;
  target: Target | undefined;
  address: Address | undefined;
  /** Whether its connection carried another request before, and whether anything of an answer came. */
  #kept = false;
  #begun = false;
  #settled = false;
  protected controller: Controller | undefined;
  /** Of the answer itself, not of what came before it; 0 until there is one. */
  protected status = 0;
  protected headers: Headers = {};

  constructor(
    readonly cancellation: Cancellation,
    /** Is called when the request begins to go out. */
    readonly sent: () => void,
  ) {
    super();
  }

  /** The same exchange, begun anew. */
  abstract again(): Exchange<R>;

  /** The status and the headers are there. */
  protected abstract begin(): void;

  /** It failed: nobody is waiting for what came so far. */
  protected abstract drop(error: Error): void;

  /** Ends the exchange for a reason of ours. */
  stop(reason: StopReason): void {
    this.fail(stopped(reason));
  }

  onRequestStart(controller: Controller): void {
    // Given up while it waited for a connection: throwing takes the request back, aborting it would cost the connection.
    if (this.#settled) throw new Error('given up before it was sent');
    this.controller = controller;
    if (this.carrier) {
      this.#kept = this.carrier.used;
      this.carrier.used = true;
    }
    this.sent();
  }

  /** The first byte of an answer came. */
  onResponseStarted(): void {
    this.#begun = true;
  }

  onResponseStart(_: Controller, status: number, headers: Headers): void {
    if (status < 200) return;
    this.status = status;
    this.headers = headers;
    this.begin();
  }

  onResponseError(_: Controller | undefined, error: unknown): void {
    const { kind, message, cause } = errorOf(error, this.status !== 0);
    this.fail(new ExchangeError(kind, message, cause, this.#kept && !this.#begun));
  }

  get settled(): boolean {
    return this.#settled;
  }

  protected done(reply: R): void {
    if (this.#settled) return;
    this.#settle();
    land(this.reply, reply);
  }

  protected fail(error: Error): void {
    if (this.#settled) return;
    this.#settle();
    this.drop(error);
    const { sending, target, reply } = this;
    const repeats = error instanceof ExchangeError && error.stale && sending?.repeatable === true;
    queueMicrotask(() => (repeats && target ? reply.follow(once(target, sending, this.again())) : reply.reject(error)));
    this.controller?.abort(error);
  }

  #settle(): void {
    this.#settled = true;
    this.cancellation.off(this);
    if (this.address) this.address.inFlight--;
  }
}

/** Sends a request to the address with the fewest in flight. What a kept connection lost goes out once more, at once, where it may. */
export function carry<R>(target: Target, sending: Sending, exchange: Exchange<R>): Eventual<R> {
  exchange.sending = sending;
  exchange.target = target;
  return once(target, sending, exchange);
}

function once<R>(target: Target, { method, path, headers, body }: Sending, exchange: Exchange<R>): Eventual<R> {
  const { cancellation } = exchange;
  if (cancellation.reason !== undefined) {
    exchange.stop(cancellation.reason);
    return exchange.reply;
  }
  const address = target.leastInFlight();
  exchange.address = address;
  const { prefix, pool } = address;
  address.inFlight++;
  cancellation.on(exchange);
  try {
    pool.dispatch({ method, path: prefix + path, headers, body }, exchange);
  } catch (error) {
    exchange.onResponseError(undefined, error);
  }
  return exchange.reply;
}
