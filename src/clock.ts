/** What can be taken back: a timer that has not rung yet. */
export interface Timer {
  cancel(): void;
}

/** The only source of time. One is injected everywhere, so that a test can move it by hand. */
export interface Clock {
  /** Milliseconds on a steady scale: for measuring and for deadlines, not a date. */
  now(): number;
  /** The date, in milliseconds since 1970. */
  date(): number;
  /** Calls back once, `ms` milliseconds from now, or up to a hundredth of a second later where that is a tenth or more. */
  after(ms: number, ring: () => void): Timer;
}

/** Timers from this long on share one of the machine's, and ring up to a tick late. */
const COARSE_FROM_MS = 100;
const TICK_MS = 10;

/** One of many timers that share one of the machine's. */
class Shared implements Timer {
  constructor(
    readonly wheel: Wheel,
    readonly tick: number,
    readonly together: Set<Shared>,
    public ring: () => void,
  ) {
    together.add(this);
  }

  cancel(): void {
    this.ring = ignore; // nothing is held on to by a timer that is not needed
    if (this.together.delete(this) && this.together.size === 0) this.wheel.forget(this.tick);
  }
}

const ignore = (): void => undefined;

/**
 * Deadlines, nearly all of which are taken back: a timer of the machine's own for each costs as much as a layer does. Those that
 * ring within the same ten milliseconds ring together.
 */
export class Wheel {
  /** By the tick at which they ring; a tick is there as long as a timer is. */
  readonly #ticks = new Map<number, Set<Shared>>();
  #armedFor = Infinity;
  #armed: (() => void) | undefined;

  /** @param arm calls back once after so many milliseconds, unless what it gives is called before */
  constructor(
    readonly now: () => number,
    readonly arm: (ms: number, ring: () => void) => () => void,
  ) {}

  after(ms: number, ring: () => void): Timer {
    const tick = Math.ceil((this.now() + ms) / TICK_MS);
    let together = this.#ticks.get(tick);
    if (!together) this.#ticks.set(tick, (together = new Set()));
    if (tick < this.#armedFor) this.#armFor(tick);
    return new Shared(this, tick, together, ring);
  }

  /** Nobody waits for a tick any more. */
  forget(tick: number): void {
    this.#ticks.delete(tick);
    if (this.#ticks.size === 0) this.#disarm(); // else it would keep the process alive
  }

  #armFor(tick: number): void {
    this.#disarm();
    this.#armedFor = tick;
    this.#armed = this.arm(Math.max(0, tick * TICK_MS - this.now()), () => this.#ring());
  }

  #disarm(): void {
    this.#armed?.();
    this.#armed = undefined;
    this.#armedFor = Infinity;
  }

  #ring(): void {
    this.#armed = undefined;
    this.#armedFor = Infinity;
    const now = this.now();
    const due = [...this.#ticks].filter(([tick]) => tick * TICK_MS <= now).sort(([a], [b]) => a - b);
    for (const [tick] of due) this.#ticks.delete(tick);
    let next = Infinity;
    for (const tick of this.#ticks.keys()) next = Math.min(next, tick);
    if (next < this.#armedFor) this.#armFor(next);
    for (const [, together] of due)
      for (const { ring } of together) {
        try {
          ring();
        } catch (bug) {
          queueMicrotask(() => {
            throw bug; // as from a timer of its own: the others ring all the same
          });
        }
      }
  }
}

const armed = (ms: number, ring: () => void): (() => void) => {
  const timeout = setTimeout(ring, ms);
  return () => clearTimeout(timeout);
};
const now = (): number => performance.now();
const wheel = new Wheel(now, armed);

/** The machine's own time. */
export const systemClock: Clock = {
  now,
  date: () => Date.now(),
  after: (ms, ring) => (ms >= COARSE_FROM_MS ? wheel.after(ms, ring) : { cancel: armed(ms, ring) }),
};
