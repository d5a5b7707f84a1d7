import {
  type AnyPart,
  type AnyRoute,
  type ErrorStatuses,
  type InputIssue,
  type Outgoing,
  checker,
  envelope,
  nameOf,
  writer,
} from '../kernel/index.js';
import { type ClientFailure, type Outcome, failed } from './answer.js';

/** What one use needs to be called: all that does not depend on the input, worked out once. */
export interface Use {
  /** As messages name it: `auth v1 getUser`, `GET /v1/orders/{orderId}`. */
  readonly name: string;
  readonly product: string | undefined;
  readonly method: string;
  /** What stands before the path: the base, and the product's place behind the gateway. */
  readonly base: string;
  readonly errors: ErrorStatuses;
  /** Whether a declared error may be known by its status alone: a product's own error bodies are no problems. */
  readonly byStatus: boolean;
  readonly repeatable: boolean;
  /** Whether a success has a body to read. */
  readonly hasBody: boolean;
  readonly write: (input: Readonly<Record<string, unknown>>) => Outgoing | InputIssue;
  readonly check: AnyPart['check'];
  /** What the caller gets for an outcome. */
  readonly give: (outcome: Outcome) => unknown;
}

/** Whether calls go through the gateway or straight to a product. */
export type At = 'gateway' | 'product';

/** Prepares a call to a product. */
export function ofPart(part: Omit<AnyPart, symbol>, baseUrl: string, at: At): Use {
  const { operation } = part;
  return {
    name: nameOf(operation),
    product: operation.product,
    method: operation.wire.method.toUpperCase(),
    base: at === 'product' ? baseUrl : `${baseUrl}/products/${operation.product}/v${operation.version}`,
    errors: operation.errors,
    byStatus: at === 'product',
    repeatable: operation.repeatable,
    hasBody: operation.output.def.type !== 'undefined',
    write: writer(operation.wire),
    check: part.check,
    give(outcome) {
      if (outcome.ok) return { ok: true, value: outcome.body };
      if (part.need === 'optional' && outcome.error === operation.absent) return { ok: true, value: undefined };
      if (part.need !== 'fallback') return shown(outcome);
      const failure = failureOf(outcome, operation.product);
      return failure.kind === 'cancelled' ? failed(failure) : { ok: true, value: part.fallback, failure };
    },
  };
}

/** Prepares a call to a composed route. */
export function ofRoute(route: AnyRoute, baseUrl: string): Use {
  return {
    name: route.line,
    product: undefined,
    method: route.wire.method.toUpperCase(),
    base: baseUrl,
    errors: route.errors,
    byStatus: false,
    repeatable: route.wire.method === 'get',
    hasBody: true,
    write: writer(route.wire),
    check: checker(envelope(route.output, Object.keys(route.parts))),
    give: (outcome) => (outcome.ok ? Object.assign({ ok: true }, outcome.body) : shown(outcome)),
  };
}

type Trouble = Exclude<Outcome, { readonly ok: true }>;

function shown(outcome: Trouble): unknown {
  if ('failure' in outcome) return outcome;
  const { ok, error, status, problem } = outcome;
  return { ok, error, status, ...(problem && { problem }) };
}

/** A declared error as the failure that a fallback stands in for. */
function failureOf(outcome: Trouble, product: string): ClientFailure {
  if ('failure' in outcome) return outcome.failure;
  const { error, status, message, problem } = outcome;
  return { kind: 'declared', message, product, error, status, ...(problem?.traceId !== undefined && { traceId: problem.traceId }) };
}
