import { setTimeout as wait } from 'node:timers/promises';
import { type Gateway, configuration, startGateway } from '../gateway.ts';
import { median } from '../figures.ts';
import { Asker, type Tally, after, whenever } from '../load.ts';
import { startProducts } from '../products.ts';
import type { Scenario, Terms } from '../scenario.ts';

const HELD = 500;
const CAP = 100;
const PER_SECOND = 150;
const ROUNDS = 15;
const ROUND_MS = 1500;

/** One product holds all that is asked of it; routes that do not use it go on as before. */
export const isolation: Scenario = { rows: 'G9, F39, Show 6', run };

async function run({ report, longestMs }: Terms): Promise<void> {
  await using products = await startProducts();
  const held = 'aviation-infinity';
  await using gateway = await startGateway(
    configuration(products.url, {
      defaults: { route: { deadline: '5m' } },
      edge: { shed: { inFlight: 2000, delay: '30s' } },
      products: { [held]: { deadline: '1m', connections: HELD, bulkhead: { concurrent: CAP, queue: HELD, wait: '1m' } } },
    }),
  );
  await using holding = new Asker(gateway.url, HELD);
  await using others = new Asker(gateway.url, 20);
  const ask = (ms: number): Promise<Tally> => others.atRate(PER_SECOND, after(ms), (n) => ({ path: `/v1/trips/b-${1000 + n}` }));
  await ask(ROUND_MS);

  const free: Tally[] = [await ask(ROUND_MS)];
  const crowded: Tally[] = [];
  const lags: { readonly free: number; readonly crowded: number }[] = [];
  let [mostInFlight, lost] = [0, 0];
  const over = after(longestMs);
  while (crowded.length < ROUNDS && !over()) {
    await products.behave(held, { holds: true });
    const waiting = holding.atOnce(
      Array.from({ length: HELD }, (_, i) => ({ path: `/products/${held}/v2/users/u-${10_000 + i}/progress` })),
    );
    await whenever(async () => (await gateway.metrics()).sum('interline_requests_in_flight') >= HELD, 10_000);
    await lag(gateway);
    crowded.push(await ask(ROUND_MS));
    const late = await lag(gateway);
    mostInFlight = Math.max(mostInFlight, (await products.counts(held)).mostInFlight);
    await products.behave(held);
    lost += (await waiting).failed;
    await wait(300);
    await lag(gateway);
    free.push(await ask(ROUND_MS));
    lags.push({ free: await lag(gateway), crowded: late });
  }
  /** A round in which it holds, and the mean of the rounds before and after it. */
  const pairs = (share: number): readonly (readonly [number, number])[] =>
    crowded.map((tally, i) => [tally.quantile(share), ((free[i]?.quantile(share) ?? 0) + (free[i + 1]?.quantile(share) ?? 0)) / 2]);
  const ratios = pairs(0.5).map(([held, not]) => held / not);
  const tails = pairs(0.99).map(([held, not]) => held - not - Math.max(5, not / 4));
  const failed = [...free, ...crowded].reduce((sum, tally) => sum + tally.failed, 0);
  report.exactly('F39', `calls in flight to the product that holds ${HELD} requests, its cap is ${CAP}: most`, mostInFlight, CAP);
  report.exactly('F39', 'held requests that were not answered once it let go', lost, 0);
  report.exactly('G9', 'routes without it: answers other than 200', failed, 0);
  report.note(
    `p50 while it holds, as a multiple of the p50 around it, sorted: ${ratios
      .sort((a, b) => a - b)
      .map((ratio) => ratio.toFixed(2))
      .join(' ')}`,
  );
  report.atMost('G9', `routes without it: p50 ratio, median of ${ratios.length} rounds`, median(ratios), 1.1);
  report.atMost('G9', 'routes without it: p99 beyond what may be added (5 ms, or a quarter), median of the rounds', median(tails), 0, 'ms');
  const [calm, busy] = [median(lags.map((one) => one.free)), median(lags.map((one) => one.crowded))];
  report.note(`event loop of the gateway, p99 of a round, median: ${calm.toFixed(1)} ms after, ${busy.toFixed(1)} ms while it holds`);
}

/** How late the event loop ran since it was last asked (p99), in milliseconds. */
const lag = async (gateway: Gateway): Promise<number> => (await gateway.metrics()).sum('nodejs_eventloop_lag_p99_seconds') * 1000;
