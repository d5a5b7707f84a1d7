import type { Socket } from 'node:net';
import { type Timer, systemClock } from '../../clock.js';
import type { Headers } from '../answer.js';
import type { Carrier } from './client.js';
import { dial } from './dial.js';
import type { Errand } from './errand.js';
import type { KnownLines } from './known-lines.js';
import { ResponseParser, type Reader } from './response-parser.js';
import { WireError } from './wire-error.js';

/** Who keeps a connection. */
export interface Keeper {
  readonly origin: URL;
  readonly connectTimeoutMs: number;
  /** Of an earlier TLS connection to the same origin. */
  session: Buffer | undefined;
  /** Lines that came before in the heads of its answers. */
  readonly heads: KnownLines;
  /** It is there, and free. */
  opened(link: Link): void;
  /** Its request was answered, and it may carry another one. */
  answered(link: Link): void;
  /** It is closed, after it was there. */
  gone(link: Link): void;
  /** It never came to be. */
  missed(link: Link, why: unknown): void;
}

/** How long a connection is kept free where the server does not say, as undici has it, and how much less where it does. */
const KEPT_MS = 4000;
const MARGIN_MS = 2000;
const MOST_KEPT_MS = 600_000;

/** How often connections are looked at that may be free. One timer does for all: each would be set anew with all that goes over it. */
export const SWEEP_MS = 500;

const TIMEOUT = /(?:^|,)[\t ]*timeout=(\d+)/i;

/** One connection: it carries one request at a time, and is closed where anything comes that belongs to none. */
export class Link implements Carrier, Reader {
  used = false;
  readonly #socket: Socket;
  readonly #parser: ResponseParser;
  readonly #patience: Timer;
  #errand: Errand | undefined;
  #open = false;
  #rests = false;
  /** Whether there ever was a connection, and what was wrong first. */
  #made = false;
  #why: unknown;
  #keptMs = KEPT_MS;
  /** At how many looks it was free. */
  #looks = 0;

  constructor(readonly keeper: Keeper) {
    const { origin, connectTimeoutMs, heads } = keeper;
    this.#parser = new ResponseParser(this, heads);
    this.#socket = dial(origin, (bytes, length) => this.#read(bytes, length), keeper.session);
    // The machine's own time, as the sockets' timeouts are: no test moves the time that a connection takes.
    this.#patience = systemClock.after(connectTimeoutMs, () => this.#late());
    this.#socket
      .once(origin.protocol === 'https:' ? 'secureConnect' : 'connect', () => this.#opened())
      .on('session', (session: Buffer) => (keeper.session = session))
      .on('error', (error) => this.fail(error))
      .on('end', () => this.#ended())
      .once('close', () => this.#closed());
  }

  /** Whether it can carry a request. */
  get free(): boolean {
    return this.#open && !this.#errand;
  }

  /** Whether it carries one. */
  get busy(): boolean {
    return this.#errand !== undefined;
  }

  /**
   * Sends a request.
   * @returns whether it did; else the request was taken back, and nothing is sent
   */
  carry(errand: Errand): boolean {
    const { handler, written } = errand;
    handler.carrier = this;
    errand.link = this;
    this.#looks = 0;
    this.#errand = errand;
    try {
      handler.onRequestStart(errand);
    } catch (error) {
      this.#takeErrand();
      handler.onResponseError(undefined, error);
      return false;
    }
    if (!this.#open) return true; // given up in that very moment, and closed for it
    const socket = this.#socket;
    if (this.#rests) {
      this.#rests = false;
      socket.ref();
    }
    this.#parser.begin(written.bodiless);
    if (written.rest === undefined) socket.write(written.text, written.encoding);
    else {
      socket.cork();
      socket.write(written.text, written.encoding);
      socket.write(written.rest);
      socket.uncork();
    }
    return true;
  }

  /** Closes it, whatever it carries: nobody is told. */
  close(): void {
    this.#open = false;
    this.#parser.stop();
    this.#takeErrand();
    this.#socket.destroy();
  }

  /** Closes it; the request that it carries fails with this. */
  fail(error: unknown): void {
    this.#why ??= error;
    const errand = this.#takeErrand();
    this.close();
    errand?.handler.onResponseError(errand, error);
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  /** No request waits for it: the process may end. */
  rest(): void {
    this.#rests = true;
    this.#socket.unref();
  }

  /** Somebody looked whether it is still needed: it is closed before it was free for longer than it is kept. */
  swept(): void {
    if (this.free && ++this.#looks * SWEEP_MS >= this.#keptMs) this.close();
  }

  begun(): void {
    this.#errand?.handler.onResponseStarted();
  }

  headed(status: number, headers: Headers): void {
    const errand = this.#errand;
    errand?.handler.onResponseStart(errand, status, headers);
  }

  took(chunk: Buffer): void {
    const errand = this.#errand;
    errand?.handler.onResponseData(errand, chunk);
  }

  ended(): void {
    const errand = this.#takeErrand();
    if (!errand) return;
    // An answer before the whole request was read: the rest of it is still to go.
    const keeps = this.#parser.keeps && this.#socket.writableLength === 0 && this.#keep();
    if (!keeps) this.close();
    else if (this.#socket.isPaused()) this.#socket.resume();
    errand.handler.onResponseEnd();
    if (keeps) this.keeper.answered(this);
  }

  #read(bytes: Buffer, length: number): void {
    if (!this.#errand) {
      this.close(); // nobody asked for it
      return;
    }
    try {
      if (this.#parser.read(bytes, length) < length) this.close();
    } catch (error) {
      this.fail(error);
    }
  }

  #opened(): void {
    this.#patience.cancel();
    this.#made = this.#open = true;
    this.keeper.opened(this);
  }

  #late(): void {
    this.fail(new WireError('ERR_WIRE_CONNECT_TIMEOUT', `no connection in ${this.keeper.connectTimeoutMs} ms`));
  }

  #ended(): void {
    if (this.#errand && !this.#parser.end()) this.fail(new WireError('ERR_WIRE_CLOSED', 'the other side closed'));
    else this.close();
  }

  #closed(): void {
    this.#patience.cancel();
    this.fail(new WireError('ERR_WIRE_CLOSED', 'the connection is closed'));
    if (this.#made) this.keeper.gone(this);
    else this.keeper.missed(this, this.#why);
  }

  #takeErrand(): Errand | undefined {
    const errand = this.#errand;
    this.#errand = undefined;
    if (errand) errand.link = undefined;
    return errand;
  }

  /** Keeps it for as long as the server says. @returns whether that is any time at all */
  #keep(): boolean {
    const seconds = TIMEOUT.exec(this.#parser.keepAlive ?? '')?.[1];
    const keptMs = seconds === undefined ? KEPT_MS : Math.min(Number(seconds) * 1000 - MARGIN_MS, MOST_KEPT_MS);
    if (keptMs <= 0) return false;
    this.#keptMs = keptMs;
    return true;
  }
}
