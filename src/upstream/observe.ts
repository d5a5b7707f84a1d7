import type { Failure } from '#contracts/kernel/index.js';
import type { Layer } from './call.js';
import type { Endpoint } from './endpoint.js';
import { watched } from './eventual.js';

/** Who is told what calls come to. */
export interface CallObserver {
  /** One part was answered, or failed. `reader` is the route or consumer that reads it. */
  part(endpoint: Endpoint, reader: string, failure: Failure | undefined): void;
}

/** Tells the observer what each part came to, and who was to read it. Stands outermost, so that it sees a broken read too. */
export const observe = (observer: CallObserver): Layer =>
  function observe(call, next) {
    return watched(call, next, (outcome) => {
      if (outcome) observer.part(call.endpoint, call.scope.reader, outcome.ok ? undefined : outcome.failure);
    });
  };
