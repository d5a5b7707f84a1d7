import type { Clock } from './clock.js';

/** What ends one call before its answer: its deadline, or the caller. */
export interface Ending {
  /** Aborts when the call is to end. */
  readonly signal: AbortSignal;
  /** What ended it, once something has. */
  readonly by: 'timeout' | 'cancelled' | undefined;
  readonly deadlineMs: number;
  /** Milliseconds until the deadline. */
  leftMs(): number;
  /** Takes back the timer and the listener. */
  release(): void;
}

/** Watches the deadline and the caller's signal: one timer and one listener per call, however many attempts it makes. */
export function ending(deadlineMs: number, clock: Clock, signal: AbortSignal | undefined): Ending {
  const controller = new AbortController();
  const until = clock.now() + deadlineMs;
  let by: Ending['by'];
  const end = (why: 'timeout' | 'cancelled'): void => {
    by ??= why;
    controller.abort();
  };
  const leave = (): void => end('cancelled');
  if (signal?.aborted) leave();
  else signal?.addEventListener('abort', leave, { once: true });
  const timer = clock.after(deadlineMs, () => end('timeout'));
  return {
    signal: controller.signal,
    get by() {
      return by;
    },
    deadlineMs,
    leftMs: () => until - clock.now(),
    release() {
      timer.cancel();
      signal?.removeEventListener('abort', leave);
    },
  };
}
