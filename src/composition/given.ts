import type { Cancellation } from '../upstream/cancellation.js';
import type { Caller } from './composition.js';
import { gather } from './gather.js';

/** What a composition can do in one run. */
export interface Doings {
  readonly cancellation: Cancellation;
  /** Who asks; from now on the answer is for that one alone. */
  caller(): Caller;
  /** Schedules one call of the part at this place among its parts. */
  call(place: number, input: Readonly<Record<string, unknown>>): Promise<unknown>;
  /** An error that the route declares. */
  fail(error: string): Error;
}

/**
 * What `compose` is given in one run. Its parts are getters of a class of its composition's own: a function that is stored under a
 * name in each run, or a getter in a literal, V8 keeps with all that it reaches until it looks at the whole heap. That made a
 * quarter of all work the garbage collector's.
 */
export class Given {
  readonly gather = gather;
  readonly #doings: Doings;

  constructor(
    doings: Doings,
    readonly input: unknown,
  ) {
    this.#doings = doings;
  }

  get caller(): Caller {
    return this.#doings.caller();
  }

  get signal(): AbortSignal {
    const controller = new AbortController();
    this.#doings.cancellation.on({ stop: (reason) => controller.abort(new Error(reason)) });
    return controller.signal;
  }

  get fail(): (error: string) => Error {
    return (error) => this.#doings.fail(error);
  }

  /** The class of what a composition with these parts is given, in the order of their places. */
  static with(parts: readonly string[]): typeof Given {
    const Own = class extends Given {};
    for (const [place, name] of parts.entries())
      Object.defineProperty(Own.prototype, name, {
        get(this: Given) {
          return (input: Readonly<Record<string, unknown>>) => this.#doings.call(place, input);
        },
      });
    return Own;
  }
}
