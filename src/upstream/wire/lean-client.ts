import { type Timer, repeatedly } from '../../clock.js';
import type { Client, ClientOptions, Handler, Outgoing } from './client.js';
import { Errand, Waiting } from './errand.js';
import { KnownLines } from './known-lines.js';
import { type Keeper, Link, SWEEP_MS } from './link.js';
import { RequestWriter } from './request-writer.js';
import { UndiciClient } from './undici-client.js';
import { WireError } from './wire-error.js';

/**
 * A client that does what calls to products need, and no more: HTTP/1.1, one request at a time on a connection, the one used last
 * first. Whatever else there is goes through a pool of undici's, which is made when it is first needed: bodies that come as they go,
 * and requests that say how they are framed.
 *
 * Nothing is sent within the turn of the event loop in which it is asked for, nor on a connection within the turn in which it was
 * answered: what has come over a connection, its end or what nobody asked for, is seen before another request goes out on it.
 */
export class LeanClient implements Client, Keeper {
  readonly origin: URL;
  readonly connectTimeoutMs: number;
  session: Buffer | undefined;
  readonly heads = new KnownLines();
  readonly #options: ClientOptions;
  readonly #writer: RequestWriter;
  readonly #links = new Set<Link>();
  /** Those that can carry a request, the one used last at the end. */
  readonly #free: Link[] = [];
  /** Those that were answered in this turn. */
  #resting: Link[] = [];
  #connecting = 0;
  /** While there are connections: looks for those that nobody needs. */
  #sweeping: Timer | undefined;
  readonly #waiting = new Waiting();
  #turning = false;
  #closing = false;
  readonly #emptied = Promise.withResolvers<void>();
  #other: UndiciClient | undefined;

  constructor(origin: string, options: ClientOptions) {
    this.origin = new URL(origin);
    this.connectTimeoutMs = options.connectTimeoutMs;
    this.#options = options;
    this.#writer = new RequestWriter(this.origin.host);
  }

  get stats(): Client['stats'] {
    const { running, queued } = this.#other?.stats ?? { running: 0, queued: 0 };
    const busy = [...this.#links].filter((link) => link.busy);
    return { running: busy.length + running, queued: this.#waiting.length + queued };
  }

  dispatch(outgoing: Outgoing, handler: Handler): void {
    if (this.#closing) throw new WireError('ERR_WIRE_DESTROYED', 'the client is closed');
    const request = this.#writer.write(outgoing);
    if (request) {
      this.#waiting.add(new Errand(handler, request));
      this.#turnSoon();
    } else {
      this.#other ??= new UndiciClient(this.origin.origin, this.#options);
      this.#other.dispatch(outgoing, handler);
    }
  }

  async close(): Promise<void> {
    this.#closing = true;
    this.#turnSoon();
    await Promise.all([this.#empty(), this.#other?.close()]);
  }

  async destroy(): Promise<void> {
    this.#closing = true;
    const why = new WireError('ERR_WIRE_DESTROYED', 'the client is closed');
    for (let errand = this.#waiting.take(); errand; errand = this.#waiting.take()) errand.handler.onResponseError(undefined, why);
    for (const link of this.#links) link.fail(why);
    await Promise.all([this.#empty(), this.#other?.destroy()]);
  }

  opened(link: Link): void {
    this.#connecting--;
    if (this.#give(link)) return;
    this.#keep(link);
    link.rest();
  }

  answered(link: Link): void {
    this.#resting.push(link);
    this.#turnSoon();
  }

  gone(link: Link): void {
    this.#forget(link);
  }

  missed(link: Link, why: unknown): void {
    this.#connecting--;
    this.#forget(link);
    this.#waiting.take()?.handler.onResponseError(undefined, why);
  }

  #turnSoon(): void {
    if (this.#turning) return;
    this.#turning = true;
    setImmediate(turn, this);
  }

  turn(): void {
    this.#turning = false;
    const rested = this.#resting;
    if (rested.length > 0) {
      this.#resting = [];
      for (const link of rested) if (link.free) this.#keep(link);
    }
    while (this.#waiting.length > 0) {
      const link = this.#free.pop();
      if (!link) break;
      if (link.free && !this.#give(link)) this.#keep(link);
    }
    for (const link of rested) if (link.free) link.rest(); // not those that carry the next request already
    while (this.#connecting < this.#waiting.length && this.#links.size < this.#options.connections) {
      this.#connecting++;
      this.#links.add(new Link(this));
      this.#sweeping ??= repeatedly(SWEEP_MS, () => this.sweep()); // as the other side counts: in the machine's own time
    }
    if (this.#closing && this.#waiting.length === 0) for (const link of this.#free) link.close();
  }

  /** Closes connections that have been free for as long as they are kept. */
  sweep(): void {
    for (const link of this.#links) link.swept();
  }

  /** Has a connection carry the first that waits. @returns whether there was one */
  #give(link: Link): boolean {
    for (let errand = this.#waiting.take(); errand; errand = this.#waiting.take()) if (link.carry(errand)) return true;
    return false;
  }

  #keep(link: Link): void {
    this.#free.push(link);
    if (this.#closing) this.#turnSoon();
  }

  #forget(link: Link): void {
    this.#links.delete(link);
    const at = this.#free.indexOf(link);
    if (at >= 0) this.#free.splice(at, 1);
    if (this.#links.size === 0) {
      this.#sweeping?.cancel();
      this.#sweeping = undefined;
    }
    if (this.#waiting.length > 0) this.#turnSoon();
    if (this.#closing && this.#links.size === 0 && this.#waiting.length === 0) this.#emptied.resolve();
  }

  #empty(): Promise<void> {
    if (this.#links.size === 0 && this.#waiting.length === 0) this.#emptied.resolve();
    return this.#emptied.promise;
  }
}

const turn = (client: LeanClient): void => client.turn();
