import type { Clock, Timer } from '../clock.js';

/** A date for what asks for one; the same in every rehearsal. */
const BEGAN = Date.UTC(2026, 10, 20, 12);

interface Waiting {
  readonly at: number;
  readonly ring: () => void;
}

/**
 * A clock that stands still while anything can run, and leaps to the next timer when nothing can. What is played by it
 * takes no real time, and comes out the same every time: timers ring one by one, by their time and then by their age.
 */
export class VirtualClock implements Clock {
  #now = 0;
  readonly #waiting = new Set<Waiting>();

  now(): number {
    return this.#now;
  }

  date(): number {
    return BEGAN + this.#now;
  }

  after(ms: number, ring: () => void): Timer {
    const waiting = { at: this.#now + Math.max(0, ms), ring };
    this.#waiting.add(waiting);
    return { cancel: () => void this.#waiting.delete(waiting) };
  }

  /**
   * Runs work to its end.
   * @throws what the work throws, and an Error where it waits for something that is no timer of this clock.
   */
  async play<T>(work: () => PromiseLike<T>): Promise<T> {
    let ended = false;
    const working = Promise.resolve(work()).finally(() => {
      ended = true;
    });
    working.catch(() => undefined); // told below, when the clock comes round to it
    for (;;) {
      await idle();
      if (ended) return working;
      const next = this.#next();
      if (!next) throw new Error('it waits for something else than the injected clock: nothing would ever go on');
      this.#waiting.delete(next);
      this.#now = next.at;
      next.ring();
    }
  }

  #next(): Waiting | undefined {
    let next: Waiting | undefined;
    for (const waiting of this.#waiting) if (!next || waiting.at < next.at) next = waiting;
    return next;
  }
}

/** Resolves when every promise that can go on has gone on. */
const idle = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));
