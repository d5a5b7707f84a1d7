import type { Failure } from '#contracts/kernel/index.js';
import type { Clock } from '../clock.js';
import type { Outcome } from './answer.js';
import type { Layer } from './call.js';
import type { Endpoint } from './endpoint.js';

/** Who is told of each call that goes out to a product. */
export interface CallMeter {
  begins(endpoint: Endpoint): void;
  /** @param ms how long the product took, in milliseconds */
  ends(endpoint: Endpoint, ms: number, failure: Failure | undefined): void;
}

/** Counts and times what goes out to a product: one for each call on the wire, so a batch counts once. */
export const meter = (calls: CallMeter, clock: Clock): Layer =>
  function meter(call, next) {
    const began = clock.now();
    const ends = (failure: Failure | undefined): void => calls.ends(call.endpoint, clock.now() - began, failure);
    const settled = (outcome: Outcome): Outcome => {
      ends(outcome.ok ? undefined : outcome.failure);
      return outcome;
    };
    const broken = (bug: unknown): never => {
      ends(undefined);
      throw bug;
    };
    calls.begins(call.endpoint);
    let outcome;
    try {
      outcome = next(call);
    } catch (bug) {
      return broken(bug);
    }
    return outcome instanceof Promise ? outcome.then(settled, broken) : settled(outcome);
  };
