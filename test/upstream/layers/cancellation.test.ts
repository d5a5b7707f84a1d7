import { describe, expect, it } from '@jest/globals';
import { Cancellation } from '../../../src/upstream/cancellation.js';

describe('a cancellation', () => {
  it('tells everyone who listens why, once, and only the first reason counts', () => {
    const cancellation = new Cancellation();
    const told: string[] = [];
    cancellation.on((reason) => told.push(`a ${reason}`));
    cancellation.on((reason) => told.push(`b ${reason}`));
    expect(cancellation.reason).toBeUndefined();
    cancellation.cancel('timeout');
    cancellation.cancel('cancelled');
    expect(cancellation.reason).toBe('timeout');
    expect(told).toEqual(['a timeout', 'b timeout']);
  });

  it('tells at once who listens when it is over', () => {
    const cancellation = new Cancellation();
    cancellation.cancel('cancelled');
    const told: string[] = [];
    cancellation.on((reason) => told.push(reason));
    expect(told).toEqual(['cancelled']);
  });

  it('does not tell who was taken back', () => {
    const cancellation = new Cancellation();
    const told: string[] = [];
    const first = (): unknown => told.push('first');
    cancellation.off(first);
    cancellation.on(first);
    cancellation.on(() => told.push('second'));
    cancellation.off(first);
    cancellation.cancel('timeout');
    expect(told).toEqual(['second']);
  });
});
