import type { IncomingHttpHeaders } from 'node:http';
import { joined } from '../cache/directives.js';
import type { Headers } from '../upstream/answer.js';

/** Fields of one connection (RFC 9110, 7.6.1), and those that a sender writes anew for the next one. */
const HOP_BY_HOP: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authentication-info',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** What a caller may not say to a product: who it is, where it comes from, and that it means another request than it sends. */
const KEPT_BACK: ReadonlySet<string> = new Set([
  'authorization',
  'cdn-loop',
  'cf-connecting-ip',
  'content-length',
  'cookie',
  'cookie2',
  'expect',
  'forwarded',
  'front-end-https',
  'host',
  'true-client-ip',
  'via',
  'x-client-ip',
  'x-cluster-client-ip',
  'x-consumer',
  'x-host',
  'x-http-method',
  'x-http-method-override',
  'x-method-override',
  'x-original-host',
  'x-original-url',
  'x-real-ip',
  'x-request-id',
  'x-request-timeout-ms',
  'x-rewrite-url',
  'x-user',
  'traceparent',
  'tracestate',
]);

/** Whole families of such names. */
const KEPT_BACK_FAMILY = /^(?:x-forwarded-|x-interline-|x-user-|x-authenticated-)/;

/** What of a caller's headers goes to a product: all end-to-end fields but cookies, identity and where it says it comes from. */
export function forwarded(headers: IncomingHttpHeaders): Readonly<Record<string, string>> {
  const named = namedBy(headers.connection);
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    // Servers that turn `-` into `_` would take `x_user_id` for ours.
    if (HOP_BY_HOP.has(name) || KEPT_BACK.has(name) || KEPT_BACK_FAMILY.test(name) || name.includes('_') || named.has(name)) continue;
    const text = joined(value);
    if (text !== undefined) kept[name] = text;
  }
  return kept;
}

/** What of a product's headers goes to a caller: all end-to-end fields but cookies, and those by which every answer is known here. */
export function returned(headers: Headers): Headers {
  const named = namedBy(joined(headers['connection']));
  const kept: Record<string, string | string[] | undefined> = {};
  for (const [name, value] of Object.entries(headers))
    if (!HOP_BY_HOP.has(name) && !named.has(name) && !NOT_RETURNED.has(name)) kept[name] = value;
  return kept;
}

const NOT_RETURNED: ReadonlySet<string> = new Set(['set-cookie', 'set-cookie2', 'traceparent', 'x-request-id']);

const namedBy = (connection: string | undefined): ReadonlySet<string> =>
  new Set((connection ?? '').split(',').map((name) => name.trim().toLowerCase()));

/** A request's headers as answers are chosen by them: languages are the same in upper and lower case (RFC 4647, 2). */
export function presentedOf(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const { 'accept-language': languages } = headers;
  return languages === undefined ? headers : { ...headers, 'accept-language': languages.toLowerCase() };
}
