import type { Clock } from '#contracts/client/index.js';

/** A clock that stands still until a test moves it. */
export interface HandClock extends Clock {
  /** Moves on; rings what is due, in order. */
  advance(ms: number): void;
  /** How many timers have not rung. */
  readonly pending: number;
  /** Resolves as soon as that many timers wait, or more. */
  waiting(count: number): Promise<void>;
  /** Resolves as soon as no more than that many timers wait: the others rang or were taken back. */
  downTo(count: number): Promise<void>;
}

/** Starts at a whole second of 2026. */
export function handClock(): HandClock {
  const start = Date.UTC(2026, 10, 20, 12);
  const timers = new Set<{ readonly at: number; readonly ring: () => void }>();
  let watchers: { readonly holds: () => boolean; readonly tell: () => void }[] = [];
  let now = 0;
  const tell = (): void => {
    const told = watchers.filter(({ holds }) => holds());
    watchers = watchers.filter((watcher) => !told.includes(watcher));
    for (const watcher of told) watcher.tell();
  };
  const when = (holds: () => boolean): Promise<void> =>
    new Promise((resolve) => {
      watchers.push({ holds, tell: resolve });
      tell();
    });
  return {
    now: () => now,
    date: () => start + now,
    after(ms, ring) {
      const timer = { at: now + ms, ring };
      timers.add(timer);
      tell();
      const cancel = (): void => {
        timers.delete(timer);
        tell();
      };
      return { cancel };
    },
    advance(ms) {
      now += ms;
      for (const timer of [...timers].sort((a, b) => a.at - b.at)) if (timer.at <= now && timers.delete(timer)) timer.ring();
      tell();
    },
    get pending() {
      return timers.size;
    },
    waiting: (count) => when(() => timers.size >= count),
    downTo: (count) => when(() => timers.size <= count),
  };
}
