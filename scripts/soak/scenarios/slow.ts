import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { child } from '../child.ts';
import { quantile } from '../figures.ts';
import { configuration, startGateway } from '../gateway.ts';
import { Asker, type Tally, after } from '../load.ts';
import { startProducts } from '../products.ts';
import type { Scenario, Terms } from '../scenario.ts';
import { type Way, ways } from '../slow-callers.ts';

const CONNECTIONS = 1000;
/** How long they are kept open, and how long others are measured before and after that. */
const [SLOW_MS, CALM_MS] = [60_000, 15_000];
/** The longest that one may stay: the time that a caller has by default, and what it takes to notice. */
const LONGEST_MS = 35_000;
const PER_SECOND = 100;

/** Each connection that is closed is opened again at once: strangers take all the time that they are given, for all of it. */
export const slow: Scenario = { rows: 'G22, F67', run };

async function run({ report, longestMs }: Terms): Promise<void> {
  await using products = await startProducts();
  await using gateway = await startGateway(configuration(products.url, { defaults: { route: { deadline: '2s' } } }));
  await using others = new Asker(gateway.url, 10);
  const ask = (ms: number): Promise<Tally> => others.atRate(PER_SECOND, after(ms), (n) => ({ path: `/v1/trips/b-${10_000 + (n % 1000)}` }));
  await ask(CALM_MS / 3);
  const lengthMs = Math.min(SLOW_MS, longestMs);
  for (const way of ways) {
    const before = await ask(CALM_MS);
    await using callers = slowCallers(way, gateway.url, lengthMs);
    const meanwhile = await ask(lengthMs);
    const mostMiB = gateway.residentMiB();
    const found = await callers.found;
    const calm = await ask(CALM_MS);
    report.note(
      `${way.name}: ${found.ms.length} slow connections begun within ${(lengthMs / 1000).toFixed(0)} s, ${CONNECTIONS} at a time`,
    );
    report.note(
      `they stayed ${(quantile(found.ms, 0.5) / 1000).toFixed(1)} s in the middle; memory of the gateway: ${mostMiB.toFixed(0)} MiB`,
    );
    if (way.reads) report.note(`answers given up: ${(await gateway.metrics()).sum('interline_answers_unread_total')}`);
    const failed = before.failed + meanwhile.failed + calm.failed;
    report.exactly('G22', `answers other than 200 to others, of ${before.asked + meanwhile.asked + calm.asked}`, failed, 0);
    const [p50, usual] = [meanwhile.quantile(0.5), quantile([...before.ms, ...calm.ms], 0.5)];
    report.note(`others meanwhile: ${String(meanwhile)}; p50 ${p50.toFixed(2)} ms, and ${usual.toFixed(2)} ms before and after`);
    report.atMost('G22', 'p50 of others, as a multiple of that before and after', p50 / usual, 1.2);
    report.atMost('G22', 'the longest that a slow one stayed', Math.max(...found.ms), LONGEST_MS, 'ms');
    if (!way.reads) report.exactly('G22', 'slow ones that were closed without 408', found.ms.length - found.told, 0);
  }
}

const SCRIPT = fileURLToPath(new URL('../slow-process.ts', import.meta.url));
const Found = z.object({ ms: z.array(z.number()), told: z.number() });

/** Starts callers that are slow in this way for so long; tells in the end what became of them. */
function slowCallers(way: Way, url: string, lengthMs: number): AsyncDisposable & { readonly found: Promise<z.output<typeof Found>> } {
  const env = { WAY: way.name, PORT: new URL(url).port, CONNECTIONS: String(CONNECTIONS), LENGTH_MS: String(lengthMs) };
  const running = child(process.execPath, ['--disable-warning=ExperimentalWarning', SCRIPT], env);
  const found = running.finds((line) => (line.startsWith('{') ? line : undefined));
  return { found: found.then((line) => Found.parse(JSON.parse(line))), [Symbol.asyncDispose]: () => running.kill() };
}
