import { type AnyOperation, batchOf } from '#contracts/kernel/index.js';
import type { Composition } from '../composition/composition.js';
import { worstCaseMs } from '../policy/resolve.js';
import type { RoutePolicy } from '../policy/snapshot.js';
import type { Sound } from './boot-checks.js';
import { growth, trouble } from './findings.js';
import { FEW, MANY } from './pace.js';
import type { Rehearsal, Rehearse } from './rehearse.js';

/** What is taken for granted, since no configuration says it. */
export interface Assumptions {
  readonly latencyMs: number;
  readonly availability: number;
}

/** What can be said of a route before it runs. */
export interface RouteReport {
  readonly line: string;
  readonly policy: RoutePolicy;
  /** The part whose own worst case is the longest; undefined where it has none. */
  readonly slowest: { readonly part: string; readonly operation: AnyOperation; readonly worstMs: number } | undefined;
  /** Rehearsed with short lists, with long ones, and with long ones while every call takes its whole deadline. */
  readonly few: Rehearsal;
  readonly many: Rehearsal;
  readonly slow: Rehearsal;
  /** The share of time in which it answers: every product of a required part is there. */
  readonly available: number;
  /** The share of time in which its answer is complete: every product is there. */
  readonly complete: number;
  readonly warnings: readonly string[];
}

/** The operations of a route's parts, those that stand for many calls included, each with the part it is of. */
export const operationsByPart = ({ uses }: Composition, all: readonly AnyOperation[]) =>
  Object.entries(uses).flatMap(([name, part]) => {
    const many = batchOf(part.operation, all);
    return [part.operation, ...(many ? [many] : [])].map((operation) => ({ name, need: part.need, operation }));
  });

/** Works out what can be said of a route: by arithmetic on its policy, and by rehearsal. */
export async function assess(
  composition: Composition,
  { resolved, snapshot }: Sound,
  rehearse: Rehearse,
  { latencyMs, availability }: Assumptions,
): Promise<RouteReport> {
  const { line } = composition.route;
  const { operations } = resolved.contracts;
  const policy = snapshot.route(line);
  const parts = operationsByPart(composition, operations).map(({ name, need, operation }) => ({
    part: name,
    need,
    operation,
    worstMs: worstCaseMs(snapshot.operation(operations.indexOf(operation)), operation.repeatable),
  }));
  const few = await rehearse(composition, { items: FEW, latencyMs });
  const many = await rehearse(composition, { items: MANY, latencyMs });
  const slow = await rehearse(composition, { items: MANY, latencyMs: 'deadline' });
  const share = (counts: (need: string) => boolean): number =>
    availability ** new Set(parts.filter(({ need }) => counts(need)).map(({ operation }) => operation.product)).size;
  return {
    line,
    policy,
    slowest: [...parts].sort((a, b) => b.worstMs - a.worstMs)[0],
    few,
    many,
    slow,
    available: share((need) => need === 'required'),
    complete: share(() => true),
    warnings: [...trouble({ few, many, slow }), ...growth({ few, many }, policy.fanOut, operations)].map((found) => `${line}: ${found}`),
  };
}
