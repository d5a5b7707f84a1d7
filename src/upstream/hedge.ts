import type { Clock, Timer } from '../clock.js';
import type { Outcome } from './answer.js';
import type { Bulkheads } from './bulkhead.js';
import type { Call, Layer, Next } from './call.js';
import { Cancellation, type StopReason } from './cancellation.js';
import { type Later, after } from './eventual.js';
import { Latencies } from './latencies.js';
import type { Closed, RetryBudgets } from './retry.js';

/** Of how many calls to a product one may be made twice: 5 %. */
const ONE_IN = 20;

/** How many second attempts can be saved up. */
const MOST = 5;

/** How often a product may be asked a second time: once for each twenty calls that were made, so never before the twentieth. */
class HedgeBudget {
  #calls = 0;

  /** A call is made. */
  earn(): void {
    this.#calls = Math.min(MOST * ONE_IN, this.#calls + 1);
  }

  /** Takes one second attempt, where there is one. */
  take(): boolean {
    if (this.#calls < ONE_IN) return false;
    this.#calls -= ONE_IN;
    return true;
  }
}

/** The budgets of all products, and how long each operation takes, as long as the process lives. */
export class Hedges {
  readonly #budgets = new Map<string, HedgeBudget>();
  readonly #latencies = new Map<string, Latencies>();

  /** The budget of a product. */
  budgetOf(product: string): HedgeBudget {
    let budget = this.#budgets.get(product);
    if (!budget) this.#budgets.set(product, (budget = new HedgeBudget()));
    return budget;
  }

  /** How long the answers of an operation took. */
  latenciesOf(operation: string): Latencies {
    let latencies = this.#latencies.get(operation);
    if (!latencies) this.#latencies.set(operation, (latencies = new Latencies()));
    return latencies;
  }
}

/**
 * Asks a second time while the first attempt is under way, where that takes longer than nearly all did lately (Dean and
 * Barroso, "The Tail at Scale"). The first answer counts and the other attempt is given up. Only what the contract calls
 * repeatable, only for one call in twenty to a product, and only while its breaker is closed and it has places free: a
 * product that is slow as a whole gets hardly more to do. Where the call is retried too, the budget of retries pays for
 * both. Where both attempts fail, the call comes to what the first one came to.
 */
export const hedge = (hedges: Hedges, retries: RetryBudgets, breakers: Closed, bulkheads: Pick<Bulkheads, 'isFull'>, clock: Clock): Layer =>
  function hedge(call, next) {
    const { policy, endpoint } = call;
    const { afterMs } = policy.hedge;
    if (afterMs === 0 || !endpoint.operation.repeatable) return next(call);
    const { product } = endpoint.operation;
    const budget = hedges.budgetOf(product);
    const latencies = hedges.latenciesOf(endpoint.id);
    const began = clock.now();
    budget.earn();
    // One that won against a slow first attempt is later than nearly all, as that one would have been: the rank stays true.
    const noted = (outcome: Outcome): Outcome => {
      if (outcome.ok) latencies.add(clock.now() - began);
      return outcome;
    };
    const pays = (): boolean => budget.take() && (policy.retry.attempts === 0 || retries.of(product).take());
    const outcome = race(call, next, {
      clock,
      afterMs: Math.max(afterMs, latencies.p95),
      endMs: policy.deadlineMs + policy.product.bulkhead.waitMs,
      mayAsk: () => call.cancellation.reason === undefined && breakers.isClosed(call) && !bulkheads.isFull(product) && pays(),
    });
    return after(outcome, noted);
  };

interface Terms {
  readonly clock: Clock;
  /** After how long the second attempt is made. */
  readonly afterMs: number;
  /** When it is out of time: when the first one would be at the latest. */
  readonly endMs: number;
  readonly mayAsk: () => boolean;
}

/** Makes the call, and makes it again if it takes long. */
function race(call: Call, next: Next, { clock, afterMs, endMs, mayAsk }: Terms): Outcome | Later {
  const first = new Cancellation();
  const second = new Cancellation();
  let timer: Timer | undefined;
  const both = {
    stop(reason: StopReason): void {
      first.cancel(reason);
      second.cancel(reason);
    },
  };
  const over = (): void => {
    timer?.cancel();
    call.cancellation.off(both);
  };
  call.cancellation.on(both);
  let outcome: Outcome | Later;
  try {
    outcome = next(call.under(first));
  } catch (bug) {
    over();
    throw bug;
  }
  if ('ok' in outcome) {
    over();
    return outcome;
  }
  const own = outcome;
  return new Promise<Outcome>((resolve) => {
    let other: Promise<void> | undefined;
    const land = (settled: Outcome | Later): void => {
      over();
      both.stop('cancelled'); // whoever is still under way
      resolve(settled);
    };
    const ended = (settled: Outcome): void => {
      if (isAnswer(settled)) land(settled);
      else if (other === undefined) land(own);
      else void other.then(() => land(own)); // where it was an answer, it has landed
    };
    own.then(ended, () => land(own)); // a bug
    if (afterMs >= endMs) return;
    timer = clock.after(afterMs, () => {
      if (!mayAsk()) return;
      timer = clock.after(endMs - afterMs, () => second.cancel('timeout'));
      const asked = new Promise<Outcome>((made) => made(next(call.under(second))));
      const won = (settled: Outcome): void => {
        if (isAnswer(settled)) land(settled);
      };
      other = asked.then(won, () => land(asked)); // a bug
    });
  });
}

/** Whether the product told what it was asked for: an error that its contract declares does too. */
const isAnswer = (outcome: Outcome): boolean => outcome.ok || outcome.failure.kind === 'declared';
