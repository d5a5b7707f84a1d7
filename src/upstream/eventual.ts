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
  #state: 'coming' | 'value' | 'bug' = 'coming';
  /** The value, or the bug. */
  #came: unknown;
  /** Most have one watcher, and one who waits. */
  #watcher: Watcher<T> | undefined;
  #watchers: Watcher<T>[] | undefined;
  #first: Waiting<T> | undefined;
  #others: Waiting<T>[] | undefined;

  /** The value has come. Only the first word counts. */
  resolve(value: T): void {
    if (this.#state !== 'coming') return;
    this.#state = 'value';
    this.#came = value;
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
    if (isLater(value)) tell(value, { come: (come) => this.resolve(come), broken: (bug) => this.reject(bug) });
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
    this.tell(step);
    return step;
  }

  /**
   * Is told of the value before whoever goes on with it, in the order of the asking; of a bug, with nothing. What `told` throws takes
   * the value's place.
   */
  watch(told: Watcher<T>): this {
    if (this.#state !== 'coming') this.#tellWatcher(told);
    else if (!this.#watcher) this.#watcher = told;
    else if (this.#watchers) this.#watchers.push(told);
    else this.#watchers = [told];
    return this;
  }

  // oxlint-disable-next-line unicorn/no-thenable -- to be awaited is what it is for
  then<U = T, V = never>(
    come?: ((value: T) => U | PromiseLike<U>) | null,
    broken?: ((bug: unknown) => V | PromiseLike<V>) | null,
  ): Promise<U | V> {
    return new Promise<T>((resolve, reject) => this.tell({ come: resolve, broken: reject })).then(come, broken);
  }

  /** Tells one who waits, once it is there. */
  tell(one: Waiting<T>): void {
    if (this.#state !== 'coming') this.#tellOne(one);
    else if (!this.#first) this.#first = one;
    else if (this.#others) this.#others.push(one);
    else this.#others = [one];
  }

  #tell(): void {
    const [watcher, watchers, first, others] = [this.#watcher, this.#watchers, this.#first, this.#others];
    this.#watcher = this.#watchers = this.#first = this.#others = undefined; // nobody's value is held by who once waited for another
    if (watcher) this.#tellWatcher(watcher);
    if (watchers) for (const told of watchers) this.#tellWatcher(told);
    if (first) this.#tellOne(first);
    if (others) for (const one of others) this.#tellOne(one);
  }

  #tellWatcher(told: Watcher<T>): void {
    try {
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- where it has come, it is there
      told(this.#state === 'value' ? (this.#came as T) : undefined);
    } catch (bug) {
      this.#fail(bug);
    }
  }

  #tellOne(one: Waiting<T>): void {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- where it has come, it is there
    if (this.#state === 'value') one.come(this.#came as T);
    else one.broken(this.#came);
  }

  #fail(bug: unknown): void {
    this.#state = 'bug';
    this.#came = bug;
  }
}

/** Who is told once of what has come. */
export interface Waiting<T> {
  come(value: T): void;
  broken(bug: unknown): void;
}

type Watcher<T> = (value: T | undefined) => void;

/** What follows from a value as soon as it has come. */
export abstract class Sequel<T, U> extends Eventual<U> implements Waiting<T> {
  /** Goes on with the value. What it throws, whoever waits is told. */
  protected abstract next(value: T): U | PromiseLike<U>;

  /** Goes on where a bug kept the value from coming. */
  protected mend(bug: unknown): U | PromiseLike<U> {
    throw bug;
  }

  come(value: T): void {
    let made;
    try {
      made = this.next(value);
    } catch (bug) {
      this.reject(bug);
      return;
    }
    this.follow(made);
  }

  broken(bug: unknown): void {
    let made;
    try {
      made = this.mend(bug);
    } catch (other) {
      this.reject(other);
      return;
    }
    this.follow(made);
  }
}

class Step<T, U> extends Sequel<T, U> {
  constructor(
    protected override readonly next: (value: T) => U | PromiseLike<U>,
    protected override readonly mend: (bug: unknown) => U | PromiseLike<U>,
  ) {
    super();
  }
}

const rethrow = (bug: unknown): never => {
  throw bug;
};

const isLater = <T>(made: T | PromiseLike<T>): made is PromiseLike<T> =>
  typeof made === 'object' && made !== null && 'then' in made && typeof made.then === 'function';

/** Tells one who waits, once it is there. */
function tell<T>(later: PromiseLike<T>, one: Waiting<T>): void {
  if (later instanceof Eventual) later.tell(one);
  else
    later.then(
      (value) => one.come(value),
      (bug: unknown) => one.broken(bug),
    );
}

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

/** Tells one who waits for an outcome, or for what else is `ok` or not: at once where it is there, else as soon as it comes. */
export function told<T extends { readonly ok: boolean }>(outcome: T | PromiseLike<T>, one: Waiting<T>): void {
  if ('ok' in outcome) one.come(outcome);
  else tell(outcome, one);
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
