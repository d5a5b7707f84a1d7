import type { Outcome } from './answer.js';
import type { Call, Next } from './call.js';

/** An outcome that is still to come. */
export type Later = PromiseLike<Outcome>;

/**
 * A value that is still to come, at a fraction of a promise's cost: who waits for it goes on in the very moment that it comes,
 * not in a microtask of its own. A call passes a dozen layers on its way back. Whoever makes it come has nothing below it on
 * the stack that may not be entered again. It can be awaited like a promise.
 */
export class Eventual<T> implements PromiseLike<T>, Waiting<T> {
  #state: 'coming' | 'value' | 'bug' = 'coming';
  #value: T | undefined;
  #bug: unknown;
  #watchers: Watcher<T>[] | undefined;
  #first: Waiting<T> | undefined;
  #others: Waiting<T>[] | undefined;

  /** The value has come. Only the first word counts. */
  resolve(value: T): void {
    if (this.#state !== 'coming') return;
    this.#state = 'value';
    this.#value = value;
    this.#tell();
  }

  /** A bug kept it from coming. */
  reject(bug: unknown): void {
    if (this.#state !== 'coming') return;
    this.#fail(bug);
    this.#tell();
  }

  /** The value is this one, or what this one comes to. */
  follow(value: T | PromiseLike<T>): void {
    if (value instanceof Eventual) value.#waits(this);
    else if (isLater(value))
      value.then(
        (come) => this.resolve(come),
        (bug: unknown) => this.reject(bug),
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
    const step = new Step<T, U>(come, broken);
    this.#waits(step);
    return step.next;
  }

  /**
   * Is told of the value before whoever goes on with it, in the order of the asking; of a bug, with nothing. What `told` throws takes
   * the value's place.
   */
  watch(told: Watcher<T>): this {
    if (this.#state !== 'coming') this.#tellWatcher(told);
    else if (this.#watchers) this.#watchers.push(told);
    else this.#watchers = [told];
    return this;
  }

  // oxlint-disable-next-line unicorn/no-thenable -- to be awaited is what it is for
  then<U = T, V = never>(
    come?: ((value: T) => U | PromiseLike<U>) | null,
    broken?: ((bug: unknown) => V | PromiseLike<V>) | null,
  ): Promise<U | V> {
    return new Promise<T>((resolve, reject) => this.#waits({ resolve, reject })).then(come, broken);
  }

  #waits(one: Waiting<T>): void {
    if (this.#state !== 'coming') this.#tellOne(one);
    else if (!this.#first) this.#first = one;
    else if (this.#others) this.#others.push(one);
    else this.#others = [one];
  }

  #tell(): void {
    const [watchers, first, others] = [this.#watchers, this.#first, this.#others];
    this.#watchers = this.#first = this.#others = undefined; // nobody's value is held by who once waited for another
    if (watchers) for (const told of watchers) this.#tellWatcher(told);
    if (first) this.#tellOne(first);
    if (others) for (const one of others) this.#tellOne(one);
  }

  #tellWatcher(told: Watcher<T>): void {
    try {
      told(this.#value);
    } catch (bug) {
      this.#fail(bug);
    }
  }

  #tellOne(one: Waiting<T>): void {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- where it has come, it is there
    if (this.#state === 'value') one.resolve(this.#value as T);
    else one.reject(this.#bug);
  }

  #fail(bug: unknown): void {
    this.#state = 'bug';
    this.#bug = bug;
    this.#value = undefined;
  }
}

/** Who is told once of what has come. */
interface Waiting<T> {
  resolve(value: T): void;
  reject(bug: unknown): void;
}

type Watcher<T> = (value: T | undefined) => void;

/** Goes on with a value. */
class Step<T, U> implements Waiting<T> {
  readonly next = new Eventual<U>();

  constructor(
    readonly come: (value: T) => U | PromiseLike<U>,
    readonly broken: (bug: unknown) => U | PromiseLike<U>,
  ) {}

  resolve(value: T): void {
    let made;
    try {
      made = this.come(value);
    } catch (bug) {
      this.next.reject(bug);
      return;
    }
    this.next.follow(made);
  }

  reject(bug: unknown): void {
    let made;
    try {
      made = this.broken(bug);
    } catch (other) {
      this.next.reject(other);
      return;
    }
    this.next.follow(made);
  }
}

const rethrow = (bug: unknown): never => {
  throw bug;
};

const isLater = <T>(made: T | PromiseLike<T>): made is PromiseLike<T> =>
  typeof made === 'object' && made !== null && 'then' in made && typeof made.then === 'function';

/** Goes on with what is still to come, as soon as it has. */
export const onceThere = <T, U>(
  later: PromiseLike<T>,
  come: (value: T) => U | PromiseLike<U>,
  broken: (bug: unknown) => U | PromiseLike<U> = rethrow,
): PromiseLike<U> => (later instanceof Eventual ? later.after(come, broken) : later.then(come, broken));

/** Goes on with an outcome, or with what else is `ok` or not: at once where it is there, else as soon as it comes. */
export function after<T extends { readonly ok: boolean }, U>(
  outcome: T | PromiseLike<T>,
  come: (outcome: T) => U | PromiseLike<U>,
  broken?: (bug: unknown) => U | PromiseLike<U>,
): U | PromiseLike<U> {
  return 'ok' in outcome ? come(outcome) : onceThere(outcome, come, broken);
}

/** Makes the call and says how it ends, once: with an outcome, or with nothing where a bug ends it, which goes on. */
export function watched(call: Call, next: Next, ended: (outcome: Outcome | undefined) => void): Outcome | Eventual<Outcome> {
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
