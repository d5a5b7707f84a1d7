import type { Reply } from './answer.js';
import { Body } from './body.js';
import type { Cancellation } from './cancellation.js';
import { Exchange, type Sending, carry } from './carry.js';
import type { Eventual } from './eventual.js';
import { tooLarge } from './exchange-error.js';
import type { Target } from './target.js';
import type { Controller } from './wire/client.js';

/** A request as a contract makes it. */
export interface Request extends Sending {
  readonly body: string | undefined;
}

/**
 * One exchange whose answer is read whole. Never follows a redirect. Gives up at once when the cancellation says so, and
 * closes the socket then. What a kept connection lost goes out once more, at once.
 * @param sent is called when the request begins to go out
 * @throws ExchangeError, and nothing else
 */
export const exchange = (target: Target, request: Request, cancellation: Cancellation, sent: () => void): Eventual<Reply> =>
  carry(target, request, new Read(target.maxAnswerBytes, cancellation, sent));

/** Collects one reply. */
class Read extends Exchange<Reply> {
  #body: Body | undefined;

  constructor(
    readonly limit: number,
    cancellation: Cancellation,
    sent: () => void,
  ) {
    super(cancellation, sent);
  }

  again(): Read {
    return new Read(this.limit, this.cancellation, this.sent);
  }

  onResponseData(_: Controller, chunk: Buffer): void {
    this.#body?.take(chunk);
  }

  onResponseEnd(): void {
    if (!this.settled) this.#body?.end((body) => this.done({ status: this.status, headers: this.headers, body }));
  }

  protected begin(): void {
    this.#body = new Body(this.headers['content-encoding'], this.limit, (error) => this.fail(error));
    if (Number(this.headers['content-length']) > this.limit) this.fail(tooLarge(this.limit));
  }

  protected drop(): void {
    this.#body?.drop();
  }
}
