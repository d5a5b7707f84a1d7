import type { Outcome } from './answer.js';
import type { Call, Next } from './call.js';

/** An outcome that is still to come. */
export type Later = PromiseLike<Outcome>;

/**
 * A value that is still to come, at a fraction of a promise's cost: who waits for it goes on in the very moment that it comes,
 * not in a microtask of its own. A call passes a dozen layers on its way back. Whoever makes it come has nothing below it on
 * the stack that may not be entered again. It can be awaited like a promise.
 */
export class Eventual<T> implements PromiseLike<T> {
  #settled: Settled<T> | undefined;
  #first: Reaction<T> | undefined;
  #others: Reaction<T>[] | undefined;

  /** The value has come. Only the first word counts. */
  resolve(value: T): void {
    this.#settle({ value });
  }

  /** A bug kept it from coming. */
  reject(bug: unknown): void {
    this.#settle({ bug });
  }

  /** The value is this one, or what this one comes to. */
  follow(value: T | PromiseLike<T>): void {
    if (value instanceof Eventual) value.#react((settled) => this.#settle(settled));
    else if (isLater(value))
      value.then(
        (come) => this.#settle({ value: come }),
        (bug: unknown) => this.#settle({ bug }),
      );
    else this.resolve(value);
  }

  /** Goes on with the value as soon as it is there. What `come` or `broken` throws, whoever waits for what follows is told. */
  after<U>(come: (value: T) => U | PromiseLike<U>, broken: (bug: unknown) => U | PromiseLike<U> = rethrow): Eventual<U> {
    const next = new Eventual<U>();
    this.#react((settled) => {
      let made;
      try {
        made = 'value' in settled ? come(settled.value) : broken(settled.bug);
      } catch (bug) {
        next.reject(bug);
        return;
      }
      next.follow(made);
    });
    return next;
  }

  // oxlint-disable-next-line unicorn/no-thenable -- to be awaited is what it is for
  then<U = T, V = never>(
    come?: ((value: T) => U | PromiseLike<U>) | null,
    broken?: ((bug: unknown) => V | PromiseLike<V>) | null,
  ): Promise<U | V> {
    return new Promise<T>((resolve, reject) => {
      this.#react((settled) => {
        if ('value' in settled) resolve(settled.value);
        else reject(settled.bug); // oxlint-disable-line typescript/prefer-promise-reject-errors -- whatever was thrown
      });
    }).then(come, broken);
  }

  #react(reaction: Reaction<T>): void {
    if (this.#settled) reaction(this.#settled);
    else if (this.#first) (this.#others ??= []).push(reaction);
    else this.#first = reaction;
  }

  #settle(settled: Settled<T>): void {
    if (this.#settled) return;
    this.#settled = settled;
    const [first, others] = [this.#first, this.#others];
    this.#first = this.#others = undefined; // nobody's value is held by who once waited for another
    first?.(settled);
    if (others) for (const reaction of others) reaction(settled);
  }
}

type Settled<T> = { readonly value: T } | { readonly bug: unknown };
type Reaction<T> = (settled: Settled<T>) => void;

const rethrow = (bug: unknown): never => {
  throw bug;
};

const isLater = <T>(made: T | PromiseLike<T>): made is PromiseLike<T> =>
  typeof made === 'object' && made !== null && 'then' in made && typeof made.then === 'function';

/** Goes on with an outcome, or with what else is `ok` or not: at once where it is there, else as soon as it comes. */
export function after<T extends { readonly ok: boolean }, U>(
  outcome: T | PromiseLike<T>,
  come: (outcome: T) => U | PromiseLike<U>,
  broken?: (bug: unknown) => U | PromiseLike<U>,
): U | PromiseLike<U> {
  if ('ok' in outcome) return come(outcome);
  return outcome instanceof Eventual ? outcome.after(come, broken) : outcome.then(come, broken ?? rethrow);
}

/** Makes the call and says how it ends, once: with an outcome, or with nothing where a bug ends it, which goes on. */
export function watched(call: Call, next: Next, ended: (outcome: Outcome | undefined) => void): Outcome | Later {
  const come = (outcome: Outcome): Outcome => {
    ended(outcome);
    return outcome;
  };
  const broken = (bug: unknown): never => {
    ended(undefined);
    throw bug;
  };
  let outcome;
  try {
    outcome = next(call);
  } catch (bug) {
    return broken(bug);
  }
  return after(outcome, come, broken);
}
