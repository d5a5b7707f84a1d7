import { Counter, Gauge } from 'prom-client';

/** The caches in numbers. Counts only ever grow. */
export interface CacheNumbers {
  readonly products: Readonly<
    Record<string, { readonly bytes: number; readonly entries: number } & Record<(typeof states)[number], number>>
  >;
  readonly routes: ReadonlyMap<string, Record<'hit' | 'stale' | 'miss', number>>;
}

const states = ['hit', 'stale', 'revalidated', 'miss'] as const;

/** What the caches count by themselves, read whenever somebody looks: an answer from memory has no time for counters with labels. */
export const cacheMetrics = (read: () => CacheNumbers): readonly (Counter | Gauge)[] => [
  new Gauge({
    ...named('interline_cache_bytes', 'What is kept of each product in memory, roughly, in bytes.', 'product'),
    collect() {
      for (const [product, { bytes }] of Object.entries(read().products)) this.set({ product }, bytes);
    },
  }),
  new Gauge({
    ...named('interline_cache_entries', 'How many answers of each product are kept in memory.', 'product'),
    collect() {
      for (const [product, { entries }] of Object.entries(read().products)) this.set({ product }, entries);
    },
  }),
  new Counter({
    ...named('interline_cache_answers_total', 'What calls were answered with: hit, stale, revalidated or miss.', 'product', 'state'),
    collect() {
      this.reset();
      for (const [product, counts] of Object.entries(read().products))
        for (const state of states) this.inc({ product, state }, counts[state]);
    },
  }),
  new Counter({
    ...named(
      'interline_route_cache_answers_total',
      'What requests of kept routes were answered with: hit, stale or miss.',
      'route',
      'state',
    ),
    collect() {
      this.reset();
      for (const [route, counts] of read().routes) for (const [state, times] of Object.entries(counts)) this.inc({ route, state }, times);
    },
  }),
];

const named = (name: string, help: string, ...labelNames: readonly string[]) => ({ name, help, labelNames, registers: [] });
