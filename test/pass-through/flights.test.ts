import { describe, expect, it } from '@jest/globals';
import { Flights } from '../../src/pass-through/flights.js';
import { Cancellation } from '../../src/upstream/cancellation.js';
import { Eventual } from '../../src/upstream/eventual.js';

/** A flight under way, with what its work is given and what ends it. */
function flying(flights: Flights, leader: Cancellation) {
  const work = new Eventual<string>();
  const given: Cancellation[] = [];
  const led = flights.lead('key', leader, (cancellation) => {
    given.push(cancellation);
    return work;
  });
  return { led, work, reason: () => given[0]?.reason };
}

describe('a request for which several wait', () => {
  it('goes on when the first of them leaves, and is given up when the last does', () => {
    const flights = new Flights();
    const [leader, second, third] = [new Cancellation(), new Cancellation(), new Cancellation()];
    const { reason } = flying(flights, leader);
    void flights.get('key')?.wait(second);
    void flights.get('key')?.wait(third);
    leader.cancel('cancelled');
    second.cancel('cancelled');
    expect(reason()).toBeUndefined();
    third.cancel('cancelled');
    expect(reason()).toBe('cancelled');
  });

  it('lets those that wait go on once it has landed, well or not', async () => {
    for (const end of ['resolve', 'reject'] as const) {
      const flights = new Flights();
      const { led, work, reason } = flying(flights, new Cancellation());
      const waiting = flights.get('key')?.wait(new Cancellation());
      if (end === 'resolve') work.resolve('landed');
      else work.reject(new Error('landed'));
      const [landed] = await Promise.allSettled([led, waiting]);
      expect(landed.status).toBe(end === 'resolve' ? 'fulfilled' : 'rejected');
      expect([flights.get('key'), reason()]).toEqual([undefined, undefined]);
    }
  });

  it('lets one go at once that leaves', async () => {
    const flights = new Flights();
    flying(flights, new Cancellation());
    const caller = new Cancellation();
    const waiting = flights.get('key')?.wait(caller);
    caller.cancel('cancelled');
    await expect(waiting).resolves.toBeUndefined();
  });
});
