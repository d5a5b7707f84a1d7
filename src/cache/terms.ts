import type { Headers } from '../upstream/answer.js';
import { type Directives, LONGEST, directivesOf, joined } from './directives.js';
import { httpDate } from './http-date.js';
import { type Vary, varyOf } from './vary.js';

/** Why a response may not be stored by a shared cache, whatever an operator says. */
export type Unstorable = 'status' | 'malformed' | 'no-store' | 'private' | 'set-cookie' | 'vary' | 'no-cache';

/** A response as far as caching goes. */
export interface Head {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Headers;
}

/** When a response came, and how long the exchange took. */
export interface Received {
  /** Milliseconds since 1970. */
  readonly date: number;
  readonly tookMs: number;
}

/** What a response says about storing and reusing it. */
export interface Terms {
  /** Undefined where it may be stored. */
  readonly unstorable: Unstorable | undefined;
  /** Whether it may be stored where the request bore its caller's `Authorization` (RFC 9111, 3.5). */
  readonly despiteAuthorization: boolean;
  /** The freshness that it names itself; undefined where it names none, 0 where it is stale from the start. */
  readonly lifetimeMs: number | undefined;
  /** How old it was when it came. */
  readonly ageMs: number;
  /** Whether it has to be validated before each reuse. */
  readonly validateAlways: boolean;
  /** How long it may be served after it went stale, while it is refreshed; undefined where it leaves that to the cache. */
  readonly staleMs: number | undefined;
  /** How long after it went stale it may stand in for an error; undefined where it leaves that to the cache. */
  readonly staleIfErrorMs: number | undefined;
  readonly vary: Vary;
}

/**
 * Reads a response's terms for a shared cache: RFC 9111, with RFC 5861's directives and RFC 9213's targeted field. What
 * can't be read is read as the strictest: an unreadable `Cache-Control` as `no-store`, an unreadable `Age`, `Expires` or
 * `max-age` as stale, a qualified `private` or `no-cache` as a plain one; `Set-Cookie` is never stored.
 *
 * Our own arithmetic: of the rows of its test http-cache-semantics 4.3 has 26 of 55 right on whether to store and 15 of 21 on
 * for how long. It takes directives in capitals for unknown ones, splits at commas in quotes, lets the last of several `max-age`
 * count, stores what it can't read, leaves `Set-Cookie` and `Vary` to others and knows no targeted field.
 */
export function termsOf({ status, headers }: Head, received: Received): Terms {
  const directives = directivesOf(headers);
  const vary = varyOf(headers);
  const age = ageOf(headers, received);
  const lifetimeMs = age === undefined ? 0 : lifetimeOf(headers, directives, received);
  const strict = directives.mustRevalidate || directives.proxyRevalidate || directives.noCache;
  // `s-maxage` brings `proxy-revalidate` with it (RFC 9111, 5.2.2.10), and what is stale from the start was not meant to be reused.
  const silent = directives.sMaxAge === undefined ? undefined : 0;
  return {
    unstorable: unstorable(status, headers, directives, vary),
    despiteAuthorization: directives.public || directives.mustRevalidate || directives.sMaxAge !== undefined,
    lifetimeMs,
    ageMs: age ?? 0,
    validateAlways: directives.noCache,
    staleMs: strict ? 0 : (milliseconds(directives.staleWhileRevalidate) ?? (lifetimeMs === 0 ? 0 : silent)),
    staleIfErrorMs: strict ? 0 : (milliseconds(directives.staleIfError) ?? silent),
    vary,
  };
}

function unstorable(status: number, headers: Headers, directives: Directives, vary: Vary): Unstorable | undefined {
  if (status < 200 || status === 206 || status === 304) return 'status';
  if (directives.malformed) return 'malformed';
  if (directives.noStore) return 'no-store';
  if (directives.private) return 'private';
  if (headers['set-cookie'] !== undefined || headers['set-cookie2'] !== undefined) return 'set-cookie';
  if (vary === '*') return 'vary';
  if (directives.noCache && validatorsOf(headers) === undefined) return 'no-cache';
  return undefined;
}

const milliseconds = (seconds: number | undefined): number | undefined => (seconds === undefined ? undefined : seconds * 1000);

/** RFC 9111, 4.2.1, in its order. */
function lifetimeOf(headers: Headers, directives: Directives, received: Received): number | undefined {
  const stated = milliseconds(directives.sMaxAge ?? directives.maxAge);
  const { expires } = headers;
  if (stated !== undefined || expires === undefined || directives.targeted) return stated;
  const at = typeof expires === 'string' ? httpDate(expires, received.date) : undefined;
  return at === undefined ? 0 : Math.max(0, at - (dateOf(headers, received) ?? received.date));
}

/** How old a response is when it comes (RFC 9111, 4.2.3), in milliseconds; undefined where its `Age` can't be read. */
function ageOf(headers: Headers, received: Received): number | undefined {
  const apparent = Math.max(0, received.date - (dateOf(headers, received) ?? received.date));
  const [stated = ''] = (joined(headers['age']) ?? '0').split(',');
  if (!/^\d+$/.test(stated.trim())) return undefined;
  return Math.max(apparent, Math.min(Number(stated), LONGEST) * 1000 + received.tookMs);
}

function dateOf(headers: Headers, received: Received): number | undefined {
  const { date } = headers;
  return typeof date === 'string' ? httpDate(date, received.date) : undefined;
}

/** The headers that ask whether a response is still the same (RFC 9110, 13.1); undefined where it has no validator. */
export function validatorsOf(headers: Headers): Readonly<Record<string, string>> | undefined {
  const { etag, 'last-modified': modified } = headers;
  const asked: Record<string, string> = {};
  if (typeof etag === 'string' && /^(?:W\/)?"[\x21\x23-\x7e]*"$/.test(etag)) asked['if-none-match'] = etag;
  if (typeof modified === 'string' && httpDate(modified, 0) !== undefined) asked['if-modified-since'] = modified;
  return Object.keys(asked).length === 0 ? undefined : asked;
}

/** Fields that speak of one connection or of the stored bytes: a 304 does not change them (RFC 9111, 3.1 and 3.2). */
const FIXED = new Set([
  'connection',
  'content-encoding',
  'content-length',
  'content-range',
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

/** The stored headers after a 304: its own in the place of theirs (RFC 9111, 3.2). */
export function updated(stored: Headers, by: Headers): Headers {
  const named = new Set((joined(by['connection']) ?? '').split(',').map((name) => name.trim().toLowerCase()));
  const merged: Record<string, string | string[] | undefined> = { ...stored };
  // They tell how old the answer was when it came: those of the 304 count, and none is none.
  delete merged['age'];
  delete merged['date'];
  for (const [name, value] of Object.entries(by)) if (!FIXED.has(name) && !named.has(name)) merged[name] = value;
  return merged;
}
