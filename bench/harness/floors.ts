import { digits, table } from './figures.ts';
import { bare, hive, nest, ours } from './peers.ts';
import { type Row, ratio } from './rounds.ts';

/** What ours has to reach of another peer's throughput, and what it aims at. */
interface Floor {
  readonly item: string;
  readonly over: string;
  readonly floor: number;
  readonly aim: number;
}

const each = (over: string, floors: Readonly<Record<string, readonly [floor: number, aim: number]>>): readonly Floor[] =>
  Object.entries(floors).map(([item, [floor, aim]]) => ({ item, over, floor, aim }));

/** The floors, on one core, in one run. */
const floors: readonly Floor[] = [
  ...each(bare.name, { W1: [1, 1.6], W2: [1.2, 2], W3: [1.1, 1.8], W4: [0.6, 0.9], W5: [1.1, 2.5], W6: [1, 1.2], W7: [0.9, 1.5] }),
  ...each(nest.name, { W1: [6, 9], W2: [6.5, 11], W3: [8, 13], W4: [2.3, 3.5], W5: [3.2, 7], W6: [5.5, 7], W7: [5, 8] }),
  ...each(hive.name, { W2: [15, 25] }),
];

/** The table of floors as far as they were measured. What decides is throughput; the same ratio by processor time stands beside it. */
export interface Verdict {
  readonly text: string;
  /** How many figures are below their floor. */
  readonly below: number;
}

/** Holds what was measured, by work item, against the floors. */
export function judge(measured: ReadonlyMap<string, readonly Row[]>): Verdict {
  let below = 0;
  const lines: string[][] = [];
  for (const { item, over, floor, aim } of floors) {
    const rows = measured.get(item);
    const own = rows?.find(({ peer }) => peer === ours.name);
    const other = rows?.find(({ peer }) => peer === over);
    if (!own || !other) continue;
    const measuredAs = ratio(own, other);
    const keeps = measuredAs >= floor; // false where one of them is no number
    if (!keeps) below++;
    const byCpu = other.cpuUs / own.cpuUs; // what other work on the machine takes away from one of them it does not take from this
    lines.push([
      `${item}: ours ÷ ${over}`,
      digits(floor),
      digits(aim),
      digits(measuredAs),
      digits(byCpu),
      keeps ? (measuredAs >= aim ? 'aim reached' : 'kept') : 'BELOW',
    ]);
  }
  return { text: table(['floors', 'floor', 'aim', 'measured', 'by CPU time', ''], lines), below };
}
