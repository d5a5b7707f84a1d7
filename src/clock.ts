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
  /** Calls back once, `ms` milliseconds from now. */
  after(ms: number, ring: () => void): Timer;
}

/** The machine's own time. */
export const systemClock: Clock = {
  now: () => performance.now(),
  date: () => Date.now(),
  after(ms, ring) {
    const timeout = setTimeout(ring, ms);
    return { cancel: () => clearTimeout(timeout) };
  },
};
