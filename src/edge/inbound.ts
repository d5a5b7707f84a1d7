import { randomFillSync } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Snapshot } from '../policy/snapshot.js';
import { Batching } from '../upstream/batch.js';
import type { Identity, Scope } from '../upstream/call.js';
import { Cancellation } from '../upstream/cancellation.js';

const TRACEPARENT = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;
const REQUEST_ID = /^[\w.:-]{1,128}$/;
const ZERO = /^0+$/;

/** The header in which a caller says who it is. */
export const CONSUMER_HEADER = 'x-interline-consumer';

let serial = 0;

/** One request on its way through the edge. */
export class Inbound {
  readonly serial = ++serial;
  readonly requestId: string;
  readonly traceId: string;
  /** The trace that this request belongs to, with our own span in it (W3C Trace Context). */
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
    const asked = headers['x-request-id'];
    const parent = typeof headers.traceparent === 'string' ? TRACEPARENT.exec(headers.traceparent) : null;
    const known = parent?.[1] !== undefined && !ZERO.test(parent[1]) ? parent[1] : undefined;
    const ids = randomHex();
    this.traceId = known ?? ids.slice(16);
    this.traceparent = `00-${this.traceId}-${ids.slice(0, 16)}-${known === undefined ? '00' : (parent?.[3] ?? '00')}`;
    this.requestId = typeof asked === 'string' && REQUEST_ID.test(asked) ? asked : this.traceId;
  }

  /** What its calls to products know of it. */
  scope(snapshot: Snapshot, fanOut: number): Scope {
    return {
      serial: this.serial,
      requestId: this.requestId,
      traceparent: this.traceparent,
      identity: this.identity,
      reader: this.consumer === 'anonymous' ? this.route : this.consumer,
      snapshot,
      cancellation: this.cancellation,
      budget: { spent: 0, limit: fanOut },
      batching: new Batching(),
    };
  }
}

const BYTES = 24;
const pool = Buffer.alloc(BYTES * 256);
let used = pool.length;

/** 24 random bytes in hex: a span id and a trace id. Drawn from a pool, since asking the system each time costs more than the rest. */
function randomHex(): string {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  return pool.toString('hex', used, (used += BYTES));
}
