import type { Controller, Handler } from './client.js';
import type { Link } from './link.js';
import type { Written } from './request-writer.js';

/** One request on its way: while it waits for a connection, and while one carries it. */
export class Errand implements Controller {
  /** The connection that carries it; undefined before that and afterwards, so that it has no say in what comes after it. */
  link: Link | undefined;
  /** The one that waits behind it. */
  next: Errand | undefined;

  constructor(
    readonly handler: Handler,
    readonly written: Written,
  ) {}

  abort(): void {
    this.link?.close();
  }

  pause(): void {
    this.link?.pause();
  }

  resume(): void {
    this.link?.resume();
  }
}

/** Requests that wait, first come first served. */
export class Waiting {
  #first: Errand | undefined;
  #last: Errand | undefined;
  #length = 0;

  /** How many wait, those included that nobody waits for any more. */
  get length(): number {
    return this.#length;
  }

  add(errand: Errand): void {
    if (this.#last) this.#last.next = errand;
    else this.#first = errand;
    this.#last = errand;
    this.#length++;
  }

  /** Takes the first that somebody still waits for; the others before it are let go. */
  take(): Errand | undefined {
    for (let errand = this.#first; errand; errand = this.#first) {
      this.#first = errand.next;
      errand.next = undefined; // else one that lives long holds all that came after it
      if (!this.#first) this.#last = undefined;
      this.#length--;
      if (!errand.handler.settled) return errand;
    }
    return undefined;
  }
}
