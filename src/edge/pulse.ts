import { getHeapStatistics } from 'node:v8';
import { systemClock } from '../clock.js';

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
export class Lateness {
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

/** This process's pulse. It does not keep the process alive. */
export function processPulse(): Pulse & Disposable {
  const lateness = new Lateness(systemClock.now());
  // oxlint-disable-next-line no-restricted-globals -- the process itself is measured, and must not be kept alive by it
  const timer = setInterval(() => lateness.beat(systemClock.now()), BEAT_MS).unref();
  return {
    get delayMs() {
      return lateness.delayMs;
    },
    heapShare() {
      const { used_heap_size: used, heap_size_limit: limit } = getHeapStatistics();
      return used / limit;
    },
    [Symbol.dispose]: () => clearInterval(timer),
  };
}
