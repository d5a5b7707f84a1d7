import type { AxiosInstance } from 'axios';
import { cache } from '../cache/cache.js';
import { invalidate } from '../cache/invalidate.js';
import type { Clock } from '../clock.js';
import { type OneByOne, batch } from './batch.js';
import { breaker } from './breaker.js';
import { budget } from './budget.js';
import { bulkhead } from './bulkhead.js';
import type { Layer, Next } from './call.js';
import { coalesce } from './coalesce.js';
import { deadline } from './deadline.js';
import { type Transport, decode } from './decode.js';
import { hedge } from './hedge.js';
import { limit } from './limit.js';
import { type CallMeter, meter } from './meter.js';
import { type CallObserver, observe } from './observe.js';
import { reads } from './reads.js';
import { retry } from './retry.js';
import type { LayerState } from './state.js';
import { type Forward, transport } from './transport.js';

/** What the stack stands on. */
export interface Surroundings {
  readonly clock: Clock;
  /** From 0 to below 1. */
  readonly random: () => number;
  readonly http: AxiosInstance;
  readonly observer: CallObserver;
  readonly meter: CallMeter;
  readonly oneByOne: OneByOne;
  readonly state: LayerState;
  /** What products are told of who asks. Default: nothing. */
  readonly forward?: Forward;
  /** In the place of the real one: a fake product, a rehearsal. */
  readonly transport?: Transport;
}

/**
 * The way of one call to a product, outermost first. This list is the order; no layer knows its neighbours.
 *
 *   observe     what each part came to, and who reads it
 *   reads       validate and prune to what the part reads
 *   cache       answer from what is kept: fresh, stale, or in the place of an error
 *   coalesce    equal calls of one identity fly once
 *   batch       the naive loop goes out as one call per chunk
 *   budget      how many calls one request may make
 *   invalidate  after a write, what it was about is no longer kept
 *   retry       once more, within a budget
 *   hedge       a second time, where the first takes long
 *   breaker     not at all, while it fails too often
 *   limit       so many a second toward the product
 *   bulkhead    so many at once toward the product
 *   meter       count and time what goes out
 *   deadline    each attempt's total time
 *   decode      a reply becomes an answer or a failure; it has the transport make the exchange
 */
export function layers(around: Surroundings): readonly Layer[] {
  const { clock, random, state } = around;
  return [
    observe(around.observer),
    reads(),
    cache(state.caches),
    coalesce(state.caches),
    batch(around.oneByOne),
    budget(),
    invalidate(state.caches),
    retry(state.retries, state.breakers, clock, random),
    hedge(state.hedges, state.retries, state.breakers, state.bulkheads, clock),
    breaker(state.breakers),
    limit(state.limits),
    bulkhead(state.bulkheads),
    meter(around.meter, clock),
    deadline(clock),
  ];
}

/** Those layers around the one that has the transport make the exchange. */
export const stack = (around: Surroundings): Next =>
  build(layers(around), decode(around.transport ?? transport(around.http, around.clock, around.forward)));

/** Joins layers, outermost first, around the innermost one. */
export function build(layers: readonly Layer[], innermost: Layer): Next {
  const end: Next = (call) => innermost(call, nothingBelow);
  return layers.reduceRight<Next>((next, layer) => (call) => layer(call, next), end);
}

const nothingBelow: Next = () => {
  throw new TypeError('the innermost layer has nothing below it');
};
