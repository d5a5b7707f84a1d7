import { type Readable, pipeline } from 'node:stream';
import type { Headers } from '../upstream/answer.js';
import { readableBy, varyAlso } from './cors.js';
import type { Inbound } from './inbound.js';
import type { Category } from './problems.js';
import { SECURITY } from './security.js';
import { send } from './send.js';

/** A product's own answer, on its way to a caller as it is: any status, its own headers, its bytes. */
export interface Handed {
  readonly status: number;
  readonly category: Category;
  /** In lower case, without those of a connection. */
  readonly headers: Headers;
  /** Whole, or as it comes: then its caller sets the pace, and ends it by going away. */
  readonly body: Buffer | Readable;
  /** Whether it is the last one on its connection. */
  readonly last: boolean;
}

/** Sends a product's own answer. Fastify is left out: it would give it a type, and refuse a status. */
export function hand({ reply, request, requestId, traceparent }: Inbound, { status, headers, body, last }: Handed): void {
  const { raw } = reply;
  const fields: Record<string, number | string | string[] | undefined> = reply.getHeaders();
  const { vary } = fields;
  const theirs = readableBy(reply, headers);
  for (const name in theirs) if (theirs[name] !== undefined) fields[name] = theirs[name];
  if (headers['vary'] !== undefined) fields['vary'] = varyAlso(vary, [headers['vary']].flat().join(', '));
  for (const [name, value] of SECURITY) fields[name] = value;
  fields['x-request-id'] = requestId;
  fields['traceparent'] = traceparent;
  if (last) fields['connection'] = 'close';
  if (status === 204) delete fields['content-length'];
  else if (Buffer.isBuffer(body) && status !== 304 && (request.method !== 'HEAD' || body.length > 0))
    fields['content-length'] = body.length;
  raw.writeHead(status, fields);
  if (Buffer.isBuffer(body)) send(raw, body);
  else pipeline(body, raw, () => undefined); // what breaks it off, the connection shows
}
