import { STATUS_CODES } from 'node:http';
import type { Clock } from '../clock.js';
import { directivesOf, joined } from '../cache/directives.js';
import { httpDate } from '../cache/http-date.js';
import { type Terms, type Unstorable, termsOf, updated, validatorsOf } from '../cache/terms.js';
import type { Headers } from '../upstream/answer.js';
import { unkeyed } from '../upstream/key.js';
import { returned } from './headers.js';

/** One answer that is kept, with the request that it answered. */
export interface Stored {
  readonly status: number;
  /** As they go to callers, `age` aside. */
  readonly headers: Headers;
  readonly body: Buffer;
  /** What the request said in the headers that the answer was chosen by. */
  readonly presented: Headers;
  readonly terms: Terms;
  /** How long it is fresh, counted from when it was made; 0 where nothing says so. */
  readonly lifetimeMs: number;
  /** When it was received or found to hold, in milliseconds of the steady clock, and since 1970. */
  readonly at: number;
  readonly date: number;
  /** When this instance last knew that nobody had purged it, on the steady clock. */
  readonly knownAt: number;
}

/** An answer that could be kept. */
export interface Arrived {
  readonly status: number;
  /** As the product sent them. */
  readonly headers: Headers;
  readonly body: Buffer;
  /** All that the request said. */
  readonly presented: Headers;
  /** When the exchange began, in milliseconds of the steady clock. */
  readonly began: number;
}

/** Makes what can be kept of an answer. An answer without a date is given one: it goes on with it (RFC 9110, 6.6.1). */
export function storedOf({ status, headers, body, presented, began }: Arrived, clock: Clock): Stored {
  const at = clock.now();
  const date = clock.date();
  const dated = headers['date'] === undefined ? { ...headers, date: new Date(date).toUTCString() } : headers;
  // By all that the product said: a cookie that goes to nobody forbids keeping the answer all the same.
  const terms = termsOf({ status, headers: dated }, { date, tookMs: at - began });
  const selecting = terms.vary === '*' ? [] : terms.vary;
  return {
    status,
    headers: returned(dated),
    body,
    presented: Object.fromEntries(selecting.map((name) => [name, presented[name]])),
    terms,
    lifetimeMs: terms.lifetimeMs ?? heuristicMs(status, dated, date),
    at,
    date,
    knownAt: at,
  };
}

/** What is kept, after the product said more of it: in a 304, or to a HEAD. The bytes stay, and what speaks of them. */
export function updatedBy(stored: Stored, headers: Headers, presented: Headers, began: number, clock: Clock): Stored {
  const said = Object.fromEntries(Object.entries(headers).filter(([name]) => !OF_THESE_BYTES.has(name)));
  return storedOf({ status: stored.status, headers: updated(stored.headers, said), body: stored.body, presented, began }, clock);
}

const OF_THESE_BYTES: ReadonlySet<string> = new Set(['content-digest', 'content-md5', 'etag', 'repr-digest']);

/** Whether what the product says to a HEAD is about the very bytes that are kept (RFC 9111, 4.3.5). */
export const isSame = ({ headers: kept, body }: Stored, headers: Headers): boolean =>
  ['etag', 'last-modified'].every((name) => headerOf(headers, name) === headerOf(kept, name)) &&
  (headers['content-length'] === undefined || Number(headers['content-length']) === body.length);

/** Statuses that may be kept though nothing says for how long (RFC 9110, 15.1). */
const HEURISTIC: ReadonlySet<number> = new Set([200, 203, 204, 300, 301, 308, 404, 405, 410, 414, 501]);

/** A tenth of how long it has not changed (RFC 9111, 4.2.2), and never longer: it is a guess. */
const LONGEST_GUESS_MS = 5 * 60_000;

function heuristicMs(status: number, headers: Headers, now: number): number {
  const { 'last-modified': modified } = headers;
  if (typeof modified !== 'string' || !(HEURISTIC.has(status) || directivesOf(headers).public)) return 0;
  const since = httpDate(modified, now);
  const date = typeof headers['date'] === 'string' ? httpDate(headers['date'], now) : undefined;
  return since === undefined ? 0 : Math.min(LONGEST_GUESS_MS, Math.max(0, ((date ?? now) - since) / 10));
}

/** Why an answer is not kept. */
export type WhyNot = Unstorable | 'authorization' | 'lifetime' | 'purged' | 'size' | 'asked';

/** Why an answer may not be kept, whatever was there before; undefined where it may. */
export function whyNot(stored: Stored, authorized: boolean): WhyNot | undefined {
  const { terms, headers } = stored;
  if (terms.unstorable !== undefined) return terms.unstorable;
  if (mustUnderstand(headers) && STATUS_CODES[stored.status] === undefined) return 'status';
  if (terms.vary === '*' || terms.vary.some((name) => unkeyed.has(name))) return 'vary';
  if (authorized && !terms.despiteAuthorization) return 'authorization';
  const fresh = stored.lifetimeMs > terms.ageMs;
  // Trouble is worth keeping only where its product says for how long.
  const useful = fresh || (stored.status < 500 && ((terms.staleMs ?? 0) > 0 || validatorsOf(headers) !== undefined));
  return useful ? undefined : 'lifetime';
}

/** Whether an answer is only for caches that know its status (RFC 9111, 5.2.2.3). */
const mustUnderstand = (headers: Headers): boolean =>
  ['cache-control', 'cdn-cache-control'].some((name) => /\bmust-understand\b/i.test(joined(headers[name]) ?? ''));

/** How long a stale answer may be used where its product does not say: the operator's spans, in milliseconds. */
export interface Leeway {
  readonly staleMs: number;
  readonly staleIfErrorMs: number;
}

/** What a kept answer is good for now. */
export interface Standing {
  /** `fresh`: serve it. `stale`: serve it and refresh it. `spare`: it may stand in for an error. `gone`: of no use, but it may be validated. */
  readonly state: 'fresh' | 'stale' | 'spare' | 'gone';
  readonly ageMs: number;
  /** How long it stays fresh; below 0, how long it has not been. */
  readonly ttlMs: number;
}

/** Works out what a kept answer is good for: by its product's word; where that is silent on stale answers, by the operator's. */
export function standingOf({ terms, lifetimeMs, at }: Stored, leeway: Leeway, now: number): Standing {
  const ageMs = terms.ageMs + Math.max(0, now - at);
  const ttlMs = terms.validateAlways ? Math.min(0, at - now) : lifetimeMs - ageMs;
  const staleMs = terms.staleMs ?? leeway.staleMs;
  const spareMs = Math.max(staleMs, terms.staleIfErrorMs ?? leeway.staleIfErrorMs);
  const fresh = ttlMs > 0 && !terms.validateAlways;
  return { state: fresh ? 'fresh' : -ttlMs < staleMs ? 'stale' : -ttlMs < spareMs ? 'spare' : 'gone', ageMs, ttlMs };
}

/** What can be validated is worth keeping for that, an hour; and nothing longer than a day. */
const TO_VALIDATE_MS = 3_600_000;
const LONGEST_USE_MS = 86_400_000;

/** How long an answer that has just come may be of use at the most. */
export function longestUseMs({ terms, lifetimeMs, headers }: Stored, leeway: Leeway): number {
  const spareMs = Math.max(terms.staleMs ?? leeway.staleMs, terms.staleIfErrorMs ?? leeway.staleIfErrorMs);
  const afterMs = Math.max(spareMs, validatorsOf(headers) ? TO_VALIDATE_MS : 0);
  return Math.min(Math.max(0, lifetimeMs - terms.ageMs) + afterMs, LONGEST_USE_MS);
}

/** A header's one value. */
export const headerOf = (headers: Headers, name: string): string | undefined => joined(headers[name]);
