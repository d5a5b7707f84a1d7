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
  #watchers: Watcher<T>[] | undefined;
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

  /** The same, as what comes to that. */
  following(value: T | PromiseLike<T>): this {
    this.follow(value);
    return this;
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

  /**
   * Is told of the value before whoever goes on with it, in the order of the asking; of a bug, with nothing. What `told` throws takes
   * the value's place.
   */
  watch(told: Watcher<T>): this {
    if (this.#settled) this.#settled = outlived(told, this.#settled);
    else (this.#watchers ??= []).push(told);
    return this;
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

  #settle(came: Settled<T>): void {
    if (this.#settled) return;
    let settled = (this.#settled = came);
    if (this.#watchers) for (const told of this.#watchers) this.#settled = settled = outlived(told, settled);
    const [first, others] = [this.#first, this.#others];
    this.#watchers = this.#first = this.#others = undefined; // nobody's value is held by who once waited for another
    first?.(settled);
    if (others) for (const reaction of others) reaction(settled);
  }
}

type Settled<T> = { readonly value: T } | { readonly bug: unknown };
type Reaction<T> = (settled: Settled<T>) => void;
type Watcher<T> = (value: T | undefined) => void;

/** What is left of a value, or of a bug, once somebody was told of it. */
function outlived<T>(told: Watcher<T>, settled: Settled<T>): Settled<T> {
  try {
    told('value' in settled ? settled.value : undefined);
    return settled;
  } catch (bug) {
    return { bug };
  }
}

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
  let outcome;
  try {
    outcome = next(call);
  } catch (bug) {
    ended(undefined);
    throw bug;
  }
  if (outcome instanceof Eventual) return outcome.watch(ended);
  if ('then' in outcome) return new Eventual<Outcome>().following(outcome).watch(ended);
  ended(outcome);
  return outcome;
}
