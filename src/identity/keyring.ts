import { type ConsumerKeys, NO_KEYS, isInForce } from './consumer-keys.js';
import { readKey, sameHash } from './api-key.js';

/** A key in force, as it is compared. */
interface Held {
  readonly consumer: string;
  readonly hash: Buffer;
  readonly expiresAt: number;
}

/** The keys in force. It is asked for every request with a key, and given another document when that changes. */
export class Keyring {
  #revision = 0;
  #held: ReadonlyMap<string, Held> = new Map();

  constructor(document: ConsumerKeys = NO_KEYS) {
    this.replace(document);
  }

  /** The revision of the document in force. */
  get revision(): number {
    return this.#revision;
  }

  /** Puts another document in force, as a whole. */
  replace({ revision, keys }: ConsumerKeys): void {
    this.#revision = revision;
    this.#held = new Map(
      keys.map(({ id, hash, consumer, expires }) => [
        id,
        { consumer, hash: Buffer.from(hash, 'hex'), expiresAt: expires === undefined ? Infinity : Date.parse(expires) },
      ]),
    );
  }

  /** Whose key this is; undefined for every other text, and for a key whose time is over. `nowMs`: the date. */
  consumerOf(text: string, nowMs: number): string | undefined {
    const presented = readKey(text);
    const held = presented && this.#held.get(presented.id);
    return held && sameHash(held.hash, presented.secretHash) && isInForce(held.expiresAt, nowMs) ? held.consumer : undefined;
  }
}
