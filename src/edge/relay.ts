import type { z } from 'zod';
import type { AnyOperation } from '#contracts/kernel/index.js';
import { handlingOf, memberOf } from '../cache/cache-status.js';
import { provenanceOf } from '../cache/provenance.js';
import type { Clock } from '../clock.js';
import { worstCaseMs } from '../policy/resolve.js';
import type { Snapshot } from '../policy/snapshot.js';
import type { Answer, Outcome } from '../upstream/answer.js';
import { Call, type Next } from '../upstream/call.js';
import { after } from '../upstream/eventual.js';
import { keysBy } from '../upstream/keys-by.js';
import { wholeOf } from '../upstream/whole.js';
import type { Relayed, Worked } from './answerable.js';
import type { Inbound } from './inbound.js';
import { type Response, failed, invalid } from './problems.js';
import { ageField, cacheControl, success, varyField } from './success.js';

/** What a product's own route stands on. */
export interface RelayTerms {
  readonly clock: Clock;
  readonly call: Next;
}

/** Answers a product's own route: one call, the product's own body, pruned to its contract. */
export function relay(
  { clock, call }: RelayTerms,
  { endpoint, whole }: Relayed,
  input: Readonly<Record<string, unknown>>,
  inbound: Inbound,
  policy: Snapshot,
): Worked | PromiseLike<Worked> {
  const { traceId, cancellation } = inbound;
  const outgoing = endpoint.write(input);
  if ('message' in outgoing) return { response: invalid(traceId, [outgoing]) };
  const { index, operation } = endpoint;
  const deadlineMs = worstCaseMs(policy.operation(index), operation.repeatable);
  const scope = inbound.scope(policy, { fanOut: 1, deadlineMs }, inbound.consumer);
  const began = clock.now();
  // The call ends by itself within its worst case: only a consumer that waits no longer has to be watched for.
  const timer = inbound.waitsMs < deadlineMs ? clock.after(scope.deadlineAt - began, () => cancellation.cancel('timeout')) : undefined;
  return after(call(new Call(endpoint, input, outgoing, scope, whole, cancellation)), (outcome) => {
    timer?.cancel();
    const tookMs = clock.now() - began;
    return { response: responseOf(outcome, operation, traceId, clock), timings: () => [{ part: operation.product, ms: tookMs }] };
  });
}

function responseOf(outcome: Outcome, operation: AnyOperation, traceId: string, clock: Clock): Response {
  const { ageMs, unstorable } = provenanceOf([{ outcomes: [outcome] }], clock.date());
  const told = {
    ...(outcome.ok || outcome.from ? { 'cache-status': memberOf('interline', handlingOf(outcome, operation)) } : {}),
    ...ageField(ageMs),
    ...varyField(operation.wire, false),
  };
  if (!outcome.ok) return failed(traceId, outcome.failure, undefined, told);
  const body = bodyOf(outcome.answer, outcome.value, operation.output);
  const status = body === '' ? 204 : outcome.answer.status;
  const control = cacheControl(operation.dependsOn, unstorable);
  return success(status, 'success_complete', body, control, told, operation.wire.method === 'get');
}

/** The bytes that the product sent, where nothing has to be left out of them. */
const bodyOf = (answer: Answer, value: unknown, schema: z.ZodType): Buffer | '' =>
  value === undefined ? '' : (wholeOf(answer, value, keysBy(schema)) ?? Buffer.from(JSON.stringify(value)));
