import { type AnyOperation, batchOf, nameOf } from '#contracts/kernel/index.js';
import type { Composed } from '../composition/run.js';
import { FEW, MANY } from './pace.js';
import type { Rehearsal } from './rehearse.js';

/** The rehearsals of one route. */
interface Rehearsals {
  readonly few: Rehearsal;
  readonly many: Rehearsal;
  readonly slow: Rehearsal;
}

/** What kept a rehearsal from a complete answer. */
export function* trouble({ few, many, slow }: Rehearsals): Generator<string> {
  const usual = new Set([few, many].flatMap(({ composed }) => shortcoming(composed) ?? []));
  for (const why of usual) yield `on samples of its contracts ${why}`;
  const late = shortcoming(slow.composed);
  if (usual.size === 0 && late !== undefined) yield `where every call takes its whole deadline, ${late} after ${slow.ms} ms`;
}

/** Why a composed answer is not a complete one; undefined where it is. */
function shortcoming(composed: Composed): string | undefined {
  switch (composed.kind) {
    case 'answer': {
      const lacking = Object.entries(composed.parts).flatMap(([name, part]) =>
        'reason' in part && part.state !== 'stale' ? [`${name} (${part.reason})`] : [],
      );
      return composed.complete ? undefined : `its answer lacks ${lacking.join(', ')}`;
    }
    case 'declared':
      return `it ends with its error ${composed.error}: what comes after that is not rehearsed`;
    case 'failure':
      return `it fails for its part ${composed.part} (${composed.failure.kind}: ${composed.failure.message})`;
    case 'bug':
      return `it ends with a mistake: ${Error.isError(composed.error) ? composed.error.message : String(composed.error)}`;
  }
}

/** Which calls grow with the length of lists, and where the fan-out ends that. */
export function* growth(
  { few, many }: Pick<Rehearsals, 'few' | 'many'>,
  fanOut: number,
  operations: readonly AnyOperation[],
): Generator<string> {
  const before = timesCalled(few);
  for (const [operation, times] of timesCalled(many)) {
    const least = before.get(operation) ?? 0;
    if (operation.batches || times <= least) continue; // chunks of keys are no loop
    const one = batchOf(operation, operations);
    const advice = one
      ? `call them before the first one is awaited (gather), and they go out as one ${one.name}`
      : `an operation with \`batches\` would make them one call`;
    yield `calls ${nameOf(operation)} ${least} times for lists of ${FEW} and ${times} times for lists of ${MANY}; ${advice}`;
  }
  if (many.calls.length > fanOut) yield `makes ${many.calls.length} product calls for lists of ${MANY}; its fanOut is ${fanOut}`;
  else if (many.calls.length > few.calls.length) {
    const perItem = (many.calls.length - few.calls.length) / (MANY - FEW);
    const longest = FEW + Math.floor((fanOut - few.calls.length) / perItem);
    yield `passes its fanOut of ${fanOut} with lists of more than about ${longest}`;
  }
}

const timesCalled = ({ calls }: Rehearsal): ReadonlyMap<AnyOperation, number> =>
  new Map([...Map.groupBy(calls, ({ operation }) => operation)].map(([operation, made]) => [operation, made.length]));
