import { nameOf } from '#contracts/kernel/index.js';
import { type Outcome, failed } from './answer.js';
import type { Call, Layer } from './call.js';
import { readOf } from './checked.js';
import { failureOf } from './endpoint.js';
import { after } from './eventual.js';

/**
 * Validates and prunes an answer to what the part reads. Stands outside whatever may share the answer, so that one part's
 * pruning never reaches another; what a part reads of one answer is worked out once and remembered with the answer.
 */
export const reads = (): Layer => {
  function pruned(call: Call, outcome: Outcome): Outcome {
    const { part, endpoint } = call;
    if (!outcome.ok || !part) return outcome;
    const checked = readOf(outcome.answer, part.check);
    const { answer, from } = outcome;
    if (checked.ok) return from ? { ok: true, value: checked.value, answer, from } : { ok: true, value: checked.value, answer };
    const message = `${nameOf(endpoint.operation)} broke its contract at ${checked.message}`;
    return failed(failureOf(endpoint, 'contract', message, { fields: checked.fields, status: outcome.answer.status }));
  }

  return function reads(call, next) {
    return after(next(call), (outcome) => pruned(call, outcome));
  };
};
