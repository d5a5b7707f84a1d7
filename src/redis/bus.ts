import { Connection } from './connection.js';
import type { Redis } from './redis.js';

/** Instances that hear each other without Redis, and at once: the workers of one machine. */
export interface Nearby {
  say(text: string): void;
  /** @returns how to hear no more */
  onSaid(hear: (text: string) => void): () => void;
}

/** What a bus is made of. */
export interface BusTerms {
  readonly redis: Redis;
  /** The channel: the same in all instances, `il:1:bus`. */
  readonly channel: string;
  /** Who this instance is, among all: what it says itself, it does not hear. */
  readonly instance: string;
  /** Who hears it besides, whether Redis is there or not. What they hear twice has to be no harm. */
  readonly nearby?: Nearby | undefined;
}

/** What a topic's listener does. What it throws is told to the observer, and nobody else. */
export interface BusListener {
  /** Another instance said something: parsed JSON, not yet looked at. */
  message(message: unknown): void;
  /**
   * Messages may have been lost: called whenever this instance begins to hear (the first time included), and when another
   * could not say something. What is known from messages has to be read anew.
   */
  mayHaveMissed(): void;
}

/** On the wire: who says it, about what, what. Without the last: something could not be said. */
type Spoken = readonly [from: string, topic: string, message?: unknown];

/**
 * Small messages between instances, by topic, over a connection of its own. Nothing is kept for anybody: a message is heard
 * at once by those who listen, or `mayHaveMissed` is, as soon as both sides have Redis again.
 */
export class Bus {
  readonly #terms: BusTerms;
  readonly #connection: Connection;
  readonly #listeners = new Map<string, Set<BusListener>>();
  readonly #owed = new Set<string>();
  readonly #forget: (() => void)[];
  #hears = false;

  constructor(terms: BusTerms) {
    this.#terms = terms;
    const { redis, channel, nearby } = terms;
    this.#connection = new Connection(redis.terms, {
      prepare: (client) => client.subscribe(channel, (text) => this.#hear(text)),
      connected: () => {
        this.#hears = true;
        for (const topic of this.#listeners.keys()) this.#missed(topic);
      },
      lost: () => {
        this.#hears = false;
      },
    });
    this.#forget = [redis.onChange((up) => void (up && this.#payBack())), nearby?.onSaid((text) => this.#hear(text)) ?? (() => undefined)];
  }

  /** Whether this instance hears the others. */
  hears(): boolean {
    return this.#hears;
  }

  /** Listens to a topic. @returns how to listen no more. */
  on(topic: string, listener: BusListener): () => void {
    const listeners = this.#listeners.get(topic) ?? new Set();
    this.#listeners.set(topic, listeners.add(listener));
    return () => listeners.delete(listener);
  }

  /** Tells the other instances. @returns whether Redis has it; where not, they are told later that they may have missed something. */
  async publish(topic: string, message: unknown): Promise<boolean> {
    const spoken = [this.#terms.instance, topic, message] as const;
    this.#terms.nearby?.say(JSON.stringify(spoken));
    const ok = await this.#say(spoken);
    if (!ok) this.#owed.add(topic);
    return ok;
  }

  /** Ends its connection. */
  async close(): Promise<void> {
    for (const forget of this.#forget) forget();
    await this.#connection.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #say(spoken: Spoken): Promise<boolean> {
    const text = JSON.stringify(spoken);
    const reply = await this.#terms.redis.run('bus.publish', (client) => client.publish(this.#terms.channel, text));
    return reply.ok;
  }

  async #payBack(): Promise<void> {
    for (const topic of this.#owed) {
      this.#owed.delete(topic);
      if (await this.#say([this.#terms.instance, topic])) continue;
      this.#owed.add(topic);
      return;
    }
  }

  #hear(text: string): void {
    const spoken = parse(text);
    if (!spoken) {
      this.#trouble(new Error('the bus: expected [instance, topic, message]'));
      return;
    }
    const [from, topic, ...rest] = spoken;
    if (from === this.#terms.instance) return;
    if (rest.length === 0) this.#missed(topic);
    else this.#tell(topic, (listener) => listener.message(rest[0]));
  }

  #missed(topic: string): void {
    this.#tell(topic, (listener) => listener.mayHaveMissed());
  }

  /** A listener's bug must not reach the client that reads the socket. */
  #tell(topic: string, tell: (listener: BusListener) => void): void {
    for (const listener of this.#listeners.get(topic) ?? [])
      try {
        tell(listener);
      } catch (error) {
        this.#trouble(error);
      }
  }

  #trouble(error: unknown): void {
    this.#terms.redis.terms.observer.trouble(error);
  }
}

function parse(text: string): Spoken | undefined {
  try {
    const found: unknown = JSON.parse(text);
    if (!Array.isArray(found)) return undefined;
    const spoken: readonly unknown[] = found;
    const [from, topic, ...rest] = spoken;
    return typeof from === 'string' && typeof topic === 'string' ? (rest.length === 0 ? [from, topic] : [from, topic, rest[0]]) : undefined;
  } catch {
    return undefined;
  }
}
