import type { Clock } from '../clock.js';
import type { Layer } from './call.js';
import { Cancellation, type Stoppable } from './cancellation.js';
import { watched } from './eventual.js';

/** One attempt at a call: who works for it says when the request has begun to go out. */
export class Attempt extends Cancellation implements Stoppable {
  sent = false;

  constructor(readonly repeatable: boolean) {
    super();
  }

  /** Nobody waits any more. */
  stop(): void {
    if (!this.sent || this.repeatable) this.cancel('cancelled');
  }
}

/**
 * Gives each attempt its operation's deadline: a total, not an idle time, so that an answer that drips in is cut off too.
 * A write that was sent is not given up when nobody waits any more: it runs to its deadline.
 */
export const deadline = (clock: Clock): Layer =>
  function deadline(call, next) {
    const { deadlineMs } = call.policy;
    const attempt = new Attempt(call.endpoint.operation.repeatable);
    call.cancellation.on(attempt);
    const timer = clock.after(deadlineMs, () => attempt.cancel('timeout'));
    return watched(call.under(attempt), next, () => {
      timer.cancel();
      call.cancellation.off(attempt);
    });
  };
