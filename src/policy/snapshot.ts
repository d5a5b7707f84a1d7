/** How one operation is called. */
export interface OperationPolicy {
  /** The total time of one attempt, in milliseconds. */
  readonly deadlineMs: number;
}

/** How one composed or product route is answered. */
export interface RoutePolicy {
  /** The total time of an answer, in milliseconds. */
  readonly deadlineMs: number;
  /** Product calls that one request may make. */
  readonly fanOut: number;
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

  /** The policy of a composed route, by its line. */
  route(line: string): RoutePolicy {
    const policy = this.routes.get(line);
    if (!policy) throw new RangeError(`no policy for ${line}`);
    return policy;
  }
}
