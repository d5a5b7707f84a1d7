import { type RedisClientType, createClient } from '@redis/client';
import type { Clock, Timer } from '../clock.js';

/** One connected client of the `@redis/client` package. */
export type Client = RedisClientType;

/** Where Redis is, and by what time and chance it is tried again. */
export interface Address {
  /** `redis://` or `rediss://` (TLS), with user, password and database where there are such. */
  readonly url: string;
  readonly clock: Clock;
  readonly random: () => number;
  /** How long a connection may be silent before it counts as dead, though nobody closed it: 5 s unless told. */
  readonly silenceMs?: number;
}

/** What the owner of a connection is told. */
export interface ConnectionOwner {
  /** Runs on every new connection before it counts: to subscribe, for instance. Where it rejects, the connection is dropped. */
  readonly prepare?: (client: Client) => Promise<void>;
  readonly connected: (client: Client) => void;
  /** The connection is gone, or an attempt failed; the next attempt is already planned. */
  readonly lost: (error: unknown) => void;
}

/** How long a TCP or TLS handshake may take. */
const CONNECT_MS = 1_000;
/** A stopped server, a pulled cable: nobody closes those connections. */
const SILENCE_MS = 5_000;
/** How often an idle connection asks whether the other side is still there. */
const PING_MS = 2_000;
/** The longest wait between two attempts. */
const LONGEST_WAIT_MS = 1_000;

/**
 * One connection to Redis, made again for ever, with jitter. Every attempt is a client of its own: whatever goes wrong on
 * one (also a reply that can't be read, after which nothing on it can be trusted) ends that client, with all that waits on it.
 * @throws TypeError where the URL is not one of Redis.
 */
export class Connection {
  readonly #address: Address;
  readonly #owner: ConnectionOwner;
  #dialled: Client;
  /** Whether the client that is dialled has a socket, which is what can be ended. */
  #reached = false;
  #ready = false;
  #failures = 0;
  #again: Timer | undefined;
  #closed = false;
  readonly #over = Promise.withResolvers<void>();

  constructor(address: Address, owner: ConnectionOwner) {
    this.#address = address;
    this.#owner = owner;
    this.#dialled = this.#client();
    void this.#dial(this.#dialled);
  }

  /** The client, while it is connected and prepared. */
  get client(): Client | undefined {
    return this.#ready ? this.#dialled : undefined;
  }

  /** Ends it, with everything that waits on it; resolves when its socket is gone. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#again?.cancel();
    // A client that is ended before it has its socket would keep the one that it gets: `connect` or an error is waited for.
    if (this.#reached || !this.#dialled.isOpen) this.#end();
    await this.#over.promise;
  }

  #client(): Client {
    const { url, silenceMs = SILENCE_MS } = this.#address;
    if (!/^rediss?:\/\//.test(url) || !URL.canParse(url))
      throw new TypeError('REDIS_URL: expected an address like "redis://:password@localhost:6379/0"');
    const client: Client = createClient({
      url,
      disableOfflineQueue: true,
      pingInterval: PING_MS,
      socket: { connectTimeout: CONNECT_MS, socketTimeout: silenceMs, reconnectStrategy: false },
    });
    return client
      .on('error', (error: unknown) => this.#lose(client, error))
      .on('connect', () => {
        this.#reached = true;
        if (this.#closed) this.#end();
      });
  }

  async #dial(client: Client): Promise<void> {
    try {
      await client.connect();
      await this.#owner.prepare?.(client);
    } catch (error) {
      this.#lose(client, error);
      return;
    }
    if (client !== this.#dialled || !client.isReady) return;
    this.#failures = 0;
    this.#ready = true;
    this.#owner.connected(client);
  }

  #lose(client: Client, error: unknown): void {
    if (client !== this.#dialled || this.#again) return;
    this.#end();
    if (this.#closed) return;
    const { clock, random } = this.#address;
    const most = Math.min(LONGEST_WAIT_MS, 50 * 2 ** this.#failures++);
    this.#again = clock.after(most * (0.5 + random() / 2), () => {
      this.#again = undefined;
      this.#dialled = this.#client();
      void this.#dial(this.#dialled);
    });
    this.#owner.lost(error);
  }

  #end(): void {
    this.#ready = false;
    this.#reached = false;
    discard(this.#dialled);
    if (this.#closed) this.#over.resolve();
  }
}

/** Ends a client; one that has ended already says so by throwing. */
function discard(client: Client): void {
  try {
    client.destroy();
  } catch {
    // It has no socket any more.
  }
}
