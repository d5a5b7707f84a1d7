import type { Clock } from '../clock.js';
import type { BulkheadPolicy } from '../policy/snapshot.js';
import { type Outcome, failed } from './answer.js';
import type { Call, Layer, Next } from './call.js';
import type { StopReason } from './cancellation.js';
import { failureOf } from './endpoint.js';
import { type Later, watched } from './eventual.js';

/** Seconds after which a caller may come again: a place is free as soon as one call ends. */
const RETRY_AFTER = 1;

/** One product's bulkhead, as the ops API shows it. */
export interface BulkheadState {
  readonly product: string;
  readonly inFlight: number;
  readonly waiting: number;
}

/** The bulkheads of all products, as long as the process lives. */
export class Bulkheads {
  readonly #bulkheads = new Map<string, Bulkhead>();

  constructor(readonly clock: Clock) {}

  /** The bulkhead of a product. */
  of(product: string): Bulkhead {
    let bulkhead = this.#bulkheads.get(product);
    if (!bulkhead) this.#bulkheads.set(product, (bulkhead = new Bulkhead(this.clock)));
    return bulkhead;
  }

  /** Whether another call to a product would have to wait for a place, or get none. */
  isFull(product: string): boolean {
    return this.#bulkheads.get(product)?.isFull ?? false;
  }

  /** What is under way to each product now. */
  state(): readonly BulkheadState[] {
    return [...this.#bulkheads].map(([product, { inFlight, waiting }]) => ({ product, inFlight, waiting }));
  }
}

/**
 * Keeps a slow product from holding everything: only so many calls to it are in flight at once. A few more wait for a
 * place, first come, first served, and not for long; the rest fails at once.
 */
export const bulkhead = (bulkheads: Bulkheads): Layer =>
  function bulkhead(call, next) {
    return bulkheads.of(call.endpoint.operation.product).pass(call, next);
  };

/** Why a call that waited gets no place: it waited long enough, or nobody waits for it any more. */
type Refusal = 'busy' | StopReason;

class Bulkhead {
  #inFlight = 0;
  /** What each waiting call is told: its place is free. */
  readonly #queue = new Set<() => void>();
  #policy: BulkheadPolicy = { concurrent: 0, queue: 0, waitMs: 0 };
  #newest = -Infinity;

  constructor(readonly clock: Clock) {}

  get inFlight(): number {
    return this.#inFlight;
  }

  get isFull(): boolean {
    return this.#inFlight >= this.#policy.concurrent;
  }

  get waiting(): number {
    return this.#queue.size;
  }

  /** Makes the call, at once or once it has a place. */
  pass(call: Call, next: Next): Outcome | Later {
    this.#adopt(call);
    const { concurrent, queue, waitMs } = this.#policy;
    if (this.#inFlight < concurrent) {
      this.#inFlight++;
      return this.#run(call, next);
    }
    return this.#queue.size < queue ? this.#wait(call, next, waitMs) : refused(call, 'busy');
  }

  /**
   * A cap is one for all calls, whichever policy each of them began on: that of the newest request counts. Where it
   * grew, those that wait go first.
   */
  #adopt({ scope, policy }: Call): void {
    if (scope.serial <= this.#newest) return;
    this.#newest = scope.serial;
    this.#policy = policy.product.bulkhead;
    this.#fill();
  }

  async #wait(call: Call, next: Next, waitMs: number): Promise<Outcome> {
    const refusal = await this.#place(call, waitMs);
    return refusal ? refused(call, refusal) : this.#run(call, next);
  }

  /** Resolves once a place is the call's own, or says why it gets none. */
  #place({ cancellation }: Call, waitMs: number): Promise<Refusal | undefined> {
    return new Promise((resolve) => {
      const end = (refusal: Refusal | undefined): void => {
        this.#queue.delete(enter);
        cancellation.off(queued);
        timer.cancel();
        resolve(refusal);
      };
      const enter = (): void => end(undefined);
      const queued = { stop: (reason: StopReason): void => end(reason) };
      const timer = this.clock.after(waitMs, () => end('busy'));
      this.#queue.add(enter);
      cancellation.on(queued);
    });
  }

  /** Makes a call that has its place. */
  #run(call: Call, next: Next): Outcome | Later {
    return watched(call, next, () => {
      this.#inFlight--;
      this.#fill();
    });
  }

  /** Gives free places to those that wait longest. */
  #fill(): void {
    for (const enter of this.#queue) {
      if (this.#inFlight >= this.#policy.concurrent) return;
      this.#inFlight++;
      enter();
    }
  }
}

function refused({ endpoint }: Call, refusal: Refusal): Outcome {
  const { product } = endpoint.operation;
  switch (refusal) {
    case 'busy':
      return failed(failureOf(endpoint, 'busy', `as many calls to ${product} are in flight as may be`, { retryAfter: RETRY_AFTER }));
    case 'timeout':
      return failed(failureOf(endpoint, 'timeout', `the request ran out of time while it waited for ${product}`));
    case 'cancelled':
      return failed(failureOf(endpoint, 'cancelled', 'the request was given up'));
  }
}
