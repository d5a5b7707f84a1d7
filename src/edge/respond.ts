import { hash } from 'node:crypto';
import { type OutgoingHttpHeader, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { varyAlso } from './cors.js';
import { type Handed, hand } from './hand.js';
import type { Inbound } from './inbound.js';
import type { Category, Response } from './problems.js';
import { SECURITY } from './security.js';
import { send } from './send.js';
import type { Trace } from './trace.js';

/**
 * Sends an answer: its own headers, those that every answer has, and 304 where the caller holds it already (RFC 9110,
 * 13.1.2). Fastify is left out, which would look through each answer once more; Node leaves the body of a HEAD out and its length in.
 * @param last whether it is the last one on its connection
 * @returns the category that the answer ends in
 */
export function respond(inbound: Inbound, response: Response | Handed, last: boolean): Category {
  const { reply, request } = inbound;
  inbound.answered = true;
  if ('last' in response) {
    hand(inbound, response);
    return response.category;
  }
  const { status, type, body, headers, category } = response;
  const { etag } = headers;
  const said: Record<string, OutgoingHttpHeader | undefined> = reply.getHeaders();
  // Names and values by turns: Node takes them as they stand, where it would have to look each one up.
  const fields: OutgoingHttpHeader[] = ['x-request-id', inbound.requestId, 'traceparent', inbound.traceparent];
  for (const [name, value] of SECURITY) fields.push(name, value);
  for (const name in said) {
    const value = said[name];
    if (value !== undefined && headers[name] === undefined && !(last && name === 'connection')) fields.push(name, value);
  }
  for (const name in headers) {
    const value = headers[name];
    if (value !== undefined && !(last && name === 'connection')) fields.push(name, name === 'vary' ? varyAlso(said[name], value) : value);
  }
  if (last) fields.push('connection', 'close');
  const { raw } = reply;
  if (etag !== undefined && holds(request.headers['if-none-match'], etag)) {
    raw.writeHead(304, fields).end();
    return 'success_not_modified';
  }
  if (status !== 204) fields.push('content-type', type, 'content-length', Buffer.byteLength(body));
  raw.writeHead(status, fields);
  send(raw, body);
  return category;
}

/** Sends an answer where no request could be read, so that there is nothing of Fastify's to send it with; then closes the connection. */
export function respondOn(socket: Socket, { requestId, traceparent }: Trace, { status, type, body, headers }: Response): void {
  const lines = Object.entries({
    ...headers,
    ...Object.fromEntries(SECURITY),
    'content-type': type,
    'content-length': Buffer.byteLength(body),
    connection: 'close',
    'x-request-id': requestId,
    traceparent,
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.write(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('')}\r\n`);
  socket.end(body, () => socket.destroy());
}

/** A strong validator of these bytes. */
export const etagOf = (body: string | Buffer): string => `"${hash('sha1', body, 'base64url')}"`;

/** Whether `If-None-Match` names this entity tag, compared weakly (RFC 9110, 8.8.3.2). */
function holds(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  return ifNoneMatch.split(',').some((tag) => {
    const one = tag.trim();
    return one === '*' || one === etag || one === `W/${etag}`;
  });
}
