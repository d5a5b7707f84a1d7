import type { IncomingHttpHeaders } from 'node:http';
import { joined } from '../cache/directives.js';
import { Recent } from '../recent.js';
import type { Headers } from '../upstream/answer.js';

/** Fields of one connection (RFC 9110, 7.6.1), and those that a sender writes anew for the next one. */
const HOP_BY_HOP: ReadonlySet<string> = new Set([
  'close',
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

/** What a caller may not say to a product, or what goes out anew: who it is, where it is, how long the body is. */
const KEPT_BACK: ReadonlySet<string> = new Set([
  'authorization',
  'base-url',
  'cdn-loop',
  'cf-visitor',
  'content-length',
  'cookie',
  'cookie2',
  'destination-host',
  'expect',
  'front-end-https',
  'host',
  'request-uri',
  'traceparent',
  'tracestate',
  'via',
  'x-base-url',
  'x-host',
  'x-host-override',
  'x-https',
  'x-method-override',
  'x-request-id',
  'x-request-timeout-ms',
  'x-scheme',
  'x-sendfile',
  'x-ssl',
  'x-url-scheme',
]);

/**
 * Whole families of such names: a caller would say there that it means another request than it sends, comes from another
 * place, or is somebody else. Products believe them, and seldom name them in `Vary`.
 */
const KEPT_BACK_FAMILIES: readonly RegExp[] = [
  /^(?:x-)?(?:accel|envoy|forward|forwarded|http|invoke|middleware|original|originating|proxy|real|remote|rewrite)(?:-|$)/,
  /^x-(?:amzn-oidc|auth-request|authenticated|consumer|goog-authenticated|interline|jwt-assertion|ms-client-principal|user)(?:-|$)/,
  /(?:client|connecting)-?(?:host|ip|ipv6)$/,
];

/** What is known of the name of a caller's header. */
interface Known {
  /** Whether it may go on to a product. */
  readonly goesOn: boolean;
  /** Whether callers say under it who they are. */
  readonly isCredential: boolean;
}

/** Names under which callers say who they are, or what they may do. */
const CREDENTIAL = /(?:^|-)(?:api-?key|auth|authorization|credentials?|jwt|secret|session|session-?id|[a-z]*token)$/;

/** Names come again and again: how many of them are remembered at least. */
const LEAST_NAMES = 500;
const names = new Recent<Known>(LEAST_NAMES);

function knownOf(name: string): Known {
  let known = names.get(name);
  if (known) return known;
  // Servers that turn `-` into `_` would take `x_user_id` for ours.
  const isKeptBack = KEPT_BACK.has(name) || KEPT_BACK_FAMILIES.some((family) => family.test(name)) || name.includes('_');
  known = { goesOn: !HOP_BY_HOP.has(name) && !isKeptBack, isCredential: CREDENTIAL.test(name) };
  names.set(name, known);
  return known;
}

/** What of a caller's headers goes to a product: all end-to-end fields but cookies, identity and where it says it comes from. */
export function forwarded(headers: IncomingHttpHeaders): Readonly<Record<string, string>> {
  const named = namedBy(headers.connection);
  const kept: Record<string, string> = {};
  for (const name of Object.keys(headers)) {
    if (!knownOf(name).goesOn || named.has(name)) continue;
    const text = joined(headers[name]);
    if (text !== undefined) kept[name] = text;
  }
  return kept;
}

/** What of a product's headers goes to a caller: all end-to-end fields but cookies, and those by which every answer is known here. */
export function returned(headers: Headers): Headers {
  const named = namedBy(joined(headers['connection']));
  const kept: Record<string, string | string[] | undefined> = {};
  for (const name of Object.keys(headers)) if (!NOT_RETURNED.has(name) && !named.has(name)) kept[name] = headers[name];
  return kept;
}

const NOT_RETURNED: ReadonlySet<string> = new Set([...HOP_BY_HOP, 'set-cookie', 'set-cookie2', 'traceparent', 'x-request-id']);

const NONE: ReadonlySet<string> = new Set();

/** The fields that a sender says are of its connection; most say no more than whether it is kept. */
function namedBy(connection: string | undefined): ReadonlySet<string> {
  if (connection === undefined || connection === 'keep-alive' || connection === 'close') return NONE; // no fields that go on anyway
  return new Set(connection.split(',').map((name) => name.trim().toLowerCase()));
}

/** Whether a request says who asks, in a field made for that or in one that is commonly taken for it. */
export const isAuthorized = (headers: IncomingHttpHeaders): boolean => Object.keys(headers).some((name) => knownOf(name).isCredential);

/** A request's headers as answers are chosen by them: languages are the same in upper and lower case (RFC 4647, 2). */
export function presentedOf(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const { 'accept-language': languages } = headers;
  return languages === undefined ? headers : { ...headers, 'accept-language': languages.toLowerCase() };
}
