import { failures } from '#contracts/kernel/index.js';
import type { Clock } from '../clock.js';
import { type Outcome, failed } from './answer.js';
import type { Call, Layer, Next } from './call.js';
import type { Cancellation, StopReason } from './cancellation.js';
import { failureOf } from './endpoint.js';
import { type Later, after } from './eventual.js';

/** The longest wait before another attempt, in milliseconds. */
const LONGEST_WAIT_MS = 2000;

/** What one further attempt costs, in milliseconds of a product that is hardly called: one a second is free. */
const PRICE_MS = 1000;

/** What a first attempt adds: a tenth of a further one. */
const SHARE_MS = PRICE_MS / 10;

/** How much can be saved up: ten further attempts. */
const MOST_MS = 10 * PRICE_MS;

/**
 * How many further attempts a product may still be asked for, after Finagle's retry budget: a tenth of its first
 * attempts or one a second, whichever is more, and ten saved up. However often it fails, it is called at most
 * 1.1 × requests + 10 times while there are ten requests a second or more. Counted in milliseconds: whole numbers.
 */
export class RetryBudget {
  #savedMs = MOST_MS;
  /** Up to when time has paid. A first attempt pays its share in advance, so that the two do not add up. */
  #paidUntil: number;

  constructor(readonly clock: Clock) {
    this.#paidUntil = clock.now();
  }

  /** A first attempt is made. */
  earn(): void {
    this.#save(SHARE_MS);
    this.#paidUntil = Math.min(this.clock.now() + MOST_MS, this.#paidUntil + SHARE_MS);
  }

  /** How many further attempts there are now. */
  get attempts(): number {
    const unpaidMs = Math.max(0, this.clock.now() - this.#paidUntil);
    this.#save(unpaidMs);
    this.#paidUntil += unpaidMs;
    return Math.floor(this.#savedMs / PRICE_MS);
  }

  /** Takes one further attempt, where there is one. */
  take(): boolean {
    if (this.attempts === 0) return false;
    this.#savedMs -= PRICE_MS;
    return true;
  }

  /** Gives back an attempt that was not made. */
  giveBack(): void {
    this.#save(PRICE_MS);
  }

  #save(ms: number): void {
    this.#savedMs = Math.min(MOST_MS, this.#savedMs + ms);
  }
}

/** One product's retry budget, as the ops API shows it. */
export interface RetryState {
  readonly product: string;
  /** Further attempts that may be made now. */
  readonly attempts: number;
}

/** The retry budgets of all products, as long as the process lives. */
export class RetryBudgets {
  readonly #budgets = new Map<string, RetryBudget>();

  constructor(readonly clock: Clock) {}

  /** The budget of a product. */
  of(product: string): RetryBudget {
    let budget = this.#budgets.get(product);
    if (!budget) this.#budgets.set(product, (budget = new RetryBudget(this.clock)));
    return budget;
  }

  /** How often each product may still be asked again now. */
  state(): readonly RetryState[] {
    return [...this.#budgets].map(([product, { attempts }]) => ({ product, attempts }));
  }
}

/** What further attempts ask of the breakers. */
export interface Closed {
  /** Whether nothing is known against calling the operation. */
  isClosed(call: Call): boolean;
}

/**
 * Makes a call that failed once more, after a wait of random length (full jitter: Brooker, "Exponential Backoff and
 * Jitter"). Only what the contract calls repeatable, only failures that may pass, only within the product's budget and
 * the request's time, and only while the breaker is closed. What the last attempt came to is what the call came to.
 */
export const retry = (budgets: RetryBudgets, breakers: Closed, clock: Clock, random: () => number): Layer =>
  function retry(call, next) {
    const { attempts } = call.policy.retry;
    if (attempts === 0 || !call.endpoint.operation.repeatable) return next(call);
    const budget = budgets.of(call.endpoint.operation.product);
    budget.earn();
    return after(next(call), (first) => (first.ok ? first : new Retrying({ breakers, clock, random }, call, next, budget).judge(first, 0)));
  };

/** A call whose first attempt failed. */
class Retrying {
  constructor(
    readonly terms: { readonly breakers: Closed; readonly clock: Clock; readonly random: () => number },
    readonly call: Call,
    readonly next: Next,
    readonly budget: RetryBudget,
  ) {}

  /** What the nth further attempt comes to, with those after it. */
  #attempt(nth: number): Outcome | Later {
    return after(this.next(this.call), (outcome) => this.judge(outcome, nth));
  }

  /** The outcome of the nth further attempt, or of another one. */
  judge(outcome: Outcome, nth: number): Outcome | Later {
    const { call, budget } = this;
    const { clock, random } = this.terms;
    const { attempts, waitMs } = call.policy.retry;
    if (outcome.ok || nth === attempts || !this.#mayRepeat(outcome)) return outcome;
    const { retryAfter = 0 } = outcome.failure;
    const pauseMs = Math.max(retryAfter * 1000, random() * Math.min(LONGEST_WAIT_MS, waitMs * 2 ** nth));
    if (clock.now() + pauseMs >= call.scope.deadlineAt || !budget.take()) return outcome;
    return this.#again(outcome, nth, pauseMs);
  }

  async #again(outcome: Outcome, nth: number, pauseMs: number): Promise<Outcome> {
    const { call, budget } = this;
    const { breakers, clock } = this.terms;
    const stopped = await pause(clock, pauseMs, call.cancellation);
    if (stopped === undefined && breakers.isClosed(call)) return this.#attempt(nth + 1);
    budget.giveBack();
    return stopped === undefined ? outcome : failed(failureOf(call.endpoint, stopped, 'it waited to be tried again'));
  }

  #mayRepeat({ failure }: Outcome & { ok: false }): boolean {
    const { call } = this;
    return failures[failure.kind].retryable && call.cancellation.reason === undefined && this.terms.breakers.isClosed(call);
  }
}

/** Resolves when the time is over, or at once when nobody waits any more: it says why then. */
function pause(clock: Clock, ms: number, cancellation: Cancellation): Promise<StopReason | undefined> {
  return new Promise((resolve) => {
    const pausing = {
      stop(reason: StopReason): void {
        timer.cancel();
        resolve(reason);
      },
    };
    const timer = clock.after(ms, () => {
      cancellation.off(pausing);
      resolve(undefined);
    });
    cancellation.on(pausing);
  });
}
