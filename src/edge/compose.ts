import type { Clock } from '../clock.js';
import type { Prepared } from '../composition/prepare.js';
import { run } from '../composition/run.js';
import type { Snapshot } from '../policy/snapshot.js';
import type { Next } from '../upstream/call.js';
import type { Worked } from './answerable.js';
import type { Inbound } from './inbound.js';
import { bug, declared, failed } from './problems.js';
import { envelope } from './success.js';

/** What composed routes stand on. */
export interface ComposeTerms {
  readonly clock: Clock;
  readonly call: Next;
}

/** Answers a composed route: its parts, joined. */
export async function compose(
  { clock, call }: ComposeTerms,
  prepared: Prepared,
  input: unknown,
  inbound: Inbound,
  policy: Snapshot,
): Promise<Worked> {
  const { traceId, route } = inbound;
  const scope = inbound.scope(policy, policy.route(route), route);
  const { composed, timings } = await run(prepared, input, scope, call, clock);
  switch (composed.kind) {
    case 'answer':
      return { response: envelope(composed, prepared.composition), timings, parts: composed.parts };
    case 'declared':
      return { response: declared(traceId, composed.error, composed.status), timings };
    case 'failure':
      return {
        response: failed(traceId, composed.failure, composed.part),
        timings,
        parts: { [composed.part]: { state: 'failed', reason: composed.failure.kind, product: composed.failure.product } },
      };
    case 'bug':
      return { response: bug(traceId), timings, error: composed.error };
  }
}
