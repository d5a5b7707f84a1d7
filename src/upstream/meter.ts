import type { Failure } from '#contracts/kernel/index.js';
import type { Clock } from '../clock.js';
import type { Layer } from './call.js';
import type { Endpoint } from './endpoint.js';
import { watched } from './eventual.js';

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
    calls.begins(call.endpoint);
    return watched(call, next, (outcome) =>
      calls.ends(call.endpoint, clock.now() - began, outcome?.ok === false ? outcome.failure : undefined),
    );
  };
