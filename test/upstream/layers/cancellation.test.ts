import { describe, expect, it } from '@jest/globals';
import { Cancellation, type Stoppable } from '../../../src/upstream/cancellation.js';

/** What notes that it was stopped, and why. */
const noting = (told: string[], name: string): Stoppable => ({ stop: (reason) => told.push(`${name} ${reason}`) });

describe('a cancellation', () => {
  it('stops everything in order, once, and only the first reason counts', () => {
    const cancellation = new Cancellation();
    const told: string[] = [];
    for (const name of ['a', 'b', 'c']) cancellation.on(noting(told, name));
    expect(cancellation.reason).toBeUndefined();
    cancellation.cancel('timeout');
    cancellation.cancel('cancelled');
    expect(cancellation.reason).toBe('timeout');
    expect(told).toEqual(['a timeout', 'b timeout', 'c timeout']);
  });

  it('stops at once what comes when it is over', () => {
    const cancellation = new Cancellation();
    cancellation.cancel('cancelled');
    const told: string[] = [];
    cancellation.on(noting(told, 'late'));
    expect(told).toEqual(['late cancelled']);
  });

  it.each([[['a']], [['b']], [['d']], [['a', 'c']], [['d', 'c']], [['b', 'a', 'd']], [['a', 'b', 'c', 'd']]])(
    'does not stop what was taken back: %j of four',
    (back) => {
      const cancellation = new Cancellation();
      const told: string[] = [];
      const all = new Map(['a', 'b', 'c', 'd'].map((name) => [name, noting(told, name)]));
      const off = (name: string): void => cancellation.off(all.get(name) ?? noting(told, 'nobody'));
      off('a'); // not there yet
      for (const one of all.values()) cancellation.on(one);
      for (const name of back) off(name);
      for (const name of back) off(name); // gone already
      cancellation.cancel('timeout');
      expect(told.toSorted()).toEqual([...all.keys()].filter((name) => !back.includes(name)).map((name) => `${name} timeout`));
    },
  );
});
