import type { AnyPart, Failure, PartState } from '#contracts/kernel/index.js';
import type { Outcome } from '../upstream/answer.js';

/** How long one part took, in milliseconds. */
export interface PartTiming {
  readonly part: string;
  readonly ms: number;
}

/** How long each part took that was called and came to something. */
export const timingsOf = (parts: readonly Tally[]): readonly PartTiming[] =>
  parts.flatMap(({ name, began, ended }) => (began === undefined || ended === undefined ? [] : [{ part: name, ms: ended - began }]));

/** The calls of one part in one request, in the order in which they were made, so that no order of arrival shows. */
export class Tally {
  readonly #outcomes: (Outcome | undefined)[] = [];
  /** How many calls have ended, and how many of those with a fresh answer. */
  #ended = 0;
  #fresh = 0;
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
    return this.#outcomes.push(undefined) - 1;
  }

  /** Notes what a call came to. */
  close(place: number, outcome: Outcome, now: number): void {
    this.ended = now;
    this.#outcomes[place] = outcome;
    this.#ended++;
    if (outcome.ok && outcome.from?.state !== 'stale') this.#fresh++;
  }

  /** What the calls came to that have ended. */
  get outcomes(): readonly Outcome[] {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- where all have ended, all are there
    if (this.#ended === this.#outcomes.length) return this.#outcomes as readonly Outcome[];
    return this.#outcomes.filter((outcome) => outcome !== undefined);
  }

  /** The part's state in the answer. Absence is an answer: the product said that there is none. */
  state(): PartState {
    const total = this.#outcomes.length;
    if (total === 0) return { state: 'skipped' };
    if (this.#fresh === this.#ended) return { state: 'ok' };
    const failures = this.outcomes.flatMap((outcome) => (outcome.ok || isAbsent(this.part, outcome.failure) ? [] : [outcome.failure]));
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
    const stale = this.outcomes.flatMap(({ ok, from }) => (ok && from?.state === 'stale' ? [from] : []));
    if (stale.length === 0) return { state: 'ok' };
    const age = Math.floor(Math.max(...stale.map(({ ageMs }) => ageMs)) / 1000);
    const reason = stale.find(({ why }) => why !== undefined)?.why;
    return reason === undefined ? { state: 'stale', age } : { state: 'stale', age, reason };
  }
}

/** Whether a failure is the operation's way to say that there is none. */
export const isAbsent = ({ operation }: AnyPart, failure: Failure): boolean =>
  failure.kind === 'declared' && failure.error !== undefined && failure.error === operation.absent;
