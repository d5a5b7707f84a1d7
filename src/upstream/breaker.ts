import { type Failure, type FailureKind, failures, nameOf } from '#contracts/kernel/index.js';
import type { Clock } from '../clock.js';
import type { BreakerPolicy } from '../policy/snapshot.js';
import { type Outcome, failed } from './answer.js';
import type { Call, Layer, Next } from './call.js';
import { type Endpoint, failureOf } from './endpoint.js';
import { type Later, watched } from './eventual.js';
import { Window } from './window.js';

/** The longest wait of a breaker that opens again and again, in waits of one that opens first. */
const LONGEST = 8;

/** How far a wait is moved by chance, either way: gateways that opened together do not come back together. */
const JITTER = 0.2;

/** What a breaker does with calls: all pass, none does, or a few to try. */
export type BreakerKind = 'closed' | 'open' | 'half-open';

type State =
  | { readonly kind: 'closed' }
  /** `stretch` times the policy's wait, since `at`; `reopened` counts the trials that failed since it was last closed. */
  | { readonly kind: 'open'; readonly at: number; readonly stretch: number; readonly reopened: number; waitMs: number }
  | { readonly kind: 'half-open'; readonly reopened: number; trials: number; successes: number };

/** One breaker, as the ops API shows it. */
export interface BreakerState {
  readonly product: string;
  /** `auth.v1.getUser`. */
  readonly operation: string;
  readonly state: BreakerKind;
  /** Calls and failures in the window; 0 unless it is closed. */
  readonly calls: number;
  readonly failures: number;
  /** Milliseconds until it lets a trial pass; 0 unless it is open. */
  readonly trialInMs: number;
}

/** Who is told when a breaker changes. */
export type BreakerObserver = (endpoint: Endpoint, to: BreakerKind) => void;

/** The breakers of all operations, as long as the process lives: one for each operation that was called, and no more. */
export class Breakers {
  readonly #breakers = new Map<string, Breaker>();

  constructor(
    readonly clock: Clock,
    readonly random: () => number,
    readonly changed: BreakerObserver,
  ) {}

  /** The breaker of an operation. */
  of(endpoint: Endpoint): Breaker {
    let breaker = this.#breakers.get(endpoint.id);
    if (!breaker) this.#breakers.set(endpoint.id, (breaker = new Breaker(endpoint, this)));
    return breaker;
  }

  /** Whether nothing is known against calling the operation: an open breaker, one on trial and an isolated product are. */
  isClosed({ endpoint, policy }: Call): boolean {
    return !policy.product.isolated && this.of(endpoint).kind === 'closed';
  }

  /** What each breaker does now. */
  state(): readonly BreakerState[] {
    return [...this.#breakers.values()].map((breaker) => breaker.state());
  }
}

/**
 * Cuts an operation off that fails too often (Nygard, "Release It!"): closed, it counts; open, every call fails at once;
 * after a wait, half-open, a few calls try whether the operation is well again. What counts is the table of failures. A
 * product that an operator isolated is cut off whatever it does.
 */
export const breaker = (breakers: Breakers): Layer =>
  function breaker(call, next) {
    const { endpoint, policy } = call;
    if (policy.product.isolated)
      return failed(failureOf(endpoint, 'open', `an operator isolated ${endpoint.operation.product}: it is not called`));
    return breakers.of(endpoint).pass(call, next, policy.breaker);
  };

class Breaker {
  #state: State = { kind: 'closed' };
  /** Counts the changes of state: a call that began before one says nothing of what came after. */
  #era = 0;
  readonly #window = new Window();

  constructor(
    readonly endpoint: Endpoint,
    readonly terms: Pick<Breakers, 'clock' | 'random' | 'changed'>,
  ) {}

  get kind(): BreakerKind {
    return this.#state.kind;
  }

  /** Makes the call, unless the breaker is open or has as many trials under way as it may. */
  pass(call: Call, next: Next, policy: BreakerPolicy): Outcome | Later {
    const refusal = this.#refuses(policy);
    if (refusal) return failed(refusal);
    const era = this.#era;
    if (this.#state.kind === 'half-open') this.#state.trials++;
    return watched(call, next, (outcome) => this.#ends(era, outcome && verdictOf(outcome), policy));
  }

  state(): BreakerState {
    this.#window.forget(this.terms.clock.now());
    const { calls, failures: failed } = this.#window;
    const trialInMs = this.#state.kind === 'open' ? Math.max(0, this.#left(this.#state)) : 0;
    const { id, operation } = this.endpoint;
    return { product: operation.product, operation: id, state: this.kind, calls, failures: failed, trialInMs };
  }

  #refuses({ openMs, trials }: BreakerPolicy): Failure | undefined {
    const state = this.#state;
    if (state.kind === 'closed') return undefined;
    if (state.kind === 'half-open') return state.trials < trials ? undefined : this.#refusal('is being tried again', 1);
    state.waitMs = Math.round(openMs * state.stretch); // a wait that was changed acts on the one under way
    const left = this.#left(state);
    if (left > 0) return this.#refusal('failed too often', Math.ceil(left / 1000));
    this.#become({ kind: 'half-open', reopened: state.reopened, trials: 0, successes: 0 });
    return undefined;
  }

  #refusal(why: string, retryAfter: number): Failure {
    return failureOf(this.endpoint, 'open', `${nameOf(this.endpoint.operation)} ${why}: it is not called`, { retryAfter });
  }

  #ends(era: number, verdict: Verdict, policy: BreakerPolicy): void {
    const state = this.#state;
    if (era !== this.#era) return;
    if (state.kind === 'half-open') {
      state.trials--;
      if (verdict === 'failed') this.#open(state.reopened + 1, policy);
      else if (verdict === 'answered' && ++state.successes >= policy.trials) this.#become({ kind: 'closed' });
    } else if (verdict !== undefined) {
      const window = this.#window;
      window.add(verdict === 'failed', this.terms.clock.now(), policy.windowMs);
      if (window.calls >= policy.minimum && window.failures / window.calls >= policy.ratio) this.#open(0, policy);
    }
  }

  #open(reopened: number, { openMs }: BreakerPolicy): void {
    const { clock, random } = this.terms;
    const stretch = Math.min(LONGEST, 2 ** reopened) * (1 - JITTER + 2 * JITTER * random());
    this.#become({ kind: 'open', at: clock.now(), stretch, reopened, waitMs: Math.round(openMs * stretch) });
  }

  #become(state: State): void {
    this.#state = state;
    this.#era++;
    this.#window.clear();
    this.terms.changed(this.endpoint, state.kind);
  }

  #left({ at, waitMs }: State & { kind: 'open' }): number {
    return at + waitMs - this.terms.clock.now();
  }
}

/** What a call says of the operation; undefined where it says nothing. */
type Verdict = 'answered' | 'failed' | undefined;

/** Kinds in which the product did answer: they speak for it. All others that do not break were never sent, or nobody waited. */
const answers: ReadonlySet<FailureKind> = new Set(['declared', 'refused', 'contract']);

function verdictOf(outcome: Outcome): Verdict {
  if (outcome.ok) return 'answered';
  const { kind } = outcome.failure;
  if (failures[kind].breaks) return 'failed';
  return answers.has(kind) ? 'answered' : undefined;
}
