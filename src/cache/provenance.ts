import { lately } from '../lately.js';
import type { Headers, Outcome } from '../upstream/answer.js';
import { type Terms, type Unstorable, termsOf } from './terms.js';

/** Where a composed answer came from, and what its products say about keeping it, all calls together: the strictest word wins. */
export interface Provenance {
  /** How old the oldest of what it is made of is, in milliseconds; undefined where all of it was made for this very answer. */
  readonly ageMs: number | undefined;
  /** How long what it is made of is still good by its products' own word, in milliseconds; Infinity where they say nothing. */
  readonly lifetimeMs: number;
  /** Whether something in it is stale. */
  readonly stale: boolean;
  /** Why a product forbids keeping it; undefined where none does. */
  readonly unstorable: Unstorable | undefined;
  /** The keys of what it is made of. */
  readonly keys: readonly string[];
}

/** Looks at what the parts of an answer came to. `date` is now, in milliseconds since 1970. */
export function provenanceOf(parts: readonly { readonly outcomes: readonly Outcome[] }[], date: number): Provenance {
  const keys: string[] = [];
  let [ageMs, lifetimeMs, aged, stale]: [number, number, boolean, boolean] = [0, Infinity, false, false];
  let unstorable: Unstorable | undefined;
  for (const { outcomes } of parts)
    for (const outcome of outcomes) {
      const { from } = outcome;
      const terms = wordOf(outcome, date);
      const age = from?.ageMs ?? terms?.ageMs ?? 0;
      ageMs = Math.max(ageMs, age);
      aged ||= age >= 1000 || from?.state === 'hit' || from?.state === 'stale';
      stale ||= from?.state === 'stale';
      if (from?.key !== undefined) keys.push(from.key);
      if (!terms) continue;
      lifetimeMs = Math.min(lifetimeMs, terms.validateAlways ? 0 : (terms.lifetimeMs ?? Infinity) - age);
      unstorable = strictest(unstorable, terms.unstorable);
    }
  return { ageMs: aged ? ageMs : undefined, lifetimeMs, stale, unstorable, keys };
}

/** The headers by which a product says something about keeping its answer. */
const WORDS = ['cache-control', 'cdn-cache-control', 'expires', 'age', 'vary', 'set-cookie', 'set-cookie2', 'pragma'] as const;

/** Whether there is any. All that came in one batch has the same headers. */
const haveWords = lately((headers: Headers) => WORDS.some((name) => headers[name] !== undefined));

/** What a product says about keeping one answer; undefined where it says nothing. */
function wordOf(outcome: Outcome, date: number): Terms | undefined {
  const headers = outcome.ok ? outcome.answer.headers : outcome.headers;
  if (!headers || !haveWords(headers)) return undefined;
  const status = outcome.ok ? outcome.answer.status : (outcome.failure.status ?? 404);
  return termsOf({ status, headers }, { date, tookMs: 0 });
}

/** What forbids everybody to keep an answer, before what forbids it to those who keep it for many. */
const STRICTEST: readonly Unstorable[] = ['no-store', 'malformed', 'private', 'set-cookie', 'vary', 'no-cache', 'status'];

const strictest = (one: Unstorable | undefined, other: Unstorable | undefined): Unstorable | undefined =>
  STRICTEST.find((unstorable) => unstorable === one || unstorable === other);
