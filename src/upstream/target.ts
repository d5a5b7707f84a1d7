import { Pool } from 'undici';
import type { Credential } from '../policy/credential.js';

/** One address of a product, with its own pool of connections. */
export interface Address {
  readonly origin: string;
  /** What stands before an operation's path there, without a slash at its end. */
  readonly prefix: string;
  readonly pool: Pool;
  inFlight: number;
}

/** How a product is reached: fixed for the life of the process. */
export interface TargetOptions {
  /** Addresses of equal instances, the path prefix included: `http://127.0.0.1:4101/v1`. */
  readonly urls: readonly string[];
  readonly credential: Credential | undefined;
  /** Connections to each address. */
  readonly connections: number;
  readonly connectTimeoutMs: number;
  /** The largest answer, decoded, in bytes. */
  readonly maxAnswerBytes: number;
}

/** All names and values of an answer's headers together. */
const MAX_HEADER_BYTES = 16 * 1024;

/**
 * One version of one product, as far as bytes go: its addresses, its own pools, its own credential. A product that hangs
 * holds its own connections and no other's.
 */
export class Target {
  readonly addresses: readonly Address[];
  readonly authorization: string | undefined;
  readonly maxAnswerBytes: number;
  #last = 0;

  constructor(options: TargetOptions) {
    this.maxAnswerBytes = options.maxAnswerBytes;
    this.authorization = options.credential && `Bearer ${options.credential.reveal()}`;
    this.addresses = options.urls.map((text) => {
      const url = new URL(text);
      const pool = new Pool(url.origin, {
        connections: options.connections,
        connectTimeout: options.connectTimeoutMs,
        headersTimeout: 0, // one deadline for the whole attempt, see `deadline`
        bodyTimeout: 0,
        maxHeaderSize: MAX_HEADER_BYTES,
        maxResponseSize: -1, // counted in the exchange, where the failure can name it
        allowH2: false,
        pipelining: 1,
      });
      return { origin: url.origin, prefix: url.pathname.replace(/\/$/, ''), pool, inFlight: 0 };
    });
  }

  /** The address with the fewest calls in flight; equals take turns. */
  leastInFlight(): Address {
    const { addresses } = this;
    let best: Address | undefined;
    for (let i = 1; i <= addresses.length; i++) {
      const at = (this.#last + i) % addresses.length;
      const address = addresses[at];
      if (address && (!best || address.inFlight < best.inFlight)) best = address;
    }
    if (!best) throw new RangeError('a product without an address');
    this.#last = addresses.indexOf(best);
    return best;
  }

  /** Closes all connections, those in use too. */
  async close(): Promise<void> {
    await Promise.all(this.addresses.map(({ pool }) => pool.destroy()));
  }
}
