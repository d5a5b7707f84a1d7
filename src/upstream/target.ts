import type { Credential } from '../policy/credential.js';
import type { Client } from './wire/client.js';
import { LeanClient } from './wire/lean-client.js';
import { UndiciClient } from './wire/undici-client.js';

/** One address of a product, with its own pool of connections. */
export interface Address {
  readonly origin: string;
  /** What stands before an operation's path there, without a slash at its end. */
  readonly prefix: string;
  readonly pool: Client;
  inFlight: number;
}

/** How a product is reached. */
export interface TargetOptions {
  /** Addresses of equal instances, the path prefix included: `http://127.0.0.1:4101/v1`. */
  readonly urls: readonly string[];
  readonly credential: Credential | undefined;
  /** Connections to each address. */
  readonly connections: number;
  readonly connectTimeoutMs: number;
  /** The largest answer, decoded, in bytes. */
  readonly maxAnswerBytes: number;
  /** What carries its calls; the lean client where nothing is said. */
  readonly client?: 'lean' | 'undici';
}

/**
 * One version of one product, as far as bytes go: its addresses, its own pools, its own credential. A product that hangs
 * holds its own connections and no other's. It lives as long as the process; where it is reached may change meanwhile.
 */
export class Target {
  #addresses: readonly Address[] = [];
  #authorization: string | undefined;
  #maxAnswerBytes = 0;
  #options: TargetOptions | undefined;
  #last = 0;

  constructor(options: TargetOptions) {
    this.reach(options);
  }

  get addresses(): readonly Address[] {
    return this.#addresses;
  }

  /** The header that carries the product's key. */
  get authorization(): string | undefined {
    return this.#authorization;
  }

  /** The largest answer, decoded, in bytes. */
  get maxAnswerBytes(): number {
    return this.#maxAnswerBytes;
  }

  /** Reaches the product so from now on. Addresses that stay keep their connections; calls under way to the others end there. */
  reach(options: TargetOptions): void {
    const before = this.#options;
    const same = before !== undefined && before.connections === options.connections && before.connectTimeoutMs === options.connectTimeoutMs;
    const kept = new Map(same ? before.urls.map((url, i) => [url, this.#addresses[i]]) : []);
    const left = new Set(this.#addresses);
    this.#addresses = options.urls.map((url) => {
      const address = kept.get(url) ?? addressOf(url, options);
      left.delete(address);
      return address;
    });
    this.#options = options;
    this.#maxAnswerBytes = options.maxAnswerBytes;
    this.#authorization = options.credential && `Bearer ${options.credential.reveal()}`;
    for (const { pool } of left) pool.close().catch(() => undefined);
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

function addressOf(text: string, options: TargetOptions): Address {
  const url = new URL(text);
  const pool = options.client === 'undici' ? new UndiciClient(url.origin, options) : new LeanClient(url.origin, options);
  return { origin: url.origin, prefix: url.pathname.replace(/\/$/, ''), pool, inFlight: 0 };
}
