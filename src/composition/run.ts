import { type Failure, type PartStates, isComplete } from '#contracts/kernel/index.js';
import type { Clock, Timer } from '../clock.js';
import { type Outcome, failed } from '../upstream/answer.js';
import { Call, type Next, type Scope } from '../upstream/call.js';
import type { Cancellation } from '../upstream/cancellation.js';
import { failureOf } from '../upstream/endpoint.js';
import { Eventual, type Later, type Waiting, told } from '../upstream/eventual.js';
import type { Caller } from './composition.js';
import type { Doings } from './given.js';
import type { Output, OutcomesOf } from './output.js';
import type { Prepared, PreparedPart } from './prepare.js';
import { Tally } from './tally.js';

/** How long a composition may go on after its deadline to put together what it has, in milliseconds. */
const GRACE_MS = 250;

/** What a run of a composition came to. */
export type Composed =
  | (Output & { readonly kind: 'answer'; readonly complete: boolean; readonly parts: PartStates })
  /** An error that the route declares. */
  | { readonly kind: 'declared'; readonly error: string; readonly status: number }
  /** A required part failed. */
  | { readonly kind: 'failure'; readonly part: string; readonly failure: Failure }
  /** A mistake in the composition. */
  | { readonly kind: 'bug'; readonly error: unknown };

/** A run of a composition, with what is known of its making. */
export interface Ran {
  readonly composed: Composed;
  /** What the calls of each part came to, in the order of `uses`. */
  readonly parts: readonly Tally[];
  /** All calls that were made, in order. */
  readonly calls: readonly Call[];
  /** Whether the composition looked at who asks: what it made is for that one alone. */
  readonly knewCaller: boolean;
}

/** Thrown by `fail`. */
class Declared extends Error {
  override readonly name = 'Declared';
  constructor(readonly error: string) {
    super(`declared error ${error}`);
  }
}

/**
 * Runs one composition for one request: schedules the parts that it calls, keeps their tally, and ends as soon as it can
 * be known how. It never rejects.
 */
export const run = (prepared: Prepared, input: unknown, scope: Scope, call: Next, clock: Clock): Eventual<Ran> =>
  new Running(prepared, scope, call, clock).compose(input);

class Running implements Doings {
  readonly tallies: readonly Tally[];
  readonly calls: Call[] = [];
  knewCaller = false;
  /** Calls that have come to nothing yet, and who waits for the last of them. */
  #underWay = 0;
  #whenIdle: (() => void) | undefined;
  #over = false;
  #timer: Timer | undefined;
  #ran: Eventual<Ran> | undefined;

  constructor(
    readonly prepared: Prepared,
    readonly scope: Scope,
    readonly next: Next,
    readonly clock: Clock,
  ) {
    this.tallies = prepared.parts.map(({ name, part }) => new Tally(name, part));
  }

  /** Ends with the first of: the composed data, a declared error, a required part's failure, a bug, the deadline. */
  compose(input: unknown): Eventual<Ran> {
    const { route } = this.prepared.composition;
    const { cancellation, deadlineAt } = this.scope;
    this.#timer = this.clock.after(deadlineAt - this.clock.now(), () => {
      cancellation.cancel('timeout');
      if (this.#over) return;
      const late = new Error(`${route.line} awaits something else than its parts: it did not end with its deadline`);
      this.#timer = this.clock.after(GRACE_MS, () => this.end({ kind: 'bug', error: late }));
    });
    const ran = new Eventual<Ran>();
    this.#ran = ran;
    void this.#run(input);
    return ran;
  }

  /** Ends the answer; only the first word counts. Whatever is still under way, nobody waits for. */
  end(composed: Composed): void {
    if (this.#over) return;
    this.#over = true;
    this.#timer?.cancel();
    const ran = this.#ran;
    this.#ran = undefined; // it would hold on to what it gave
    ran?.resolve({ composed, parts: this.tallies, calls: this.calls, knewCaller: this.knewCaller });
    this.scope.cancellation.cancel('cancelled');
  }

  async #run(input: unknown): Promise<void> {
    const { composition, given, checkOutput } = this.prepared;
    try {
      const composed = await composition.compose(new given(this, input));
      while (this.#underWay > 0) await new Promise<void>((resolve) => (this.#whenIdle = resolve)); // what was called and never awaited counts too
      const checked = checkOutput(composed, this.#outcomesOf);
      if (checked.ok) this.end(this.#answer(checked.value));
      else {
        const message = `${composition.route.line} composed something else than its contract says, at ${checked.message}`;
        this.end({ kind: 'bug', error: new TypeError(message) });
      }
    } catch (error) {
      if (error instanceof Declared)
        this.end({ kind: 'declared', error: error.error, status: composition.route.errors[error.error] ?? 500 });
      else this.end({ kind: 'bug', error });
    }
  }

  readonly #outcomesOf: OutcomesOf = (place) => this.tallies[place]?.outcomes ?? [];

  #answer({ data, whole }: Output): Composed {
    const parts = Object.fromEntries(this.tallies.map((tally) => [tally.name, tally.state()]));
    return { kind: 'answer', data, whole, complete: isComplete(parts), parts };
  }

  /** Who asks; from now on the answer is for that one alone. */
  caller(): Caller {
    this.knewCaller = true;
    const { consumer, user } = this.scope.identity;
    return { consumer, user };
  }

  get cancellation(): Cancellation {
    return this.scope.cancellation;
  }

  fail(error: string): Error {
    return new Declared(error);
  }

  /** Schedules one call of a part and gives what `compose` awaits. It never rejects: nobody has to await it. */
  call(part: number, input: Readonly<Record<string, unknown>>): Promise<unknown> {
    const [tally, prepared] = [this.tallies[part], this.prepared.parts[part]];
    if (!tally || !prepared) throw new RangeError(`no part at ${part}`);
    this.#underWay++;
    const { promise, resolve } = Promise.withResolvers<unknown>();
    const called = new Called(this, tally, tally.open(this.clock.now()), resolve);
    try {
      told(this.#outcome(prepared, input), called);
    } catch (bug) {
      called.broken(bug);
    }
    return promise;
  }

  /**
   * Gives what a call came to, or ends the answer with it. What awaits a call that ended it goes no further: no `catch` can undo
   * the end, and no promise that the composition made of a part is left to reject with nobody there.
   */
  settle({ part, name }: Tally, outcome: Outcome, give: (value: unknown) => void): void {
    if (outcome.ok) give(outcome.value);
    else if (part.need === 'optional') give(undefined);
    else if (part.need === 'fallback') give(part.fallback);
    else return this.end(this.#failure(name, outcome.failure));
    if (--this.#underWay === 0) this.#whenIdle?.();
  }

  /** A required part's failure: an error that the composition maps, or the part's own. */
  #failure(name: string, failure: Failure): Composed {
    const { route, errors } = this.prepared.composition;
    const mapped = failure.kind === 'declared' && failure.error !== undefined ? errors[name]?.[failure.error] : undefined;
    return mapped === undefined
      ? { kind: 'failure', part: name, failure }
      : { kind: 'declared', error: mapped, status: route.errors[mapped] ?? 500 };
  }

  #outcome({ part, endpoint, checkInput }: PreparedPart, input: Readonly<Record<string, unknown>>): Outcome | Later {
    const { scope } = this;
    const { reason } = scope.cancellation;
    if (reason !== undefined)
      return failed(failureOf(endpoint, reason, reason === 'timeout' ? 'the request ran out of time' : 'the request was given up'));
    const checked = checkInput(input);
    if (!checked.ok)
      return failed(
        failureOf(endpoint, 'contract', `input ${checked.message}`, { fields: checked.fields.map((field) => `input.${field}`) }),
      );
    const outgoing = endpoint.write(checked.value);
    if ('message' in outgoing)
      return failed(failureOf(endpoint, 'contract', `input ${outgoing.path}: ${outgoing.message}`, { fields: [`input.${outgoing.path}`] }));
    const call = new Call(endpoint, checked.value, outgoing, scope, part, scope.cancellation);
    this.calls.push(call);
    return this.next(call);
  }
}

/** One call of a part that is under way, and what gives `compose` what it awaits of it. */
class Called implements Waiting<Outcome> {
  constructor(
    readonly running: Running,
    readonly tally: Tally,
    readonly place: number,
    readonly give: (value: unknown) => void,
  ) {}

  come(outcome: Outcome): void {
    this.tally.close(this.place, outcome, this.running.clock.now());
    this.running.settle(this.tally, outcome, this.give);
  }

  broken(error: unknown): void {
    this.running.end({ kind: 'bug', error });
  }
}
