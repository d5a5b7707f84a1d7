import { digits, table } from './figures.ts';
import type { Item } from './items.ts';
import { bare, nest } from './peers.ts';
import { type Row, ratio } from './rounds.ts';

/** From this spread on a figure is marked: something else was going on. */
const WIDE = 0.15;

/** From this share on the load or the products, and not the peer, may have been what was measured. */
const BUSY = 0.9;

/** From this share on others took so much of the peer's core that its throughput says little; its CPU time still does. */
const DISTURBED = 0.1;

/** Who calls the products so much less than the item says does other work: it keeps or shares what others ask for. More are calls that a round's end cut off. */
export const FEWER_CALLS = 0.1;

/** What all peers came to in one work item. */
export function itemTable({ name, what, calls }: Item, rows: readonly Row[]): string {
  const over = (row: Row, name: string): string => {
    const other = rows.find(({ peer }) => peer === name);
    return other ? ratio(row, other).toFixed(2) : '-';
  };
  const head = [name, 'req/s', '÷ (a)', '÷ (c)', 'CPU µs', 'p50 ms', 'p99 ms', 'RSS MiB', 'calls', 'spread', 'others', 'load core', ''];
  const lines = rows.map((row) => [
    row.peer,
    digits(row.perSecond),
    over(row, bare.name),
    over(row, nest.name),
    digits(row.cpuUs),
    digits(row.p50Ms),
    digits(row.p99Ms),
    row.residentMiB.toFixed(0),
    row.calls.toFixed(2),
    `${(row.spread * 100).toFixed(0)} %`,
    `${(row.others * 100).toFixed(0)} %`,
    `${(row.loadCore * 100).toFixed(0)} %`,
    remarks(row, calls).join(', '),
  ]);
  return `${name}: ${what}; ${calls} ${calls === 1 ? 'call' : 'calls'} to products\n\n${table(head, lines)}`;
}

function remarks({ spread, others, loadCore, failed, calls }: Row, expected: number): string[] {
  return [
    ...(failed > 0 ? [`INVALID: ${failed} failed`] : []),
    ...(calls < expected - FEWER_CALLS ? [`INVALID: expected ${expected} calls`] : []),
    ...(spread > WIDE ? ['WIDE'] : []),
    ...(others > DISTURBED ? ['DISTURBED'] : []),
    ...(loadCore > BUSY ? ['load-bound'] : []),
  ];
}
