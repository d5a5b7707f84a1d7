import type { Clock } from '#contracts/client/index.js';

/** A clock that stands still until a test moves it. */
export interface HandClock extends Clock {
  /** Moves on; rings what is due, in order. */
  advance(ms: number): void;
  /** How many timers have not rung. */
  readonly pending: number;
  /** Resolves as soon as that many timers wait. */
  waiting(count: number): Promise<void>;
}

/** Starts at a whole second of 2026. */
export function handClock(): HandClock {
  const start = Date.UTC(2026, 10, 20, 12);
  const timers = new Set<{ readonly at: number; readonly ring: () => void }>();
  let watchers: { readonly count: number; readonly tell: () => void }[] = [];
  let now = 0;
  const tell = (): void => {
    const told = watchers.filter(({ count }) => timers.size >= count);
    watchers = watchers.filter((watcher) => !told.includes(watcher));
    for (const watcher of told) watcher.tell();
  };
  return {
    now: () => now,
    date: () => start + now,
    after(ms, ring) {
      const timer = { at: now + ms, ring };
      timers.add(timer);
      tell();
      return { cancel: () => void timers.delete(timer) };
    },
    advance(ms) {
      now += ms;
      for (const timer of [...timers].sort((a, b) => a.at - b.at)) if (timer.at <= now && timers.delete(timer)) timer.ring();
    },
    get pending() {
      return timers.size;
    },
    waiting: (count) =>
      new Promise((resolve) => {
        watchers.push({ count, tell: resolve });
        tell();
      }),
  };
}
