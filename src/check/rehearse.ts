import { type AnyOperation, id, nameOf } from '#contracts/kernel/index.js';
import { sample } from '#contracts/kernel/sample.js';
import { create } from 'axios';
import type { Composition } from '../composition/composition.js';
import { inputChecks, prepare } from '../composition/prepare.js';
import { type Composed, run } from '../composition/run.js';
import type { Snapshot } from '../policy/snapshot.js';
import { Batching } from '../upstream/batch.js';
import type { Scope } from '../upstream/call.js';
import { Cancellation, type StopReason } from '../upstream/cancellation.js';
import { Attempt } from '../upstream/deadline.js';
import type { Transport, Transported } from '../upstream/decode.js';
import { endpoints, failureOf } from '../upstream/endpoint.js';
import { Store } from '../cache/store.js';
import { stack } from '../upstream/stack.js';
import { LayerState } from '../upstream/state.js';
import { Target } from '../upstream/target.js';
import type { Pace } from './pace.js';
import { sampleAnswer } from './sample-answer.js';
import { VirtualClock } from './virtual-clock.js';

/** One call that went out to a product. */
export interface RehearsedCall {
  readonly operation: AnyOperation;
  /** How many calls of the composition it stands for, where it is a batch. */
  readonly keys: number | undefined;
  /** When it went out, in milliseconds since the request came. */
  readonly at: number;
}

/** What a route did on samples. */
export interface Rehearsal {
  /** Every product call, after batching, in the order in which they went out. The fan-out is not enforced: it is compared. */
  readonly calls: readonly RehearsedCall[];
  /** How long the answer took, in milliseconds of virtual time. */
  readonly ms: number;
  readonly composed: Composed;
}

/** Answers a route once, on samples of its contract and those of its parts. */
export type Rehearse = (composition: Composition, pace: Pace) => Promise<Rehearsal>;

/**
 * Rehearses compositions: the real `compose` on the real stack under this policy, with products that answer samples after
 * the time that is assumed, under a clock that moves by itself. It shows order, loops and batching; it proves nothing
 * about data that branches another way than the samples do.
 */
export function rehearsals(operations: readonly AnyOperation[], snapshot: Snapshot): Rehearse {
  const known = endpoints(operations, () => nowhere);
  const checkInput = inputChecks();
  return async function rehearse(composition, pace) {
    const clock = new VirtualClock();
    const calls: RehearsedCall[] = [];
    const call = stack({
      clock,
      random: () => 0.5,
      state: new LayerState({
        clock,
        random: () => 0.5,
        store: new Store({ maxBytes: 1024, maxEntries: 1 }), // a rehearsal is one request, and begins with nothing kept
        cacheObserver: { bug: () => undefined, undecodable: () => undefined },
        breakerChanged: () => undefined,
      }),
      http: create(),
      observer: { part: () => undefined },
      meter: { begins: () => undefined, ends: () => undefined },
      oneByOne: () => undefined,
      transport: rehearsedProducts(pace, clock, calls),
    });
    const { route } = composition;
    const prepared = prepare(composition, known, checkInput);
    try {
      const input = route.input.parse(sample(route.input, { items: pace.items }));
      const { composed } = await clock.play(() => run(prepared, input, scopeOf(route.line, snapshot), call, clock));
      return { calls, ms: clock.now(), composed };
    } catch (error) {
      return { calls, ms: clock.now(), composed: { kind: 'bug', error } };
    }
  };
}

/** Nothing is sent, so there is nowhere to send it. */
const nowhere = new Target({ urls: [], credential: undefined, connections: 1, connectTimeoutMs: 1, maxAnswerBytes: 1 });

/** Who asks, by an id as contracts write it. */
const USER = sample(id('u'));

const scopeOf = (line: string, snapshot: Snapshot): Scope => ({
  serial: 1,
  requestId: 'rehearsal',
  traceparent: '00-00000000000000000000000000000001-0000000000000001-00',
  passage: {},
  identity: { consumer: undefined, user: USER, issuer: 'rehearsal' },
  reader: line,
  snapshot,
  cancellation: new Cancellation(),
  deadlineAt: snapshot.route(line).deadlineMs,
  budget: { spent: 0, limit: Infinity },
  batching: new Batching(),
});

/** Products that answer samples, and note each call. */
const rehearsedProducts = ({ items, latencyMs }: Pace, clock: VirtualClock, calls: RehearsedCall[]): Transport =>
  async function rehearsedProducts(call) {
    const { endpoint, input, cancellation, policy } = call;
    const { operation } = endpoint;
    const keys = operation.batches && input[operation.batches.list];
    calls.push({ operation, keys: Array.isArray(keys) ? keys.length : undefined, at: clock.now() });
    if (cancellation instanceof Attempt) cancellation.sent = true;
    const answer: unknown = sampleAnswer(call, items);
    return new Promise<Transported>((resolve) => {
      const answering = {
        stop(reason: StopReason): void {
          timer.cancel();
          resolve({ ok: false, failure: failureOf(endpoint, reason, `${nameOf(operation)} was still to answer`) });
        },
      };
      const timer = clock.after(latencyMs === 'deadline' ? policy.deadlineMs - 1 : latencyMs, () => {
        cancellation.off(answering);
        const body = Buffer.from(answer === undefined ? '' : JSON.stringify(answer));
        resolve({ ok: true, reply: { status: operation.status, headers: {}, body } });
      });
      cancellation.on(answering);
    });
  };
