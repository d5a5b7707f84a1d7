import type { Clock } from '../clock.js';
import type { Pulse } from './pulse.js';

/** What may be asked of the process at once: requests in flight, and how late its event loop may run, in milliseconds. */
export interface Capacity {
  readonly inFlight: number;
  readonly delay: number;
}

/** What there is too much of. */
export type Overload = 'requests' | 'delay' | 'memory';

/** Above this share of the heap, work that is taken on endangers the work under way. */
const HEAP_SHARE = 0.85;

/** How long a look at the heap holds. */
const HEAP_LOOK_MS = 250;

/** How much the process has to do, and whether that is too much. */
export class Load {
  /** Requests that are being answered. */
  inFlight = 0;
  #heapShare = 0;
  #lookedAt = -Infinity;

  constructor(
    readonly clock: Clock,
    readonly pulse: Pulse,
  ) {}

  /** What there is too much of for one more request. */
  overload(capacity: Capacity): Overload | undefined {
    if (this.inFlight >= capacity.inFlight) return 'requests';
    if (this.pulse.delayMs > capacity.delay) return 'delay';
    return this.#heap() > HEAP_SHARE ? 'memory' : undefined;
  }

  #heap(): number {
    const now = this.clock.now();
    if (now - this.#lookedAt >= HEAP_LOOK_MS) {
      this.#lookedAt = now;
      this.#heapShare = this.pulse.heapShare();
    }
    return this.#heapShare;
  }
}
