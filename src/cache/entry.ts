import type { AnyPart, FailureKind } from '#contracts/kernel/index.js';
import type { CachePolicy } from '../policy/snapshot.js';
import type { Answer, Headers } from '../upstream/answer.js';
import { type Terms, termsOf } from './terms.js';

/** The declared error that says "there is none", as it is kept. */
export interface Absence {
  readonly message: string;
  readonly status: number | undefined;
  readonly headers: Headers;
}

/** Something of a product's that is kept: its whole decoded answer, or that there is none. */
export interface Entry {
  /** Once it is stored, as it is kept. */
  answer: Answer | undefined;
  readonly absence: Absence | undefined;
  /** When it was received or found to hold, in milliseconds of the steady clock. */
  readonly at: number;
  /** When that was, in milliseconds since 1970, and how long the exchange took. */
  readonly date: number;
  readonly tookMs: number;
  /** When this instance last knew that nobody had purged it, on the steady clock. */
  readonly knownAt: number;
  readonly terms: Terms;
  /** What its spans are multiplied with (0.9 to 1.1), so that what was stored together does not go stale together. */
  readonly jitter: number;
  /** What it can be purged by. */
  readonly labels: readonly string[];
  /** The checks of the parts that it was served to: what takes its place has to pass them. */
  readonly readers: AnyPart['check'][];
}

/** Makes an entry; what the product said of it is read from its headers. */
export function entryOf(of: Omit<Entry, 'terms'>): Entry {
  const { answer, absence, at, date, tookMs, knownAt, jitter, labels, readers } = of;
  const status = answer?.status ?? absence?.status ?? 404;
  const terms = termsOf({ status, headers: answer?.headers ?? absence?.headers ?? {} }, { date, tookMs });
  return { answer, absence, at, date, tookMs, knownAt, terms, jitter, labels, readers };
}

/** What an entry is good for now. */
export interface Standing {
  /** `fresh`: serve it. `stale`: serve it and refresh it. `spare`: it may stand in for an error. `gone`: of no use, but it may be validated. */
  readonly state: 'fresh' | 'stale' | 'spare' | 'gone';
  /** How old the data is. */
  readonly ageMs: number;
  /** How long it stays fresh; below 0, how long it has not been. */
  readonly ttlMs: number;
  /** For how long it may still stand in for an error. */
  readonly spareMs: number;
}

/**
 * Works out what an entry is good for, by the policy in force now. An operator's spans count from when it was received; what the
 * product said about its age and lifetime may only make them shorter.
 */
export function standingOf({ terms, at, jitter, absence }: Entry, policy: CachePolicy, now: number): Standing {
  const held = Math.max(0, now - at);
  const ageMs = terms.ageMs + held;
  const stated = terms.lifetimeMs === undefined ? Infinity : terms.lifetimeMs * Math.min(1, jitter) - ageMs;
  const ttlMs = terms.validateAlways ? -held : Math.min((absence ? policy.absentMs : policy.freshMs) * jitter - held, stated);
  const spare = (mine: number, theirs: number | undefined): number => (absence ? 0 : Math.min(mine, theirs ?? Infinity));
  const staleMs = spare(policy.staleMs, terms.staleMs);
  const spareMs = Math.max(staleMs, spare(policy.staleIfErrorMs, terms.staleIfErrorMs)) + Math.min(0, ttlMs);
  const state = ttlMs > 0 ? 'fresh' : -ttlMs < staleMs ? 'stale' : spareMs > 0 ? 'spare' : 'gone';
  return { state, ageMs, ttlMs, spareMs };
}

/** How long an entry may be of use under a policy at the most, from when it is stored. */
export const longestUseMs = (policy: CachePolicy, jitter: number): number =>
  Math.max(policy.freshMs * jitter + Math.max(policy.staleMs, policy.staleIfErrorMs), policy.absentMs * jitter);

/** Whether a failure of this kind is the product's own word about the thing that was asked for: what is kept of it no longer holds. */
export const withdraws = (kind: FailureKind): boolean => kind === 'declared' || kind === 'refused';
