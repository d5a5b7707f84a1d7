import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Snapshot } from '../policy/snapshot.js';
import { Batching } from '../upstream/batch.js';
import type { Identity, Scope } from '../upstream/call.js';
import { Cancellation } from '../upstream/cancellation.js';
import { type Trace, traceOf } from './trace.js';

/** The header in which a caller says who it is. */
const CONSUMER_HEADER = 'x-interline-consumer';

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
    ({ requestId: this.requestId, traceId: this.traceId, traceparent: this.traceparent } = traceOf(headers));
  }

  /** What its calls to products know of it; `reader` is who reads what they bring: a route, or a consumer. */
  scope(snapshot: Snapshot, fanOut: number, reader: string): Scope {
    return {
      serial: this.serial,
      requestId: this.requestId,
      traceparent: this.traceparent,
      identity: this.identity,
      reader,
      snapshot,
      cancellation: this.cancellation,
      budget: { spent: 0, limit: fanOut },
      batching: new Batching(),
    };
  }
}
