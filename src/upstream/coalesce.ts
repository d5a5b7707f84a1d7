import { type Outcome, failed } from './answer.js';
import type { Call, Layer } from './call.js';
import { Cancellation, type StopReason } from './cancellation.js';
import { failureOf } from './endpoint.js';

/** A call under way, and how many wait for it. It runs under its operation's own deadline; each waiter leaves at its own. */
class Flight {
  readonly cancellation = new Cancellation();
  outcome!: Promise<Outcome>;
  #waiters = 0;

  board(): void {
    this.#waiters++;
  }

  /** The last one to leave stops it. */
  leave(): void {
    if (--this.#waiters === 0) this.cancellation.cancel('cancelled');
  }
}

/**
 * Single flight: equal calls of the same identity that meet on their way are made once. A call that depends on a user
 * nobody has named is shared within its own request only. What may not be repeated is never shared, but flies on its own
 * all the same: detached from its caller, so that a write that was sent is not cut off (see `deadline`).
 */
export const coalesce = (): Layer => {
  const flights = new Map<string, Flight>();

  return function coalesce(call, next): Outcome | Promise<Outcome> {
    const key = call.endpoint.operation.repeatable ? keyOf(call) : undefined;
    const known = key === undefined ? undefined : flights.get(key);
    if (known) return wait(call, known, () => coalesce(call, next));
    const flight = new Flight();
    const outcome = next(call.under(flight.cancellation));
    if (!(outcome instanceof Promise)) return outcome;
    if (key === undefined) flight.outcome = outcome;
    else {
      flights.set(key, flight);
      const over = (): void => {
        if (flights.get(key) === flight) flights.delete(key);
      };
      flight.cancellation.on(over);
      flight.outcome = outcome.finally(over);
    }
    return wait(call, flight);
  };
};

/** Waits for a flight until it lands or the waiter's own request stops. `again` is for a follower whose flight failed for its leader's own reasons. */
function wait(call: Call, flight: Flight, again?: () => Outcome | Promise<Outcome>): Promise<Outcome> {
  flight.board();
  return new Promise<Outcome>((resolve) => {
    const leave = (reason: StopReason): void => {
      resolve(failed(failureOf(call.endpoint, reason, reason === 'timeout' ? 'the request ran out of time' : 'the request was given up')));
      flight.leave();
    };
    flight.outcome.then(
      (outcome) => {
        call.cancellation.off(leave);
        const leadersOwn = !outcome.ok && (outcome.failure.kind === 'budget' || outcome.failure.kind === 'cancelled');
        if (leadersOwn && again && call.cancellation.reason === undefined) resolve(again());
        else resolve(outcome);
      },
      () => {
        call.cancellation.off(leave);
        resolve(flight.outcome); // a bug, and each waiter's
      },
    );
    call.cancellation.on(leave);
  });
}

/** Each piece with its length before it: two different tuples never make one text. */
const tuple = (pieces: readonly string[]): string => pieces.map((piece) => `${piece.length}:${piece}`).join('');

function keyOf(call: Call): string {
  const { endpoint, outgoing, scope } = call;
  const headers = Object.entries(outgoing.headers).flat();
  return tuple([
    endpoint.id,
    outgoing.path,
    outgoing.body ?? '',
    ...whose(call),
    String(headers.length),
    ...headers,
    scope.snapshot.revision,
  ]);
}

/** Whose answer it is, as pieces of a key. */
function whose({ endpoint, scope }: Call): string[] {
  const { consumer, user } = scope.identity;
  switch (endpoint.operation.dependsOn) {
    case 'public':
      return ['public'];
    case 'consumer':
      return consumer === undefined ? ['request', String(scope.serial)] : ['consumer', consumer];
    case 'user':
      return user === undefined ? ['request', String(scope.serial)] : ['user', user, consumer ?? ''];
  }
}
