import { Passing } from '../passing.js';
import { Cancellation } from '../upstream/cancellation.js';
import type { Eventual } from '../upstream/eventual.js';

/** One request to the product for which several callers wait. It is given up once none of them does any more. */
export class Flight {
  readonly cancellation = new Cancellation();
  /** Those who wait, to be told that it has landed. */
  readonly #told: (() => void)[] = [];
  #waiting = 0;

  /** Resolves once it has landed, or the caller has left. */
  async wait(caller: Cancellation): Promise<void> {
    const leave = this.enter(caller);
    const over = Promise.withResolvers<void>();
    const tell = (): void => over.resolve();
    const waiting = { stop: tell };
    this.#told.push(tell);
    caller.on(waiting);
    await over.promise;
    caller.off(waiting);
    leave();
  }

  /** Counts a caller in. @returns what takes it out of the count again; leaving does so too */
  enter(caller: Cancellation): () => void {
    this.#waiting++;
    let inside = true;
    const leave = (): void => {
      if (!inside) return;
      inside = false;
      caller.off(entered);
      if (--this.#waiting === 0) this.cancellation.cancel('cancelled');
    };
    const entered = { stop: leave };
    caller.on(entered);
    return leave;
  }

  land(): void {
    for (const tell of this.#told) tell();
  }
}

/** The requests for which somebody may wait who asks the same, by key. */
export class Flights {
  readonly #flights = new Passing<Flight>();

  /** The one under way. */
  get(key: string): Flight | undefined {
    return this.#flights.get(key);
  }

  /** Does the work for all who ask meanwhile: it is given up once they have all left, not when the first of them does. */
  lead<T>(key: string, caller: Cancellation, work: (cancellation: Cancellation) => Eventual<T>): Eventual<T> {
    const flight = new Flight();
    this.#flights.set(key, flight);
    flight.enter(caller);
    return work(flight.cancellation).watch(() => {
      this.#flights.delete(key);
      flight.land();
    });
  }
}
