import { performance } from 'node:perf_hooks';

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

/** Timers that ring together, in the order in which they were set. */
class Tick {
  #first: Shared | undefined;
  #last: Shared | undefined;

  constructor(
    readonly wheel: Wheel,
    /** In ticks. */
    readonly at: number,
  ) {}

  get first(): Shared | undefined {
    return this.#first;
  }

  add(timer: Shared): void {
    timer.before = this.#last;
    if (this.#last) this.#last.after = timer;
    else this.#first = timer;
    this.#last = timer;
  }

  remove(timer: Shared): void {
    const { before, after } = timer;
    if (before) before.after = after;
    else this.#first = after;
    if (after) after.before = before;
    else this.#last = before;
    timer.before = timer.after = undefined;
  }
}

/** One of many timers that share one of the machine's. */
class Shared implements Timer {
  before: Shared | undefined;
  after: Shared | undefined;
  #tick: Tick | undefined;

  constructor(
    tick: Tick,
    public ring: () => void,
  ) {
    this.#tick = tick;
    tick.add(this);
  }

  cancel(): void {
    const tick = this.#leave();
    if (tick && !tick.first) tick.wheel.forget(tick);
  }

  /** Rings, and is over. */
  rings(): void {
    const { ring } = this;
    this.#leave();
    ring();
  }

  #leave(): Tick | undefined {
    const tick = this.#tick;
    tick?.remove(this);
    this.#tick = undefined;
    this.ring = ignore; // nothing is held on to by a timer that is not needed
    return tick;
  }
}

const ignore = (): void => undefined;

/**
 * Deadlines, nearly all of which are taken back: a timer of the machine's own for each costs as much as a layer does. Those that
 * ring within the same ten milliseconds ring together.
 */
export class Wheel {
  /** By the tick at which they ring; a tick is there as long as a timer is. */
  readonly #ticks = new Map<number, Tick>();
  #armedFor = Infinity;
  #armed: (() => void) | undefined;

  /** @param arm calls back once after so many milliseconds, unless what it gives is called before */
  constructor(
    readonly now: () => number,
    readonly arm: (ms: number, ring: () => void) => () => void,
  ) {}

  after(ms: number, ring: () => void): Timer {
    return new Shared(this.#tickAt(Math.ceil((this.now() + ms) / TICK_MS)), ring);
  }

  #tickAt(at: number): Tick {
    let tick = this.#ticks.get(at);
    if (!tick) this.#ticks.set(at, (tick = new Tick(this, at)));
    if (at < this.#armedFor) this.#armFor(at);
    return tick;
  }

  /** Nobody waits for a tick any more. */
  forget(tick: Tick): void {
    if (this.#ticks.get(tick.at) === tick) this.#ticks.delete(tick.at);
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
    for (const [, tick] of due)
      for (let timer = tick.first; timer; timer = tick.first) {
        try {
          timer.rings();
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

/** Calls back every so many milliseconds of the machine's own time, and keeps no process alive. */
export function repeatedly(ms: number, ring: () => void): Timer {
  const interval = setInterval(ring, ms).unref();
  return { cancel: () => clearInterval(interval) };
}
