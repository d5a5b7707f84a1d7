import { describe, expect, it } from '@jest/globals';
import { VirtualClock } from '../../src/check/virtual-clock.js';

/** Resolves after so many milliseconds of this clock. */
const after = (clock: VirtualClock, ms: number): Promise<void> => new Promise((resolve) => void clock.after(ms, resolve));

describe('a virtual clock', () => {
  it('leaps from timer to timer, so that an hour takes no time', async () => {
    const clock = new VirtualClock();
    const began = clock.date();
    const seen: number[] = [];
    await clock.play(async () => {
      for (let hour = 0; hour < 24; hour++) {
        await after(clock, 3_600_000);
        seen.push(clock.now());
      }
    });
    expect(seen).toHaveLength(24);
    expect(clock.date() - began).toBe(24 * 3_600_000);
  });

  it('stands still while any promise can go on', async () => {
    const clock = new VirtualClock();
    const at = await clock.play(async () => {
      void after(clock, 1);
      for (let i = 0; i < 10_000; i++) await Promise.resolve();
      return clock.now();
    });
    expect(at).toBe(0);
  });

  it('rings by time, then by age, and lets all that follows happen before the next', async () => {
    const clock = new VirtualClock();
    const seen: string[] = [];
    const step = async (name: string, ms: number): Promise<void> => {
      await after(clock, ms);
      seen.push(name);
      await Promise.resolve();
      seen.push(`${name} on`);
    };
    await clock.play(() => Promise.all([step('late', 20), step('first', 10), step('second', 10)]));
    expect(seen).toEqual(['first', 'first on', 'second', 'second on', 'late', 'late on']);
  });

  it('does not ring what was taken back, nor wait for it', async () => {
    const clock = new VirtualClock();
    const rung: string[] = [];
    await clock.play(async () => {
      clock.after(5, () => rung.push('taken back')).cancel();
      await after(clock, 10);
    });
    expect(rung).toEqual([]);
    expect(clock.now()).toBe(10);
  });

  it('ends with the work, whatever still waits', async () => {
    const clock = new VirtualClock();
    await clock.play(async () => {
      void after(clock, 1000);
      await after(clock, 1);
    });
    expect(clock.now()).toBe(1);
  });

  it('says so when the work waits for what no timer will bring', async () => {
    await expect(new VirtualClock().play(() => new Promise(() => undefined))).rejects.toThrow(
      'it waits for something else than the injected clock: nothing would ever go on',
    );
  });

  it('passes on what the work throws', async () => {
    const clock = new VirtualClock();
    const work = async (): Promise<never> => {
      await after(clock, 1);
      throw new Error('broken');
    };
    await expect(clock.play(work)).rejects.toThrow('broken');
  });
});
