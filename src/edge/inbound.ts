import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Snapshot } from '../policy/snapshot.js';
import { Batching } from '../upstream/batch.js';
import type { Identity, Scope } from '../upstream/call.js';
import { Cancellation } from '../upstream/cancellation.js';
import { TIME_LEFT_HEADER } from '../upstream/transport.js';
import { passageOf } from './hops.js';
import { type Trace, traceOf } from './trace.js';

/** The header in which a caller says who it is. */
const CONSUMER_HEADER = 'x-interline-consumer';

/** Whole milliseconds, in eight digits at most: about a day. */
const TIME_LEFT = /^[1-9]\d{0,7}$/;

let serial = 0;

/** One request on its way through the edge. */
export class Inbound implements Trace {
  readonly serial = ++serial;
  readonly requestId: string;
  readonly traceId: string;
  readonly traceparent: string;
  readonly cancellation = new Cancellation();
  readonly identity: Identity = { consumer: undefined, user: undefined };
  /** Who says that it calls, where that is a known consumer; nothing is granted by it. */
  readonly consumer: string;
  /** How long a known consumer says that it waits, in milliseconds; Infinity where none does. */
  readonly waitsMs: number;
  /** Whether the answer is on its way, so that nothing else is sent. */
  answered = false;

  constructor(
    /** The route's line, `auth.v1.getUser` for a product's operation, or `unmatched`: bounded, for metrics and logs. */
    readonly route: string,
    consumers: ReadonlySet<string>,
    readonly request: FastifyRequest,
    readonly reply: FastifyReply,
    /** When it began, on the gateway's clock. */
    readonly began: number,
  ) {
    const { headers } = request;
    const named = headers[CONSUMER_HEADER];
    this.consumer = typeof named === 'string' && consumers.has(named) ? named : 'anonymous';
    const waits = this.consumer === 'anonymous' ? undefined : headers[TIME_LEFT_HEADER];
    this.waitsMs = typeof waits === 'string' && TIME_LEFT.test(waits) ? Number(waits) : Infinity;
    ({ requestId: this.requestId, traceId: this.traceId, traceparent: this.traceparent } = traceOf(headers));
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
