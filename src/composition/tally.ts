import type { AnyPart, Failure, FailureKind, PartState } from '#contracts/kernel/index.js';
import type { Outcome } from '../upstream/answer.js';

/** What one call of a part came to, as far as the answer tells. */
type Result =
  | { readonly state: 'ok' }
  | { readonly state: 'stale'; readonly ageMs: number; readonly why: FailureKind | undefined }
  | { readonly state: 'failed'; readonly failure: Failure };

/** The calls of one part in one request, in the order in which they were made, so that no order of arrival shows. */
export class Tally {
  readonly #results: (Result | undefined)[] = [];
  /** When the first call was made and the last one settled, for `Server-Timing`. */
  began: number | undefined;
  ended: number | undefined;

  constructor(
    readonly name: string,
    readonly part: AnyPart,
  ) {}

  /** Opens a call; the returned place is where its outcome goes. */
  open(now: number): number {
    this.began ??= now;
    return this.#results.push(undefined) - 1;
  }

  /** Notes what a call came to. Absence is an answer: the product said that there is none. */
  close(place: number, outcome: Outcome, now: number): void {
    this.ended = now;
    this.#results[place] = this.#result(outcome);
  }

  #result(outcome: Outcome): Result {
    if (!outcome.ok) return isAbsent(this.part, outcome.failure) ? { state: 'ok' } : { state: 'failed', failure: outcome.failure };
    const { from } = outcome;
    return from?.state === 'stale' ? { state: 'stale', ageMs: from.ageMs, why: from.why } : { state: 'ok' };
  }

  /** The part's state in the answer. */
  state(): PartState {
    const total = this.#results.length;
    if (total === 0) return { state: 'skipped' };
    const failures = this.#results.flatMap((result) => (result?.state === 'failed' ? [result.failure] : []));
    const [first] = failures;
    if (!first) return this.#whole();
    const retryAfter = Math.max(...failures.map((failure) => failure.retryAfter ?? 0));
    const fields = [...new Set(failures.flatMap((failure) => failure.fields ?? []))].sort();
    const why = {
      product: first.product,
      reason: first.kind,
      ...(retryAfter > 0 ? { retryAfter } : {}),
      ...(fields.length > 0 ? { fields } : {}),
    };
    if (this.part.need === 'fallback') return { state: 'fallback', ...why };
    if (failures.length < total) return { state: 'partial', ...why, failed: failures.length, total };
    return { state: 'failed', ...why };
  }

  /** The state where nothing failed: as old as the oldest of what was served stale. */
  #whole(): PartState {
    const stale = this.#results.flatMap((result) => (result?.state === 'stale' ? [result] : []));
    if (stale.length === 0) return { state: 'ok' };
    const age = Math.floor(Math.max(...stale.map(({ ageMs }) => ageMs)) / 1000);
    const reason = stale.find(({ why }) => why !== undefined)?.why;
    return reason === undefined ? { state: 'stale', age } : { state: 'stale', age, reason };
  }
}

/** Whether a failure is the operation's way to say that there is none. */
export const isAbsent = ({ operation }: AnyPart, failure: Failure): boolean =>
  failure.kind === 'declared' && failure.error !== undefined && failure.error === operation.absent;
