import type { Access } from './access.js';

/** How answers are kept. 0 turns a span off. */
export interface CachePolicy {
  readonly freshMs: number;
  readonly staleMs: number;
  readonly staleIfErrorMs: number;
  readonly absentMs: number;
}

/** How often a repeatable operation is tried again: 0 further attempts is off. */
export interface RetryPolicy {
  readonly attempts: number;
  readonly waitMs: number;
}

/** After how long a repeatable operation is asked a second time, at the earliest: 0 is off. */
export interface HedgePolicy {
  readonly afterMs: number;
}

/** When an operation is cut off, and for how long. */
export interface BreakerPolicy {
  readonly ratio: number;
  readonly minimum: number;
  readonly windowMs: number;
  readonly openMs: number;
  readonly trials: number;
}

/** How many per second, and how many at once. Infinity per second is off. */
export interface LimitPolicy {
  readonly perSecond: number;
  readonly burst: number;
}

/** How many calls may be in flight to a product, and how many may wait, for how long. */
export interface BulkheadPolicy {
  readonly concurrent: number;
  readonly queue: number;
  readonly waitMs: number;
}

/** How one product is treated as a whole. */
export interface ProductPolicy {
  readonly limit: LimitPolicy;
  readonly bulkhead: BulkheadPolicy;
  /** Whether an operator has cut it off. */
  readonly isolated: boolean;
}

/** How one operation is called. */
export interface OperationPolicy {
  /** The total time of one attempt, in milliseconds. */
  readonly deadlineMs: number;
  readonly cache: CachePolicy;
  readonly retry: RetryPolicy;
  readonly hedge: HedgePolicy;
  readonly breaker: BreakerPolicy;
  readonly product: ProductPolicy;
}

/** How one route is answered. */
export interface RoutePolicy {
  /** The total time of an answer, in milliseconds. */
  readonly deadlineMs: number;
  /** Product calls that one request may make. */
  readonly fanOut: number;
  readonly cache: { readonly freshMs: number; readonly staleMs: number };
  readonly limit: LimitPolicy;
  readonly access: Access;
}

/** The policy in force: immutable, replaced whole. A request reads it once, when it begins. */
export class Snapshot {
  constructor(
    /** Unlike any other snapshot's. */
    readonly revision: string,
    readonly operations: readonly OperationPolicy[],
    readonly routes: ReadonlyMap<string, RoutePolicy>,
  ) {}

  /** The policy of the operation at this place of the registry's list. */
  operation(index: number): OperationPolicy {
    const policy = this.operations[index];
    if (!policy) throw new RangeError(`no policy for operation ${index}`);
    return policy;
  }

  /** The policy of a route: a composed one by its line, a product's own by its operation's name, `auth.v1.getUser`. */
  route(line: string): RoutePolicy {
    const policy = this.routes.get(line);
    if (!policy) throw new RangeError(`no policy for ${line}`);
    return policy;
  }
}
