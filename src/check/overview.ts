import type { Assumptions, RouteReport } from './assess.js';
import { columns } from './columns.js';
import { FEW, MANY } from './pace.js';

const HEAD = ['route', 'slowest part', 'worst case', 'of', `calls (${FEW}, ${MANY})`, 'time', 'slow', 'available', 'complete'];

/** One row per route, and below it what the figures are worth. */
export function overview(reports: readonly RouteReport[], { latencyMs, availability }: Assumptions): readonly string[] {
  const rows = reports.map(({ line, policy, slowest, few, many, slow, available, complete }) => [
    line,
    slowest?.part ?? '',
    slowest ? `${slowest.worstMs} ms` : '',
    `${policy.deadlineMs} ms`,
    `${few.calls.length}, ${many.calls.length}`,
    `${many.ms} ms`,
    `${slow.ms} ms`,
    percent(available),
    percent(complete),
  ]);
  return [
    ...columns([HEAD, ...rows]),
    '',
    `slowest part   by its own worst case, every attempt and wait included, of the route's deadline`,
    `calls, time    rehearsed, not proven: product calls with lists of ${FEW} and of ${MANY} items, and the time when each takes ${latencyMs} ms (--latency)`,
    `slow           the same when each call takes its whole deadline`,
    `available      where each product is there ${percent(availability)} of the time (--availability): an answer, all required parts in it`,
    `complete       the same: an answer with nothing missing`,
  ];
}

const percent = (share: number): string => `${Number((share * 100).toFixed(3))} %`;
