import { describe, expect, it, jest } from '@jest/globals';
import { Cohort, onceAllIsDone, onceAllIsRead } from '../src/cohort.js';

describe('a cohort', () => {
  it('works all that came up at once, in order, and what comes up meanwhile with the next one', () => {
    const drains: (() => void)[] = [];
    const worked: number[] = [];
    const cohort = new Cohort<number>(
      (drain) => drains.push(drain),
      (n) => {
        worked.push(n);
        if (n === 1) cohort.add(3);
      },
    );
    cohort.add(1);
    cohort.add(2);
    expect([drains.length, worked]).toEqual([1, []]);
    drains[0]?.();
    expect([drains.length, worked]).toEqual([2, [1, 2]]);
    drains[1]?.();
    expect([drains.length, worked]).toEqual([2, [1, 2, 3]]);
  });

  it('works the others where one throws, and tells the process of it', () => {
    const later: (() => void)[] = [];
    const told = jest.spyOn(globalThis, 'queueMicrotask').mockImplementation((task) => void later.push(task));
    let drain = (): void => undefined;
    const worked: number[] = [];
    const cohort = new Cohort<number>(
      (ready) => (drain = ready),
      (n) => {
        if (n === 1) throw new Error('a bug');
        worked.push(n);
      },
    );
    cohort.add(1);
    cohort.add(2);
    drain();
    told.mockRestore();
    expect(worked).toEqual([2]);
    expect(later).toHaveLength(1);
    expect(later[0]).toThrow('a bug');
  });

  it('ready within a turn comes after all that awaits, read within a turn after all of it', async () => {
    const order: string[] = [];
    const read = new Cohort<string>(onceAllIsRead, (text) => order.push(text));
    const done = new Cohort<string>(onceAllIsDone, (text) => order.push(text));
    read.add('read');
    done.add('done');
    void Promise.resolve()
      .then(() => order.push('first'))
      .then(() => order.push('second'));
    order.push('now');
    await new Promise((resolve) => setImmediate(resolve));
    expect(order).toEqual(['now', 'first', 'second', 'done', 'read']);
  });
});
