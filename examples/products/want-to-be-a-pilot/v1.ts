import { pilot } from '#contracts/products/want-to-be-a-pilot/v1.js';
import { serve } from '../../kit/index.js';
import { planOf } from './plan.js';
import { type Gateway, theoryThrough } from './theory.js';

/** Answers for version 1 of want-to-be-a-pilot. A plan is told even where its theory can't be had. */
export function v1(gateway: Gateway) {
  const theoryOf = theoryThrough(gateway);
  return serve(pilot, {
    async getPlan({ input, headers, db, fail }) {
      const plan = planOf(db, input.userId);
      if (plan === undefined) throw fail('planNotFound');
      return { ...plan, ...(await theoryOf(input.userId, headers)) };
    },
  });
}
