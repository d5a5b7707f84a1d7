import { Readable } from 'node:stream';
import type { Headers } from '../upstream/answer.js';
import type { Cancellation } from '../upstream/cancellation.js';
import { Exchange, type Sending, carry } from '../upstream/carry.js';
import type { Eventual } from '../upstream/eventual.js';
import { Pieces } from '../upstream/pieces.js';
import type { Target } from '../upstream/target.js';
import type { Controller } from '../upstream/wire/client.js';

/** A request as it goes out to a product. */
export interface Outbound extends Sending {
  readonly body: AsyncIterable<Buffer> | undefined;
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
 * @returns the answer, once the last byte of it has come; it fails with an ExchangeError, or with what the request's body threw
 */
export const exchange = (target: Target, outbound: Outbound, cancellation: Cancellation, progress: Progress): Eventual<Passed> =>
  carry(target, outbound, new Passing(target.maxAnswerBytes, cancellation, progress));

/** Answers that are read while they are written. */
const ENDLESS = /^text\/event-stream\b/i;

/** Collects one answer, or hands it on as it comes. */
class Passing extends Exchange<Passed> {
  readonly #held = new Pieces();
  #flow: Readable | undefined;

  constructor(
    readonly limit: number,
    cancellation: Cancellation,
    readonly progress: Progress,
  ) {
    super(cancellation, () => progress.sent());
  }

  again(): Passing {
    return new Passing(this.limit, this.cancellation, this.progress);
  }

  onResponseData(controller: Controller, chunk: Buffer): void {
    if (!this.#flow) {
      this.#held.add(chunk);
      if (this.#held.length > this.limit) this.#handOn();
    } else if (!this.#flow.push(chunk)) controller.pause();
  }

  onResponseEnd(): void {
    if (this.settled) return;
    const { status, headers } = this;
    const answer: Passed = { status, headers, body: this.#flow ?? this.#held.takeOwn() }; // it may be kept
    if (!this.#flow) this.progress.answered(answer); // first: what the layers say of it is another thing
    this.done(answer);
    this.#flow?.push(null);
  }

  override onResponseError(controller: Controller | undefined, error: unknown): void {
    if (error instanceof BodyError) this.fail(error);
    else super.onResponseError(controller, error);
  }

  protected begin(): void {
    const { 'content-length': length, 'content-type': type } = this.headers;
    if (Number(length) > this.limit || ENDLESS.test(String(type))) this.#handOn();
  }

  protected drop(error: Error): void {
    this.#held.take();
    this.#flow?.destroy(error);
  }

  /** From now on whoever reads sets the pace, and ends the exchange by going away. */
  #handOn(): void {
    const flow = new Readable({
      read: () => this.controller?.resume(),
      destroy: (error, done) => {
        this.stop('cancelled');
        done(error);
      },
    });
    flow.on('error', () => undefined); // whoever reads it is told; where nobody does, nobody needs to be
    if (this.#held.length > 0) flow.push(this.#held.take());
    this.#flow = flow;
    this.progress.answered({ status: this.status, headers: this.headers, body: flow });
  }
}

/** Why a request's body could not be sent to its end: no word about the product. */
export class BodyError extends Error {
  override readonly name = 'BodyError';
}
