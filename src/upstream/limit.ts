import type { Clock } from '../clock.js';
import { Gcra } from '../limits/gcra.js';
import type { LimitPolicy } from '../policy/snapshot.js';
import { failed } from './answer.js';
import type { Layer } from './call.js';
import { failureOf } from './endpoint.js';
import { watched } from './eventual.js';

/** The longest time that a product can have its calls held back, in milliseconds. */
const LONGEST_HOLD_MS = 60_000;

/** What is left of a product's limit, as the ops API shows it. */
export interface LimitState {
  /** Calls that would be let through now; as many as its burst where it is not limited. */
  readonly remaining: number;
  /** Milliseconds until the product is called again that asked to be left alone; 0 where it did not. */
  readonly heldMs: number;
}

/** What is spent of each product's limit, and which products asked to be left alone: as long as the process lives. */
export class Limits {
  readonly gcra = new Gcra(Infinity); // as many keys as there are products
  readonly #holds = new Map<string, number>();

  constructor(readonly clock: Clock) {}

  /** Milliseconds for which a product is still not to be called. */
  heldMs(product: string): number {
    if (this.#holds.size === 0) return 0;
    const until = this.#holds.get(product);
    if (until === undefined) return 0;
    const left = until - this.clock.now();
    if (left > 0) return left;
    this.#holds.delete(product);
    return 0;
  }

  /** Has a product not called for so many seconds, 60 at most. A shorter time than one asked for before changes nothing. */
  hold(product: string, seconds: number): void {
    const until = this.clock.now() + Math.min(seconds * 1000, LONGEST_HOLD_MS);
    if (until > (this.#holds.get(product) ?? 0)) this.#holds.set(product, until);
  }

  /** What is left of a product's limit, by the policy in force. */
  state(product: string, rate: LimitPolicy): LimitState {
    return { remaining: this.gcra.remaining(product, rate, this.clock.now()), heldMs: this.heldMs(product) };
  }
}

/**
 * Keeps the calls to a product under its rate, and leaves a product alone that asked for it (429, or 503 with
 * `Retry-After`): until then its calls fail at once, as the one did that was told.
 */
export const limit = (limits: Limits): Layer =>
  function limit(call, next) {
    const { endpoint, policy } = call;
    const { product } = endpoint.operation;
    const heldMs = limits.heldMs(product);
    if (heldMs > 0) {
      const message = `${product} asked to be called less, and is left alone`;
      return failed(failureOf(endpoint, 'throttled', message, { retryAfter: Math.ceil(heldMs / 1000) }));
    }
    const rate = policy.product.limit;
    if (rate.perSecond !== Infinity) {
      const { admitted, retryAfterMs } = limits.gcra.admit(product, rate, limits.clock.now());
      if (!admitted) {
        const message = `${product} is called no more than ${rate.perSecond} times a second`;
        return failed(failureOf(endpoint, 'limited', message, { retryAfter: Math.ceil(retryAfterMs / 1000) }));
      }
    }
    return watched(call, next, (outcome) => {
      // What a product asked to have held back.
      if (outcome?.ok === false && outcome.failure.kind === 'throttled') limits.hold(product, outcome.failure.retryAfter ?? 1);
    });
  };
