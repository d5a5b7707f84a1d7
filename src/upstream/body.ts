import type { Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { ExchangeError, tooLarge } from './exchange-error.js';
import { Pieces } from './pieces.js';

// None is asked for; a product that compresses all the same is understood. One coding only: two are a bomb.
const decoders: ReadonlyMap<string, () => Transform> = new Map([
  ['gzip', createGunzip],
  ['x-gzip', createGunzip],
  ['deflate', createInflate],
  ['br', createBrotliDecompress],
]);

/**
 * Collects a reply's body and undoes its content coding as it comes. Neither what came nor what it decodes to is ever
 * more than `limit` bytes: a bomb ends when it is one chunk over, however much of it is still to come.
 */
export class Body {
  readonly #held = new Pieces();
  #arrived = 0;
  #decoder: Transform | undefined;
  /** What came while the decoder was at work. */
  readonly #waiting = new Pieces();
  #decoding = false;
  #ended = false;

  /** @param fail is told, once or more, why the body is none */
  constructor(
    readonly coding: string | readonly string[] | undefined,
    readonly limit: number,
    readonly fail: (error: ExchangeError) => void,
  ) {}

  /** Takes the bytes that arrived next. */
  take(chunk: Buffer): void {
    this.#arrived += chunk.length;
    if (this.#arrived > this.limit) this.fail(tooLarge(this.limit));
    else if (this.coding === undefined || this.coding === 'identity') this.#hold(chunk);
    else {
      this.#decoder ??= this.#decode(this.coding);
      this.#waiting.add(chunk);
      this.#next();
    }
  }

  /** Gives the whole body once the last of it is decoded. */
  end(done: (body: Buffer) => void): void {
    this.#ended = true;
    if (!this.#decoder) return done(this.#held.take());
    this.#decoder.once('end', () => done(this.#held.take()));
    this.#next();
  }

  /** Lets go of what it holds. */
  drop(): void {
    this.#held.take();
    this.#waiting.take();
    this.#decoder?.destroy();
  }

  #hold(chunk: Buffer): void {
    if (this.#held.length + chunk.length > this.limit) this.fail(tooLarge(this.limit));
    else this.#held.add(chunk);
  }

  /** Decodes what came meanwhile as one: a stream would queue each piece of it, however small, at many times its size. */
  #next(): void {
    if (this.#decoding || !this.#decoder) return;
    if (this.#waiting.length === 0) {
      if (this.#ended) this.#decoder.end();
      return;
    }
    this.#decoding = true;
    this.#decoder.write(this.#waiting.take(), (error) => {
      this.#decoding = false;
      if (!error) this.#next();
    });
  }

  #decode(coding: string | readonly string[]): Transform | undefined {
    const make = typeof coding === 'string' ? decoders.get(coding.trim().toLowerCase()) : undefined;
    if (!make) {
      this.fail(new ExchangeError('malformed', 'sent a content coding that was not asked for'));
      return undefined;
    }
    return make()
      .on('data', (chunk: Buffer) => this.#hold(chunk))
      .on('error', (error) => this.fail(new ExchangeError('malformed', 'sent a body that does not decompress', error)));
  }
}
