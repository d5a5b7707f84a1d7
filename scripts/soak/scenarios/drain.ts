import { setTimeout as wait } from 'node:timers/promises';
import { configuration, isReady, startGateway } from '../gateway.ts';
import { Asker, Tally, after } from '../load.ts';
import { startProducts } from '../products.ts';
import type { Scenario, Terms } from '../scenario.ts';

const ROUNDS = 20;
const CALLERS = 20;
const PER_SECOND = 200;
const LOAD_MS = 1000;
/** How long readiness says 503 before the port closes, and how long calls in flight then have. */
const [DRAIN_MS, END_MS] = [500, 4000];

/** Gateways are told to end under load, one after the other; another one stands beside them, as in a rolling update. */
export const drain: Scenario = { rows: 'G20, F76', run };

async function run({ report, longestMs }: Terms): Promise<void> {
  await using products = await startProducts();
  for (const product of ['babonbo', 'auth', 'monolith']) await products.behave(product, { latencyMs: [5, 80] });
  const text = configuration(products.url, { defaults: { route: { deadline: '2s' } } });
  await using stays = await startGateway(text);
  const tally = new Tally();
  const codes: (number | null)[] = [];
  const tookMs: number[] = [];
  const over = after(longestMs);
  while (codes.length < ROUNDS && !over()) {
    await using goes = await startGateway(text, { DRAIN_MS: String(DRAIN_MS) });
    let ended = false;
    const callers = Array.from({ length: CALLERS }, (_, i) => keepCalling(goes.url, stays.url, i, tally, () => ended));
    await wait(LOAD_MS);
    const began = performance.now();
    goes.process.signal('SIGTERM');
    codes.push(await goes.process.exit);
    tookMs.push(performance.now() - began);
    ended = true;
    await Promise.all(callers);
  }
  report.note(`${tally.asked} requests at ${PER_SECOND} a second while ${codes.length} gateways ended: ${String(tally)}`);
  report.exactly('G20', `requests that failed in ${codes.length} rounds`, tally.failed, 0);
  report.exactly('G20', 'gateways that did not end with exit code 0', codes.filter((code) => code !== 0).length, 0);
  report.atMost('G20', 'the longest end, from SIGTERM', Math.max(...tookMs), DRAIN_MS + END_MS, 'ms');
}

/** Asks on one connection at a steady pace until it is told that it is closed; then on the other gateway, if the first is not ready. */
async function keepCalling(first: string, second: string, nth: number, tally: Tally, until: () => boolean): Promise<void> {
  const paceMs = (1000 * CALLERS) / PER_SECOND;
  await wait((nth * paceMs) / CALLERS);
  for (let url = first; !until(); url = (await isReady(first)) ? first : second) {
    await using caller = new Asker(url, 1);
    const told = { closed: false };
    for (let n = 0; !told.closed && !until(); n++) {
      const path = n % 3 === 0 ? `/products/monolith/uncached/${n}` : `/v1/trips/b-${10_000 + n}`;
      const began = performance.now();
      await caller.ask({ path }, tally, ({ headers }) => {
        told.closed = headers['connection'] === 'close';
      });
      if (!told.closed) await wait(Math.max(0, paceMs - (performance.now() - began)));
    }
  }
}
