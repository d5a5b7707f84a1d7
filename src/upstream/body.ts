import type { Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { ExchangeError, tooLarge } from './exchange-error.js';

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
  #chunks: Buffer[] = [];
  #arrived = 0;
  #held = 0;
  #decoder: Transform | undefined;

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
    else (this.#decoder ??= this.#decode(this.coding))?.write(chunk);
  }

  /** Gives the whole body once the last of it is decoded. */
  end(done: (body: Buffer) => void): void {
    const whole = (): void => {
      const [first] = this.#chunks;
      done(first && this.#chunks.length === 1 ? first : Buffer.concat(this.#chunks, this.#held));
    };
    if (this.#decoder) this.#decoder.once('end', whole).end();
    else whole();
  }

  /** Lets go of what it holds. */
  drop(): void {
    this.#chunks = [];
    this.#decoder?.destroy();
  }

  #hold(chunk: Buffer): void {
    this.#held += chunk.length;
    if (this.#held > this.limit) this.fail(tooLarge(this.limit));
    else this.#chunks.push(chunk);
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
