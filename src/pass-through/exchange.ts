import { Readable } from 'node:stream';
import type { Dispatcher } from 'undici';
import type { Headers } from '../upstream/answer.js';
import type { Cancellation, StopReason } from '../upstream/cancellation.js';
import { Carried } from '../upstream/connection.js';
import { ExchangeError, errorOf, stopped } from '../upstream/exchange-error.js';
import type { Target } from '../upstream/target.js';

/** A request as it goes out to a product. */
export interface Outbound {
  readonly method: string;
  /** Path and query under the product's own prefix. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: AsyncIterable<Buffer> | undefined;
  /** Whether it may go out a second time, where a kept connection was closed just as it took it. */
  readonly repeatable: boolean;
}

/** What a product answered, its bytes as they came. One that is too large to be held, or that never ends, comes as it goes. */
export interface Passed {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Buffer | Readable;
}

/** Who is told how far an exchange is. */
export interface Progress {
  /** The request begins to go out. */
  sent(): void;
  /** There is an answer: whole, or on its way. */
  answered(answer: Passed): void;
}

/**
 * One exchange, byte by byte: nothing is decoded, no redirect followed, trailers and interim answers are left out.
 * @returns the answer, once the last byte of it has come
 * @throws ExchangeError, or what the request's body threw
 */
export function exchange(target: Target, outbound: Outbound, cancellation: Cancellation, progress: Progress): Promise<Passed> {
  const reply = once(target, outbound, cancellation, progress);
  if (!outbound.repeatable) return reply;
  return reply.catch((error: unknown) => {
    if (error instanceof ExchangeError && error.stale) return once(target, outbound, cancellation, progress);
    throw error;
  });
}

function once(target: Target, { method, path, headers, body }: Outbound, cancellation: Cancellation, progress: Progress): Promise<Passed> {
  if (cancellation.reason !== undefined) return Promise.reject(stopped(cancellation.reason));
  const address = target.leastInFlight();
  address.inFlight++;
  const reply = new Promise<Passed>((resolve, reject) => {
    const handler = new Handler(target.maxAnswerBytes, cancellation, progress, resolve, reject);
    cancellation.on(handler.stop);
    try {
      const { origin, prefix, pool } = address;
      pool.dispatch({ origin, path: prefix + path, method, headers, body: body ? Readable.from(body) : null }, handler);
    } catch (error) {
      handler.onResponseError(undefined, error);
    }
  });
  return reply.finally(() => {
    address.inFlight--;
  });
}

/** Answers that are read while they are written. */
const ENDLESS = /^text\/event-stream\b/i;

/** Collects one answer, or hands it on as it comes. */
class Handler extends Carried implements Dispatcher.DispatchHandler {
  #controller: Dispatcher.DispatchController | undefined;
  #status = 0;
  #headers: Headers = {};
  #held: Buffer[] = [];
  #bytes = 0;
  #flow: Readable | undefined;
  #settled = false;
  /** Whether its connection carried another request before. */
  #kept = false;
  #begun = false;

  constructor(
    readonly limit: number,
    readonly cancellation: Cancellation,
    readonly progress: Progress,
    readonly resolve: (answer: Passed) => void,
    readonly reject: (error: unknown) => void,
  ) {
    super();
  }

  /** Ends the exchange for a reason of ours. */
  readonly stop = (reason: StopReason): void => {
    this.#fail(stopped(reason));
  };

  onRequestStart(controller: Dispatcher.DispatchController): void {
    // Given up while it waited for a connection: throwing takes the request back, aborting it would cost the connection.
    if (this.#settled) throw new Error('given up before it was sent');
    this.#controller = controller;
    if (this.carrier) {
      this.#kept = this.carrier.used;
      this.carrier.used = true;
    }
    this.progress.sent();
  }

  /** The first byte of an answer came. */
  onResponseStarted(): void {
    this.#begun = true;
  }

  onResponseStart(_: Dispatcher.DispatchController, status: number, headers: Headers): void {
    if (status < 200) return;
    this.#status = status;
    this.#headers = headers;
    if (Number(headers['content-length']) > this.limit || ENDLESS.test(String(headers['content-type']))) this.#handOn();
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#bytes += chunk.length;
    if (!this.#flow) {
      this.#held.push(chunk);
      if (this.#bytes > this.limit) this.#handOn();
    } else if (!this.#flow.push(chunk)) controller.pause();
  }

  onResponseEnd(): void {
    if (this.#settled) return;
    this.#settle();
    const answer: Passed = { status: this.#status, headers: this.#headers, body: this.#flow ?? Buffer.concat(this.#held, this.#bytes) };
    if (this.#flow) this.#flow.push(null);
    else this.progress.answered(answer);
    this.resolve(answer);
  }

  onResponseError(_: Dispatcher.DispatchController | undefined, error: unknown): void {
    if (error instanceof BodyError) return this.#fail(error);
    const { kind, message, cause } = errorOf(error, this.#status !== 0);
    this.#fail(new ExchangeError(kind, message, cause, this.#kept && !this.#begun));
  }

  /** From now on whoever reads sets the pace, and ends the exchange by going away. */
  #handOn(): void {
    const flow = new Readable({
      read: () => this.#controller?.resume(),
      destroy: (error, done) => {
        this.stop('cancelled');
        done(error);
      },
    });
    flow.on('error', () => undefined); // whoever reads it is told; where nobody does, nobody needs to be
    for (const chunk of this.#held.splice(0)) flow.push(chunk);
    this.#flow = flow;
    this.progress.answered({ status: this.#status, headers: this.#headers, body: flow });
  }

  #fail(error: Error): void {
    if (this.#settled) return;
    this.#settle();
    this.#held = [];
    this.#flow?.destroy(error);
    this.reject(error);
    this.#controller?.abort(error);
  }

  #settle(): void {
    this.#settled = true;
    this.cancellation.off(this.stop);
  }
}

/** Why a request's body could not be sent to its end: no word about the product. */
export class BodyError extends Error {
  override readonly name = 'BodyError';
}
