import type { Dispatcher } from 'undici';
import type { Headers, Reply } from './answer.js';
import { Body } from './body.js';
import type { Cancellation, StopReason } from './cancellation.js';
import { Carried } from './connection.js';
import { ExchangeError, errorOf, stopped, tooLarge } from './exchange-error.js';
import type { Target } from './target.js';

/** A request with nothing left to decide but the address. */
export interface Request {
  readonly method: string;
  /** Path and query under the product's own prefix. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  /** Whether it may go out a second time, where a kept connection was closed just as it took it. */
  readonly repeatable: boolean;
}

/**
 * One HTTP exchange on undici's `dispatch`: no stream, no body object. Never follows a redirect. Gives up at once when
 * the cancellation says so, and closes the socket then. What a kept connection lost goes out once more, at once.
 * @param sent is called when the request begins to go out
 * @throws ExchangeError, and nothing else
 */
export function exchange(target: Target, request: Request, cancellation: Cancellation, sent: () => void): Promise<Reply> {
  const reply = once(target, request, cancellation, sent);
  if (!request.repeatable) return reply;
  return reply.catch((error: unknown) => {
    if (error instanceof ExchangeError && error.stale) return once(target, request, cancellation, sent);
    throw error;
  });
}

function once(target: Target, request: Request, cancellation: Cancellation, sent: () => void): Promise<Reply> {
  if (cancellation.reason !== undefined) return Promise.reject(stopped(cancellation.reason));
  const address = target.leastInFlight();
  address.inFlight++;
  const reply = new Promise<Reply>((resolve, reject) => {
    const handler = new Handler(target.maxAnswerBytes, cancellation, sent, resolve, reject);
    cancellation.on(handler.stop);
    try {
      address.pool.dispatch(
        {
          origin: address.origin,
          path: address.prefix + request.path,
          method: request.method,
          headers: request.headers,
          body: request.body ?? null,
        },
        handler,
      );
    } catch (error) {
      handler.onResponseError(undefined, error);
    }
  });
  return reply.finally(() => {
    address.inFlight--;
  });
}

/** Collects one reply. */
class Handler extends Carried implements Dispatcher.DispatchHandler {
  #controller: Dispatcher.DispatchController | undefined;
  #status = 0;
  #headers: Headers = {};
  #body: Body | undefined;
  #settled = false;
  /** Whether its connection carried another request before. */
  #kept = false;
  #begun = false;

  constructor(
    readonly limit: number,
    readonly cancellation: Cancellation,
    readonly sent: () => void,
    readonly resolve: (reply: Reply) => void,
    readonly reject: (error: ExchangeError) => void,
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
    this.sent();
  }

  /** The first byte of an answer came. */
  onResponseStarted(): void {
    this.#begun = true;
  }

  onResponseStart(_: Dispatcher.DispatchController, status: number, headers: Headers): void {
    if (status < 200) return;
    this.#status = status;
    this.#headers = headers;
    this.#body = new Body(headers['content-encoding'], this.limit, (error) => this.#fail(error));
    if (Number(headers['content-length']) > this.limit) this.#fail(tooLarge(this.limit));
  }

  onResponseData(_: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#body?.take(chunk);
  }

  onResponseEnd(): void {
    if (!this.#settled) this.#body?.end((body) => this.#done(body));
  }

  onResponseError(_: Dispatcher.DispatchController | undefined, error: unknown): void {
    const { kind, message, cause } = errorOf(error, this.#status !== 0);
    this.#fail(new ExchangeError(kind, message, cause, this.#kept && !this.#begun));
  }

  #done(body: Buffer): void {
    if (this.#settled) return;
    this.#settle();
    this.resolve({ status: this.#status, headers: this.#headers, body });
  }

  #fail(error: ExchangeError): void {
    if (this.#settled) return;
    this.#settle();
    this.#body?.drop();
    this.reject(error);
    this.#controller?.abort(error);
  }

  #settle(): void {
    this.#settled = true;
    this.cancellation.off(this.stop);
  }
}
