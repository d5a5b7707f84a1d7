import type { Failure } from '#contracts/kernel/index.js';
import { Passing } from '../passing.js';
import { type Answer, type Outcome, failed } from './answer.js';
import type { Call, Layer, Next, Scope } from './call.js';
import { Cancellation, type StopReason, type Stoppable } from './cancellation.js';
import { failureOf } from './endpoint.js';
import { type Eventual, type Later, Sequel, watched } from './eventual.js';
import { askedOf, isSame, tuple } from './key.js';

/** A call under way, and how many wait for it. It runs under its operation's own deadline; each waiter leaves at its own. */
class Flight extends Cancellation {
  outcome!: Eventual<Outcome>;
  /** By which it is found while others may board. */
  #key: string | undefined;
  #over = false;
  #waiters = 0;

  constructor(
    readonly flights: Passing<Flight>,
    readonly leader: Scope,
    /** What had been purged when it departed. */
    readonly generation: number,
  ) {
    super();
  }

  /** Others may board while it is under way, in the place of the one before. */
  open(key: string, before: Flight | undefined): void {
    if (this.#over) return;
    if (before) before.#key = undefined;
    this.flights.set(key, this);
    this.#key = key;
  }

  /** Nobody boards any more. */
  close(): void {
    this.#over = true;
    if (this.#key === undefined) return;
    this.flights.delete(this.#key);
    this.#key = undefined;
  }

  /** Whether a call is of the very one who began it. */
  isOf({ scope }: Call): boolean {
    const { identity } = this.leader;
    return scope === this.leader || (identity.user !== undefined && isSame(identity, scope.identity));
  }

  /** Whether it is made under the policy that a call is made under. */
  isUnder({ scope }: Call): boolean {
    return this.leader.snapshot.revision === scope.snapshot.revision;
  }

  board(): void {
    this.#waiters++;
  }

  /** The last one to leave stops it. */
  leave(): void {
    if (--this.#waiters === 0) this.cancel('cancelled');
  }

  override cancel(reason: StopReason): void {
    this.close();
    super.cancel(reason);
  }
}

/** What a cache knows of sharing. */
export interface Sharing {
  /** Goes up with each purge. */
  readonly generation: number;
  /** Whether something was purged since that generation that touches a call: it is then not given what was asked for before. */
  purgedSince(generation: number, call: Call): boolean;
  /** Whether those who ask this have to fly alone for now. */
  fliesAlone(asked: string): boolean;
  /** Whether an answer may be given to another one than who asked for it. Where it may not, who asks it flies alone for a while. */
  mayShare(asked: string, answer: Answer): boolean;
}

/** Where nothing is kept, nothing is purged either, and nobody has looked at what may be shared. */
const free: Sharing = { generation: 0, purgedSince: () => false, fliesAlone: () => false, mayShare: () => true };

/**
 * Single flight: equal calls of the same identity that meet on their way are made once. A call that depends on a user
 * nobody has named is shared within its own request only. What may not be repeated is never shared, but flies on its own
 * all the same: detached from its caller, so that a write that was sent is not cut off (see `deadline`).
 *
 * An answer that says that it is not for everybody goes to its leader's own identity alone, whatever the contract says;
 * the others, who waited in vain, fly on their own, and so does for a while who comes after them, so that none waits for another.
 */
export const coalesce = (sharing: Sharing = free): Layer => {
  const flights = new Passing<Flight>();

  function depart(call: Call, next: Next, key?: string, before?: Flight): Outcome | Later {
    const flight = new Flight(flights, call.scope, sharing.generation);
    const outcome = watched(call.under(flight), next, () => flight.close());
    if ('ok' in outcome) return outcome;
    flight.outcome = outcome;
    if (key !== undefined) flight.open(key, before);
    return new Waiter(call, flight);
  }

  return function coalesce(call, next): Outcome | Later {
    if (!call.endpoint.operation.repeatable) return depart(call, next);
    const asked = askedOf(call);
    if (sharing.fliesAlone(asked)) return depart(call, next);
    const key = call.conditions ? asked + tuple(Object.entries(call.conditions).flat()) : asked;
    const known = flights.get(key);
    if (!known || !known.isUnder(call) || sharing.purgedSince(known.generation, call)) return depart(call, next, key, known);
    return new Waiter(call, known, (outcome) => {
      if (!outcome.ok) return isLeadersOwn(outcome.failure) ? coalesce(call, next) : outcome;
      return known.isOf(call) || sharing.mayShare(asked, outcome.answer) ? outcome : depart(call, next);
    });
  };
};

/** A failure of the one who began the flight, which says nothing about the product. */
const isLeadersOwn = ({ kind }: Failure): boolean => kind === 'budget' || kind === 'cancelled';

/** Waits for a flight until it lands or the waiter's own request stops. */
class Waiter extends Sequel<Outcome, Outcome> implements Stoppable {
  constructor(
    readonly call: Call,
    readonly flight: Flight,
    /** What a follower makes of what landed. */
    readonly taken?: (outcome: Outcome) => Outcome | Later,
  ) {
    super();
    flight.board();
    call.cancellation.on(this);
    flight.outcome.tell(this);
  }

  protected override next(outcome: Outcome): Outcome | Later {
    const { cancellation } = this.call;
    cancellation.off(this);
    return this.taken && cancellation.reason === undefined ? this.taken(outcome) : outcome;
  }

  /** Each waiter is told of a bug. */
  protected override mend(bug: unknown): never {
    this.call.cancellation.off(this);
    throw bug;
  }

  stop(reason: StopReason): void {
    const why = reason === 'timeout' ? 'the request ran out of time' : 'the request was given up';
    this.resolve(failed(failureOf(this.call.endpoint, reason, why)));
    this.flight.leave();
  }
}
