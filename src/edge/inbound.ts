import type { FastifyReply, FastifyRequest } from 'fastify';
import { ANONYMOUS } from '../policy/access.js';
import type { Snapshot } from '../policy/snapshot.js';
import { Batching } from '../upstream/batch.js';
import type { Identity, Scope } from '../upstream/call.js';
import { Cancellation } from '../upstream/cancellation.js';
import { TIME_LEFT_HEADER } from '../upstream/transport.js';
import { passageOf } from './hops.js';
import { type Trace, traceOf } from './trace.js';

/** Whole milliseconds, in eight digits at most: about a day. */
const TIME_LEFT = /^[1-9]\d{0,7}$/;

const NOBODY: Identity = { consumer: undefined, user: undefined };

let serial = 0;

/** One request on its way through the edge. */
export class Inbound implements Trace {
  readonly serial = ++serial;
  readonly requestId: string;
  readonly traceId: string;
  readonly traceparent: string;
  readonly cancellation = new Cancellation();
  /** Who calls, as far as it is proven. */
  identity: Identity = NOBODY;
  /** Whether the answer is on its way, so that nothing else is sent. */
  answered = false;

  constructor(
    /** The route's line, `auth.v1.getUser` for a product's operation, or `unmatched`: bounded, for metrics and logs. */
    readonly route: string,
    readonly request: FastifyRequest,
    readonly reply: FastifyReply,
    /** When it began, on the gateway's clock. */
    readonly began: number,
  ) {
    ({ requestId: this.requestId, traceId: this.traceId, traceparent: this.traceparent } = traceOf(request.headers));
  }

  /** Who calls, for metrics and logs: bounded, since only a consumer that has proven itself has a name. */
  get consumer(): string {
    return this.identity.consumer ?? ANONYMOUS;
  }

  /** How long a consumer says that it waits, in milliseconds; Infinity where none does, or nobody knows it. */
  get waitsMs(): number {
    const waits = this.identity.consumer === undefined ? undefined : this.request.headers[TIME_LEFT_HEADER];
    return typeof waits === 'string' && TIME_LEFT.test(waits) ? Number(waits) : Infinity;
  }

  /**
   * What its calls to products know of it; `reader` is who reads what they bring: a route, or a consumer. It has to be
   * answered within `deadlineMs`, or sooner where its consumer waits no longer.
   */
  scope(snapshot: Snapshot, { fanOut, deadlineMs }: { readonly fanOut: number; readonly deadlineMs: number }, reader: string): Scope {
    return {
      serial: this.serial,
      requestId: this.requestId,
      traceparent: this.traceparent,
      identity: this.identity,
      reader,
      snapshot,
      cancellation: this.cancellation,
      deadlineAt: this.began + Math.min(deadlineMs, this.waitsMs),
      passage: passageOf(this.request.headers),
      budget: { spent: 0, limit: fanOut },
      batching: new Batching(),
    };
  }
}
