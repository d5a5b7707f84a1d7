import type { Headers } from '../upstream/answer.js';
import { type Handling, withStatus } from '../cache/cache-status.js';
import { continues, holds, spanOf } from './conditions.js';
import type { Passed } from './exchange.js';
import type { Stored } from './stored.js';

/** What a request wants of what is kept. */
export interface Wanted {
  readonly method: string;
  readonly headers: Headers;
  /** The date, in milliseconds since 1970. */
  readonly now: number;
}

/** What is kept, as an answer to this very request: its head alone where the caller holds the rest, or the part that was asked for. */
export function answerFrom({ status, headers: kept, body }: Stored, wanted: Wanted, ageMs: number, handling: Handling): Passed {
  const { method, headers: asked, now } = wanted;
  const headers = withStatus({ ...kept, age: String(Math.floor(ageMs / 1000)) }, handling);
  const whole = { status, headers, body };
  if (status !== 200) return whole;
  if (holds(asked, kept, now)) return notModified(whole);
  const { range } = asked;
  const span = typeof range === 'string' && method === 'GET' && continues(asked, kept) ? spanOf(range, body.length) : undefined;
  if (span === undefined) return whole;
  if (span === 'beyond') return { status: 416, headers: { ...bare(headers), 'content-range': `bytes */${body.length}` }, body: NOTHING };
  const { from, to } = span;
  return { status: 206, headers: { ...headers, 'content-range': `bytes ${from}-${to}/${body.length}` }, body: body.subarray(from, to + 1) };
}

const NOTHING = Buffer.alloc(0);

/** The head alone, for a caller who holds the rest (RFC 9110, 15.4.5). */
export const notModified = ({ headers }: Passed): Passed => ({ status: 304, headers: bare(headers), body: NOTHING });

/** Without what speaks of the bytes. */
const bare = (headers: Headers): Headers => Object.fromEntries(Object.entries(headers).filter(([name]) => !OF_BYTES.has(name)));

const OF_BYTES: ReadonlySet<string> = new Set(['content-encoding', 'content-language', 'content-length', 'content-range', 'content-type']);
