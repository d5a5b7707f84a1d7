import { ErrorReply } from '@redis/client';
import type { Timer } from '../clock.js';
import { type Address, type Client, Connection } from './connection.js';

/** What a command came to. Only `ok` is sure: after `slow` it may have been done, or be done later. */
export type Reply<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly why: Trouble };

/** Why Redis gave no answer: not connected or given up for now, no answer in time, or an error instead of one. */
export type Trouble = 'down' | 'slow' | 'error';

/** What is told about Redis, for metrics and the log. */
export interface RedisObserver {
  /** It became usable, or stopped being so. */
  changed(up: boolean): void;
  /** A command has ended, or was not sent. */
  command(name: string, outcome: 'ok' | Trouble): void;
  /** What went wrong, for the log alone. Comes as often as it happens. */
  trouble(error: unknown): void;
}

/** What a `Redis` is made of. */
export interface RedisTerms extends Address {
  readonly observer: RedisObserver;
  /** How long a command may take, in milliseconds: 50 unless told. */
  readonly patienceMs?: number;
  /** How many commands may be under way: 1,000 unless told. */
  readonly mostPending?: number;
}

/** How Redis is, for people: no address and no credential. */
export interface RedisState {
  readonly up: boolean;
  readonly connection: 'connected' | 'connecting' | 'closed';
  /** `open`: connected, but it does not answer; asked again about every second. */
  readonly breaker: 'closed' | 'open';
  readonly pending: number;
}

/** How long an open breaker waits at most before it asks again; at least half of it. */
const ASK_AGAIN_MS = 1_000;

/** Errors by which a server says that it serves nothing for now. Others (full, read-only, a wrong type) are a command's own. */
const UNABLE = /^(LOADING|BUSY|MASTERDOWN|CLUSTERDOWN|NOAUTH)\b/;

/**
 * Redis, never waited for: every command answers within its patience, in a value, whatever becomes of the server.
 *
 * Commands share one connection and are answered in order, so one that is out of time holds up all behind it. The breaker
 * therefore opens on the first: a stopped server costs the patience once. A PING in time closes it, sent at once, or
 * after up to a second where it has just been closed or the server asks for patience. Nothing is queued while it is open.
 */
export class Redis {
  readonly terms: RedisTerms;
  readonly #patienceMs: number;
  readonly #mostPending: number;
  readonly #connection: Connection;
  readonly #listeners = new Set<(up: boolean) => void>();
  #pending = 0;
  #open = false;
  #mended = Number.NEGATIVE_INFINITY;
  #asking: Timer | undefined;
  #wasUp = false;
  #closed = false;

  /** Connects in the background. @throws TypeError where the URL is not one of Redis. */
  constructor(terms: RedisTerms) {
    this.terms = terms;
    this.#patienceMs = terms.patienceMs ?? 50;
    this.#mostPending = terms.mostPending ?? 1_000;
    this.#connection = new Connection(terms, {
      connected: () => this.#settle(),
      lost: (error) => {
        this.#settle();
        terms.observer.trouble(error);
      },
    });
  }

  /** Whether a command would be sent now. */
  up(): boolean {
    return this.#connection.client !== undefined && !this.#open;
  }

  /** How it is, for readiness detail. */
  state(): RedisState {
    const connected = this.#connection.client ? 'connected' : 'connecting';
    return {
      up: this.up(),
      connection: this.#closed ? 'closed' : connected,
      breaker: this.#open ? 'open' : 'closed',
      pending: this.#pending,
    };
  }

  /** Tells whenever it becomes usable or stops being so. @returns how to be told no more. */
  onChange(listener: (up: boolean) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Resolves true as soon as it is usable, false after `ms`: for a start that would rather have it, and does without. */
  upWithin(ms: number): Promise<boolean> {
    if (this.up()) return Promise.resolve(true);
    return new Promise((resolve) => {
      const timer = this.terms.clock.after(ms, () => end(false));
      const forget = this.onChange((up) => up && end(true));
      const end = (up: boolean): void => {
        timer.cancel();
        forget();
        resolve(up);
      };
    });
  }

  /** Runs a command; `name` is for metrics. Never rejects, never takes longer than the patience. */
  run<T>(name: string, command: (client: Client) => Promise<T>): Promise<Reply<T>> {
    const { clock, observer } = this.terms;
    const client = this.#connection.client;
    const refused = !client || this.#open ? 'down' : this.#pending >= this.#mostPending ? 'slow' : undefined;
    if (!client || refused) {
      observer.command(name, refused ?? 'down');
      return Promise.resolve({ ok: false, why: refused ?? 'down' });
    }
    this.#pending++;
    return new Promise((resolve) => {
      let waits = true;
      const end = (reply: Reply<T>): void => {
        if (!waits) return;
        waits = false;
        timer.cancel();
        observer.command(name, reply.ok ? 'ok' : reply.why);
        resolve(reply);
      };
      // After the timer, what has arrived meanwhile is read first: where this process was busy, the server was not slow.
      const timer = clock.after(this.#patienceMs, () =>
        setImmediate(() => {
          if (!waits) return;
          end({ ok: false, why: 'slow' });
          this.#break(client, 'silent');
        }),
      );
      const done = async (): Promise<T> => command(client); // what it throws rejects, too
      done().then(
        (value) => {
          this.#pending--;
          end({ ok: true, value });
        },
        (error: unknown) => {
          this.#pending--;
          if (client.isReady) observer.trouble(error);
          if (error instanceof ErrorReply && UNABLE.test(error.message)) this.#break(client, 'unable');
          end({ ok: false, why: client.isReady ? 'error' : 'down' });
        },
      );
    });
  }

  /** Ends the connection; commands under way answer `down`. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#asking?.cancel();
    await this.#connection.close();
    this.#settle();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #break(client: Client, why: 'silent' | 'unable'): void {
    if (this.#open || client !== this.#connection.client) return;
    this.#open = true;
    this.#tell();
    const justMended = this.terms.clock.now() - this.#mended < ASK_AGAIN_MS;
    if (why === 'silent' && !justMended) this.#ask(client);
    else this.#askLater(client);
  }

  #ask(client: Client): void {
    const { clock } = this.terms;
    const asked = clock.now();
    client.ping().then(
      () => {
        if (client !== this.#connection.client) return;
        if (clock.now() - asked > this.#patienceMs) this.#askLater(client);
        else this.#settle();
      },
      () => {
        if (client === this.#connection.client) this.#askLater(client);
      },
    );
  }

  #askLater(client: Client): void {
    this.#asking = this.terms.clock.after(ASK_AGAIN_MS * (0.5 + this.terms.random() / 2), () => this.#ask(client));
  }

  /** A new connection, none, or a PING in time: the breaker has nothing to hold back. */
  #settle(): void {
    this.#asking?.cancel();
    if (this.#open) this.#mended = this.terms.clock.now();
    this.#open = false;
    this.#tell();
  }

  #tell(): void {
    const up = this.up();
    if (up === this.#wasUp || this.#closed) return;
    this.#wasUp = up;
    this.terms.observer.changed(up);
    for (const listener of this.#listeners) listener(up);
  }
}
