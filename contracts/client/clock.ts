/** What can be taken back: a timer that has not rung yet. */
export interface Timer {
  cancel(): void;
}

/** Time as a client sees it; a test puts one in its place that moves by hand. */
export interface Clock {
  /** Milliseconds on a steady scale: for deadlines, not a date. */
  now(): number;
  /** The date, in milliseconds since 1970. */
  date(): number;
  /** Calls back once, `ms` milliseconds from now. */
  after(ms: number, ring: () => void): Timer;
}

/** The longest that `setTimeout` can wait; what is longer would ring at once. */
const LONGEST_MS = 2 ** 31 - 1;

/** The machine's own time. */
export const systemClock: Clock = {
  now: () => performance.now(),
  date: () => Date.now(),
  after(ms, ring) {
    const timeout = setTimeout(ring, Math.min(ms, LONGEST_MS));
    return { cancel: () => clearTimeout(timeout) };
  },
};

/** Waits `ms`, or less where the signal ends the wait; leaves nothing behind. */
export function pause(ms: number, clock: Clock, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      timer.cancel();
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = clock.after(ms, done);
    signal.addEventListener('abort', done);
  });
}
