import type { AxiosInstance } from 'axios';
import type { Clock } from '../clock.js';
import { type OneByOne, batch } from './batch.js';
import { budget } from './budget.js';
import type { Layer, Next } from './call.js';
import { coalesce } from './coalesce.js';
import { deadline } from './deadline.js';
import { type Transport, decode } from './decode.js';
import { type CallMeter, meter } from './meter.js';
import { type CallObserver, observe } from './observe.js';
import { reads } from './reads.js';
import { transport } from './transport.js';

/** What the stack stands on. */
export interface Surroundings {
  readonly clock: Clock;
  readonly http: AxiosInstance;
  readonly observer: CallObserver;
  readonly meter: CallMeter;
  readonly oneByOne: OneByOne;
  /** In the place of the real one: a fake product, a rehearsal. */
  readonly transport?: Transport;
}

/**
 * The way of one call to a product, outermost first. This list is the order; no layer knows its neighbours.
 *
 *   observe   what each part came to, and who reads it
 *   reads     validate and prune to what the part reads
 *   coalesce  equal calls of one identity fly once
 *   batch     the naive loop goes out as one call per chunk
 *   budget    how many calls one request may make
 *   meter     count and time what goes out
 *   deadline  each attempt's total time
 *   decode    a reply becomes an answer or a failure; it has the transport make the exchange
 */
export const stack = (around: Surroundings): Next =>
  build(
    [
      observe(around.observer),
      reads(),
      coalesce(),
      batch(around.oneByOne),
      budget(),
      meter(around.meter, around.clock),
      deadline(around.clock),
    ],
    decode(around.transport ?? transport(around.http)),
  );

/** Joins layers, outermost first, around the innermost one. */
export function build(layers: readonly Layer[], innermost: Layer): Next {
  const end: Next = (call) => innermost(call, nothingBelow);
  return layers.reduceRight<Next>((next, layer) => (call) => layer(call, next), end);
}

const nothingBelow: Next = () => {
  throw new TypeError('the innermost layer has nothing below it');
};
