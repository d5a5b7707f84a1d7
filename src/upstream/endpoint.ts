import {
  type AnyOperation,
  type Batches,
  type Failure,
  type FailureKind,
  type InputIssue,
  type Outgoing,
  batchOf,
  writer,
} from '#contracts/kernel/index.js';
import type { Target } from './target.js';

/**
 * An operation with everything that does not depend on the request worked out: how its requests are written, where they
 * go, and which operation stands for many of its calls. Made once, at boot.
 */
export interface Endpoint {
  readonly operation: AnyOperation;
  /** `auth.v1.getUser`: its name in logs and metrics. */
  readonly id: string;
  /** Its place in a snapshot's list of policies. */
  readonly index: number;
  readonly target: Target;
  readonly write: (input: Readonly<Record<string, unknown>>) => Outgoing | InputIssue;
  /** Where many calls of it can be made as one. */
  readonly batch: Many | undefined;
}

/** How many calls of one endpoint are made as one of another. */
export interface Many {
  readonly endpoint: Endpoint;
  readonly terms: Batches;
  /** Whether calls say nothing but the key that each of them is about. */
  readonly byKeyAlone: boolean;
}

/** Makes the endpoints of all operations, in order; `target` says where a product's version is reached. */
export function endpoints(
  operations: readonly AnyOperation[],
  target: (product: string, version: number) => Target,
): ReadonlyMap<AnyOperation, Endpoint> {
  const made = new Map<AnyOperation, Endpoint>();
  const make = (operation: AnyOperation): Endpoint => {
    const known = made.get(operation);
    if (known) return known;
    const many = batchOf(operation, operations);
    const endpoint: Endpoint = {
      operation,
      id: `${operation.product}.v${operation.version}.${operation.name}`,
      index: operations.indexOf(operation),
      target: target(operation.product, operation.version),
      write: writer(operation.wire),
      batch: many?.batches && {
        endpoint: make(many),
        terms: many.batches,
        byKeyAlone: Object.keys(operation.input.shape).length === 1,
      },
    };
    made.set(operation, endpoint);
    return endpoint;
  };
  for (const operation of operations) make(operation);
  return made;
}

/** A failure of a call to this endpoint. */
export function failureOf(
  endpoint: Endpoint,
  kind: FailureKind,
  message: string,
  more: Partial<Omit<Failure, 'kind' | 'message' | 'product' | 'version' | 'operation'>> = {},
): Failure {
  const { product, version, name } = endpoint.operation;
  return { kind, product, version, operation: name, message, ...more };
}
