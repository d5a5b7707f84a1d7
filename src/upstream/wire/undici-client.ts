import { Readable } from 'node:stream';
import { Client as UndiciConnection, type Dispatcher, Pool } from 'undici';
import { type Carrier, type Client, type ClientOptions, Handler, MAX_HEAD_BYTES, type Outgoing } from './client.js';

/** A pool of undici's: it takes every request there is, bodies that come as they go among them. */
export class UndiciClient implements Client {
  readonly #pool: Pool;

  constructor(
    readonly origin: string,
    options: ClientOptions,
  ) {
    this.#pool = new Pool(origin, {
      factory: (to, terms) => new Connection(to, terms),
      connections: options.connections,
      connectTimeout: options.connectTimeoutMs,
      headersTimeout: 0, // one deadline for the whole attempt, see `deadline`
      bodyTimeout: 0,
      maxHeaderSize: MAX_HEAD_BYTES,
      maxResponseSize: -1, // counted in the exchange, where the failure can name it
      allowH2: false,
      pipelining: 1,
    });
  }

  get stats(): Client['stats'] {
    return this.#pool.stats;
  }

  dispatch({ method, path, headers, body }: Outgoing, handler: Handler): void {
    const bytes = typeof body === 'object' ? Readable.from(body) : (body ?? null);
    this.#pool.dispatch({ origin: this.origin, path, method, headers, body: bytes }, handler);
  }

  close(): Promise<void> {
    return this.#pool.close();
  }

  destroy(): Promise<void> {
    return this.#pool.destroy();
  }
}

/** One connection of a pool, which knows whether it is fresh. */
class Connection extends UndiciConnection implements Carrier {
  used = false;

  constructor(origin: URL, options: UndiciConnection.Options) {
    super(origin, options);
    this.on('connect', () => {
      this.used = false;
    });
  }

  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    if (handler instanceof Handler) handler.carrier = this;
    // False is to say that it is busy until it says otherwise: one that refused the request holds nothing, and never would.
    return super.dispatch(options, handler) || this.stats.size === 0;
  }
}
