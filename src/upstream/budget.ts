import { failed } from './answer.js';
import type { Layer } from './call.js';
import { failureOf } from './endpoint.js';

/** Counts the calls that one request makes to products; beyond its limit a call is not made (it would only wait in a queue). */
export const budget = (): Layer =>
  function budget(call, next) {
    const { spent, limit } = call.scope.budget;
    if (spent >= limit)
      return failed(failureOf(call.endpoint, 'budget', `the request has made the ${limit} product calls that it may make`));
    call.scope.budget.spent++;
    return next(call);
  };
