import type { Headers } from '../answer.js';

/** A request to one address, with nothing left to decide. */
export interface Outgoing {
  readonly method: string;
  /** Path and query, as they stand in the request line. */
  readonly path: string;
  /** Without those that frame a message or belong to a connection: the client writes them. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | AsyncIterable<Buffer> | undefined;
}

/** A connection, as far as a request has to know it. */
export interface Carrier {
  /** Whether a request has gone out on it. One that was kept may be closed by the product just as it is used again. */
  used: boolean;
}

/** What whoever made a request may do while it is under way. Afterwards it does nothing. */
export interface Controller {
  /** Gives it up: the connection is closed. */
  abort(reason: Error): void;
  /** Reads no more than what has come, until told to go on. */
  pause(): void;
  resume(): void;
}

/** Whoever made a request, told what becomes of it: its start, then the answer, then its end or an error. */
export abstract class Handler {
  /** The connection that carries it. */
  carrier: Carrier | undefined;

  /** Whether nobody waits for it any more: it is not sent then. */
  abstract get settled(): boolean;

  /** It is about to go out. Throwing takes it back, and leaves the connection as it was. */
  abstract onRequestStart(controller: Controller): void;

  /** The first byte of an answer came. */
  abstract onResponseStarted(): void;

  abstract onResponseStart(controller: Controller, status: number, headers: Headers): void;

  /** @param chunk is the receiver's own */
  abstract onResponseData(controller: Controller, chunk: Buffer): void;

  abstract onResponseEnd(): void;

  abstract onResponseError(controller: Controller | undefined, error: unknown): void;
}

/** How a client reaches its address. */
export interface ClientOptions {
  /** Connections to the address, at most. */
  readonly connections: number;
  readonly connectTimeoutMs: number;
}

/** Requests to one address, over connections that are kept. */
export interface Client {
  /** Requests that went out, and requests that wait for a connection. */
  readonly stats: { readonly running: number; readonly queued: number };
  /** Sends a request as soon as there is a connection. Throws where it can't be written. */
  dispatch(outgoing: Outgoing, handler: Handler): void;
  /** Takes no more; what is under way or waits ends first. */
  close(): Promise<void>;
  /** Closes all connections, those in use too. */
  destroy(): Promise<void>;
}

/** The most bytes that the head of an answer may have. */
export const MAX_HEAD_BYTES = 16 * 1024;
