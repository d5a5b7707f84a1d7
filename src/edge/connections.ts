import { type IncomingMessage, type Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Clock, Timer } from '../clock.js';
import { callerAddress } from './address.js';

/** How many connections there may be. */
export interface ConnectionBounds {
  readonly most: number;
  readonly perAddress: number;
}

/** Why a connection was closed at once. */
export type Refused = keyof ConnectionBounds;

/** What the connections of callers are held to. */
export interface ConnectionTerms extends ConnectionBounds {
  /** How long a caller may take to read an answer, in milliseconds. */
  readonly patienceMs: number;
  readonly clock: Clock;
}

/** Who is told of connections that are closed. */
export interface ConnectionObserver {
  /** It was one too many. */
  refused(why: Refused): void;
  /** What was answered on it was not read in time. */
  unread(): void;
}

/** An answer that says when it has begun to go out, whoever gives it: the edge, the docs, a product that is handed through. */
export class Answer<Request extends IncomingMessage> extends ServerResponse<Request> {
  /** Is told, once: after the first of it was written, or all of it. */
  begun: ((answer: ServerResponse<Request>) => void) | undefined;

  override write(chunk: unknown, second?: BufferEncoding | Written, third?: Written): boolean {
    const goesOn = typeof second === 'string' ? super.write(chunk, second, third) : super.write(chunk, second);
    this.#tell();
    return goesOn;
  }

  override end(first?: unknown, second?: BufferEncoding | Ended, third?: Ended): this {
    if (typeof second === 'string') super.end(first, second, third);
    else super.end(first, second);
    this.#tell();
    return this;
  }

  #tell(): void {
    const { begun } = this;
    this.begun = undefined;
    begun?.(this);
  }
}

type Written = (error: Error | null | undefined) => void;
type Ended = () => void;

/**
 * How often answers are looked at in the time that a reader has, and how often in a row one may be found waiting: it is given up
 * before that time is over, and not before seven eighths of it are.
 */
const [LOOKS, UNREAD_AT] = [16, 15];

/** An answer that has begun and is not out. */
interface Unread {
  readonly socket: Socket;
  /** At how many looks in a row it was found waiting for its reader. */
  looks: number;
  everWaited: boolean;
}

/**
 * The connections of a server: bounded in all and for each address, so that no stranger takes up the places of all others.
 * One that is too many is closed before anything is read of it; one whose caller does not read what it asked for, in time.
 */
export class Connections {
  readonly #byAddress = new Map<string, number>();
  readonly #silent = new Set<Socket>();
  readonly #unread = new Map<ServerResponse, Unread>();
  #looking: Timer | undefined;
  #open = 0;

  /** The server's answers have to be of the kind above. */
  constructor(
    server: Server,
    readonly terms: ConnectionTerms,
    readonly observer: ConnectionObserver,
  ) {
    server.on('connection', (socket) => this.#opened(socket));
    // Before whoever answers: an answer may go out at once.
    server.prependListener('request', ({ socket }, response) => {
      this.#silent.delete(socket);
      if (response instanceof Answer) response.begun = this.#begun;
    });
  }

  /** How many there are. */
  get open(): number {
    return this.#open;
  }

  /** Closes those on which nothing was asked yet: Node does not take them for idle, and an orderly end would wait for them. */
  closeSilent(): void {
    for (const socket of this.#silent) socket.destroy();
  }

  #opened(socket: Socket): void {
    const { most, perAddress } = this.terms;
    const address = callerAddress(socket.remoteAddress, undefined, 0);
    const here = this.#byAddress.get(address) ?? 0;
    const why = this.#open >= most ? 'most' : here >= perAddress ? 'perAddress' : undefined;
    if (why !== undefined) {
      this.observer.refused(why);
      socket.destroy();
      return;
    }
    this.#open++;
    this.#byAddress.set(address, here + 1);
    this.#silent.add(socket);
    socket.once('close', () => this.#closed(socket, address));
  }

  #closed(socket: Socket, address: string): void {
    this.#open--;
    this.#silent.delete(socket);
    const left = (this.#byAddress.get(address) ?? 1) - 1;
    if (left > 0) this.#byAddress.set(address, left);
    else this.#byAddress.delete(address);
  }

  /** Until an answer is out, or its connection is gone. Most are out as soon as they begin. */
  readonly #begun = (response: ServerResponse): void => {
    const { socket } = response.req;
    if (socket.destroyed || (response.writableEnded && response.writableLength === 0)) return;
    this.#unread.set(response, { socket, looks: 0, everWaited: false });
    response.once('close', () => {
      this.#unread.delete(response);
      if (this.#unread.size > 0) return;
      this.#looking?.cancel();
      this.#looking = undefined;
    });
    if (this.#looking === undefined) this.#looking = this.#lookLater();
  };

  #lookLater(): Timer {
    return this.terms.clock.after(this.terms.patienceMs / LOOKS, () => {
      for (const [response, unread] of this.#unread) this.#look(response, unread);
      this.#looking = this.#lookLater();
    });
  }

  /**
   * Gives up an answer that waits for its reader at so many looks in a row and all the time between them. One that comes as it
   * goes waits while there is more of it than was read; one that is quiet, or behind one that is still to come, does not wait for a reader.
   */
  #look(response: ServerResponse, unread: Unread): void {
    const { socket } = unread;
    if (socket.destroyed) return; // for another answer on it
    const waits = socket.writableLength > 0 && (response.writableEnded || response.writableNeedDrain);
    unread.looks = waits ? unread.looks + 1 : 0;
    if (waits && !unread.everWaited) {
      unread.everWaited = true;
      response.on('drain', () => (unread.looks = 0));
    }
    if (unread.looks < UNREAD_AT) return;
    this.observer.unread();
    socket.resetAndDestroy(); // else the machine would keep on offering what it has of it
  }
}
