import { inspect } from 'node:util';

/** A secret that shows itself only to who asks by name: printing, logging or serialising it gives a placeholder. */
export class Credential {
  readonly #secret: string;

  constructor(secret: string) {
    this.#secret = secret;
  }

  /** The secret itself, for the one header that it is meant for. */
  reveal(): string {
    return this.#secret;
  }

  toJSON(): string {
    return '[redacted]';
  }

  toString(): string {
    return '[redacted]';
  }

  [inspect.custom](): string {
    return '[redacted]';
  }
}
