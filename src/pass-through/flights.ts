import { Passing } from '../passing.js';
import { Cancellation } from '../upstream/cancellation.js';

/** One request to the product for which several callers wait. It is given up once none of them does any more. */
class Flight {
  readonly cancellation = new Cancellation();
  readonly #landed = Promise.withResolvers<void>();
  #waiting = 0;

  /** Resolves once it has landed, or the caller has left. */
  async wait(caller: Cancellation): Promise<void> {
    const leave = this.enter(caller);
    const left = Promise.withResolvers<void>();
    const tell = (): void => left.resolve();
    caller.on(tell);
    await Promise.race([this.#landed.promise, left.promise]);
    caller.off(tell);
    leave();
  }

  /** Counts a caller in. @returns what takes it out of the count again; leaving does so too */
  enter(caller: Cancellation): () => void {
    this.#waiting++;
    let inside = true;
    const leave = (): void => {
      if (!inside) return;
      inside = false;
      caller.off(leave);
      if (--this.#waiting === 0) this.cancellation.cancel('cancelled');
    };
    caller.on(leave);
    return leave;
  }

  land(): void {
    this.#landed.resolve();
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
  async lead<T>(key: string, caller: Cancellation, work: (cancellation: Cancellation) => Promise<T>): Promise<T> {
    const flight = new Flight();
    this.#flights.set(key, flight);
    flight.enter(caller);
    try {
      return await work(flight.cancellation);
    } finally {
      this.#flights.delete(key);
      flight.land();
    }
  }
}
