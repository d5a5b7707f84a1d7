import { Metrics } from '../../scripts/soak/metrics.ts';
import { digits } from './figures.ts';
import type { Running } from './peers.ts';

/** Callers that leave: a load does when its time is over. */
const LEFT = 'failure_caller_cancelled';

/** How the caches of the gateway answered: `miss 60000, hit 0`; empty for others. */
export async function cached({ opsUrl }: Running): Promise<string> {
  if (opsUrl === undefined) return '';
  const metrics = new Metrics(await (await fetch(`${opsUrl}/metrics`)).text());
  const answers = ['miss', 'hit', 'stale'].map((state) => `${state} ${metrics.sum('interline_cache_answers_total', `state="${state}"`)}`);
  return `${answers.join(', ')}; ${metrics.sum('interline_cache_entries')} entries, ${digits(metrics.sum('interline_cache_bytes') / 1024 ** 2)} MiB`;
}

/** What the gateway itself counts of its answers that were none: `failure_local_shed 12`, by category; empty for others and where there are none. */
export async function troubles({ opsUrl }: Running): Promise<string> {
  if (opsUrl === undefined) return '';
  const text = await (await fetch(`${opsUrl}/metrics`)).text();
  const counts = new Map<string, number>();
  for (const [, category = '', count] of text.matchAll(/^interline_responses_total\{.*category="(failure_\w+)".*\} (\d+)$/gm))
    if (category !== LEFT) counts.set(category, (counts.get(category) ?? 0) + Number(count));
  return [...counts].map(([category, count]) => `${category} ${count}`).join(', ');
}
