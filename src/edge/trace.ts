import { randomFillSync } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/** The names under which one request is found again, here and in every product that it reached. */
export interface Trace {
  /** The caller's `x-request-id` where it is well formed, else the trace id. */
  readonly requestId: string;
  readonly traceId: string;
  /** The trace that the request belongs to, with our own span in it (W3C Trace Context). */
  readonly traceparent: string;
}

const TRACEPARENT = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;
const REQUEST_ID = /^[\w.:-]{1,128}$/;
const ZERO = /^0+$/;

/** Goes on with the trace that the caller began, or begins one. */
export function traceOf(headers: IncomingHttpHeaders): Trace {
  const asked = headers['x-request-id'];
  const given = typeof headers['traceparent'] === 'string' ? TRACEPARENT.exec(headers['traceparent']) : null;
  const [, trace = '', span = '', flags = ''] = given ?? [];
  const known = given !== null && !ZERO.test(trace) && !ZERO.test(span);
  const fresh = randomHex();
  const traceId = known ? trace : fresh.slice(16);
  return {
    requestId: typeof asked === 'string' && REQUEST_ID.test(asked) ? asked : traceId,
    traceId,
    traceparent: `00-${traceId}-${fresh.slice(0, 16)}-${known ? flags : '00'}`,
  };
}

const BYTES = 24;
const pool = Buffer.alloc(BYTES * 256);
const DIGITS = 2 * pool.length;
let hex = '';
let used = DIGITS;

/** 24 random bytes in hex: a span id and a trace id. Cut from a pool, since asking the system each time costs more than the rest. */
function randomHex(): string {
  if (used === DIGITS) {
    hex = randomFillSync(pool).toString('hex');
    used = 0;
  }
  return hex.slice(used, (used += 2 * BYTES));
}
