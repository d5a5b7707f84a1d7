import type { ConsumerKeys } from '../../src/identity/consumer-keys.js';
import { Keyring } from '../../src/identity/keyring.js';

/** A keyring that says when it is given a revision. */
export class ToldKeyring {
  readonly ring = new Keyring();
  #waiting: { readonly revision: number; readonly tell: () => void }[] = [];

  replace(document: ConsumerKeys): void {
    this.ring.replace(document);
    const { revision } = document;
    for (const waiting of this.#waiting) if (waiting.revision === revision) waiting.tell();
  }

  /** Resolves as soon as this revision is in force. */
  reaches(revision: number): Promise<void> {
    if (this.ring.revision === revision) return Promise.resolve();
    return new Promise((tell) => this.#waiting.push({ revision, tell }));
  }
}
