import type { AnyOperation, FailureKind } from '#contracts/kernel/index.js';
import type { Outcome } from '../upstream/answer.js';
import type { Call, Layer } from '../upstream/call.js';
import { type Later, after } from '../upstream/eventual.js';
import type { Caches } from './caches.js';
import { addressLabel, tagsOf } from './labels.js';

/** Kinds after which nobody knows whether the product has done what it was asked: what is kept is as doubtful as after a success. */
const MAY_HAVE_ACTED: ReadonlySet<FailureKind> = new Set(['timeout', 'unreachable', 'malformed', 'error', 'cancelled']);

/**
 * After a write: what it is about (its tags) and what its address says are purged (RFC 9111, 4.4), here, in
 * the tier and in the other instances, before the caller hears of it. Stands below `coalesce`, where a write ends that nobody waits for.
 */
export const invalidate = (caches: Caches): Layer =>
  function invalidate(call, next) {
    if (isQuestion(call.endpoint.operation)) return next(call);
    return after(next(call), (outcome) => purged(caches, call, outcome));
  };

/** Whether an operation changes nothing: a GET, or a POST that may be repeated and is about nothing, which is how one asks with a body. */
const isQuestion = ({ wire, repeatable, tags }: AnyOperation): boolean =>
  wire.method === 'get' || (wire.method === 'post' && repeatable && tags === undefined);

function purged(caches: Caches, call: Call, outcome: Outcome): Outcome | Later {
  if (!outcome.ok && !MAY_HAVE_ACTED.has(outcome.failure.kind)) return outcome;
  return caches.purge([...tagsOf(call), addressLabel(call)]).then(() => outcome);
}
