/** What went wrong on a connection, by its code: `exchange-error.ts` says what it means. */
export type WireFault =
  /** What came is no HTTP, or HTTP whose end can't be told for certain. */
  | 'ERR_WIRE_BROKEN'
  /** The head, or the trailers, are larger than they may be. */
  | 'ERR_WIRE_HEAD_TOO_LARGE'
  /** Something came that nobody asked for. */
  | 'ERR_WIRE_UNASKED'
  /** The connection was closed before the answer was whole. */
  | 'ERR_WIRE_CLOSED'
  /** There was no connection in time. */
  | 'ERR_WIRE_CONNECT_TIMEOUT'
  /** The request can't be written: what of it, the message says, and never with its value. */
  | 'ERR_WIRE_REQUEST'
  /** The client was closed on our side. */
  | 'ERR_WIRE_DESTROYED';

/** A failure of a connection, or of what came over it. The message is for logs. */
export class WireError extends Error {
  override readonly name = 'WireError';
  constructor(
    readonly code: WireFault,
    message: string,
  ) {
    super(message);
  }
}

/** What came is no HTTP. */
export const broken = (what: string): WireError => new WireError('ERR_WIRE_BROKEN', `the response has ${what}`);
