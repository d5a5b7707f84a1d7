import { getHeapStatistics } from 'node:v8';
import type { Clock } from '../clock.js';

/** How the process feels. */
export interface Pulse {
  /** How late the event loop runs, in milliseconds. */
  readonly delayMs: number;
  /** How much of the heap that V8 may have is in use, from 0 to 1. Costs about 5 µs. */
  heapShare(): number;
}

const BEAT_MS = 50;

/** How much the latest beat weighs: one long pause of the garbage collector is no overload, a few in a row are. */
const WEIGHT = 0.3;

/**
 * How late a beat comes that should come every 50 ms, smoothed. Node's own histogram forgets a delay that is longer than
 * the time between two looks at it, which is just when it matters.
 */
class Lateness {
  #due: number;
  #delayMs = 0;

  constructor(now: number) {
    this.#due = now + BEAT_MS;
  }

  get delayMs(): number {
    return this.#delayMs;
  }

  beat(now: number): void {
    this.#delayMs += (Math.max(0, now - this.#due) - this.#delayMs) * WEIGHT;
    this.#due = now + BEAT_MS;
  }
}

/**
 * This process's pulse. It begins to beat at the first look at it: how late the event loop was while the process started
 * is nothing that a request has to pay for.
 */
export function processPulse(clock: Clock): Pulse {
  let lateness: Lateness | undefined;
  const begin = (): Lateness => {
    const begun = new Lateness(clock.now());
    const beat = (): void => {
      begun.beat(clock.now());
      clock.after(BEAT_MS, beat);
    };
    clock.after(BEAT_MS, beat);
    return begun;
  };
  return {
    get delayMs() {
      return (lateness ??= begin()).delayMs;
    },
    heapShare() {
      const { used_heap_size: used, heap_size_limit: limit } = getHeapStatistics();
      return used / limit;
    },
  };
}
