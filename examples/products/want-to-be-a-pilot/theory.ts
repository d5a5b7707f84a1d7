import type { z } from 'zod';
import { type Clock, type IncomingHeaders, client } from '#contracts/client/index.js';
import { wantToBeAPilot } from '#contracts/consumers/want-to-be-a-pilot.js';
import type { Plan } from '#contracts/products/want-to-be-a-pilot/v1.js';

/** How long a plan waits for the theory before it goes without. */
const DEADLINE_MS = 800;

/** The gateway, as this product calls it back. */
export interface Gateway {
  readonly url: string;
  /** This product's own key as a consumer. Without one it is told nothing. */
  readonly key: string | undefined;
  /** A test moves it by hand. */
  readonly clock?: Clock;
}

/** The fields of a plan that say how the theory goes, or why that could not be had. */
type Theory = Pick<z.output<typeof Plan>, 'theory' | 'theoryUnavailable'>;

/**
 * Asks aviation-infinity, through the gateway, how a user's theory goes. Trouble is an answer, and so is "never begun".
 * `answering` are the headers of the request that asks for it: the token in it says for whom.
 */
export function theoryThrough({ url, key, clock }: Gateway): (userId: string, answering: IncomingHeaders) => Promise<Theory> {
  const aviation = client({
    consumer: wantToBeAPilot.name,
    uses: wantToBeAPilot.uses,
    baseUrl: url,
    key,
    deadlineMs: DEADLINE_MS,
    clock,
  });
  return async function theoryOf(userId, answering) {
    const answer = await aviation.progress({ userId }, { answering });
    if (answer.ok) {
      const { completion, subjects } = answer.value;
      return {
        theory: { percent: Math.round(completion.ratio * 100), weakestSubject: weakest(Object.values(subjects)) },
        theoryUnavailable: null,
      };
    }
    if (answer.error === 'progressNotFound') return { theory: null, theoryUnavailable: null };
    return { theory: null, theoryUnavailable: answer.failure.kind };
  };
}

interface Subject {
  readonly title: string;
  readonly completion: { readonly answered: number };
  readonly correct: number;
}

/** The title of the begun subject with the smallest share of right answers; the first of equals. */
function weakest(subjects: readonly Subject[]): string | null {
  let least: { readonly title: string; readonly share: number } | undefined;
  for (const { title, completion, correct } of subjects) {
    if (completion.answered === 0) continue;
    const share = correct / completion.answered;
    if (least === undefined || share < least.share) least = { title, share };
  }
  return least?.title ?? null;
}
