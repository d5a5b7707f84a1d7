/** Why work is stopped: its time ran out, or nobody waits for it any more. */
export type StopReason = 'timeout' | 'cancelled';

type Listener = (reason: StopReason) => void;

/**
 * Tells whoever works for a call to stop, once. It does what an `AbortSignal` does at a hundredth of its cost
 * (`AbortSignal.any` alone takes 5.5 µs), and it can say why.
 */
export class Cancellation {
  #reason: StopReason | undefined;
  /** Most have one. */
  #first: Listener | undefined;
  #others: Set<Listener> | undefined;

  /** Why it was stopped; undefined while it may go on. */
  get reason(): StopReason | undefined {
    return this.#reason;
  }

  /** Stops the work. Only the first call counts. */
  cancel(reason: StopReason): void {
    if (this.#reason !== undefined) return;
    this.#reason = reason;
    const [first, others] = [this.#first, this.#others];
    this.#first = this.#others = undefined;
    first?.(reason);
    if (others) for (const listener of others) listener(reason);
  }

  /** Calls back when the work is stopped, at once where it was already. Whoever is done says `off`, so that nothing piles up. */
  on(listener: Listener): void {
    if (this.#reason !== undefined) listener(this.#reason);
    else if (this.#first) (this.#others ??= new Set()).add(listener);
    else this.#first = listener;
  }

  /** Takes a listener back. */
  off(listener: Listener): void {
    if (this.#first === listener) this.#first = undefined;
    else this.#others?.delete(listener);
  }
}
