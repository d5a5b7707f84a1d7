import { AggregatorRegistry } from 'prom-client';
import { z } from 'zod';

/** What workers ask each other for their metrics by. */
export const METRICS = 'metrics';

const number = z.custom<number>((value) => typeof value === 'number'); // a quantile of nothing is NaN

/** One metric with all its numbers, as it goes from process to process. */
export const Series = z.object({
  name: z.string(),
  help: z.string(),
  type: z.string(),
  /** How the numbers of several processes become one: their sum, the largest, … */
  aggregator: z.string(),
  values: z.array(
    z.object({
      value: number,
      labels: z.record(z.string(), z.union([z.string(), number])),
      metricName: z.string().optional(),
    }),
  ),
});
export type Series = z.output<typeof Series>;

/** What several processes say, as if one said it, in Prometheus' text format. */
export const textOf = (processes: readonly (readonly Series[])[]): Promise<string> =>
  AggregatorRegistry.aggregate(processes.filter((series) => series.length > 0).map((series) => [...series])).metrics();

/** Adds up what only ever grows, counters and histograms; what is so only now is left out. */
export function added(before: readonly Series[], more: readonly Series[]): readonly Series[] {
  const sums = new Map(before.map((series) => [series.name, series]));
  for (const series of more.filter(({ type, aggregator }) => (type === 'counter' || type === 'histogram') && aggregator === 'sum')) {
    const known = sums.get(series.name);
    const values = new Map(known?.values.map((value) => [keyOf(value), value]));
    for (const value of series.values) {
      const same = values.get(keyOf(value));
      values.set(keyOf(value), same ? { ...same, value: same.value + value.value } : value);
    }
    sums.set(series.name, { ...series, values: [...values.values()] });
  }
  return [...sums.values()];
}

const keyOf = ({ metricName, labels }: Series['values'][number]): string =>
  JSON.stringify([metricName, ...Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1))]);
