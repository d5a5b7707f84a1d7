import { Cohort, onceAllIsRead } from '../cohort.js';
import type { Eventual } from './eventual.js';

class Landing<T> {
  constructor(
    readonly eventual: Eventual<T>,
    readonly value: T,
  ) {}

  end(): void {
    this.eventual.resolve(this.value);
  }
}

const landings = new Cohort<Pick<Landing<unknown>, 'end'>>(onceAllIsRead, (landing) => landing.end());

/**
 * Says that what was to come over a connection is there: who waits for it goes on once all has been read that came in this turn, and
 * not within the client, which is in the middle of its own work.
 */
export const land = <T>(eventual: Eventual<T>, value: T): void => landings.add(new Landing(eventual, value));
