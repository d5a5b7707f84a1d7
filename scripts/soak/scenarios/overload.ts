import { setTimeout as wait } from 'node:timers/promises';
import { configuration, isReady, startGateway } from '../gateway.ts';
import { median, quantile } from '../figures.ts';
import { Asker, type Question, after } from '../load.ts';
import { startProducts } from '../products.ts';
import type { Scenario, Terms } from '../scenario.ts';

/** The requests that may be in flight; so many callers keep the gateway busy, and none of them is sent away. */
const IN_FLIGHT = 24;
/** How often a load of three times the peak is put on it between two peaks, for how long in all, and how long a peak is measured. */
const [ROUNDS, OVERLOAD_MS, PEAK_MS] = [6, 60_000, 5000];
const HEAP_MIB = 256;
/** Above this share of its heap the gateway sends requests away. */
const HEAP_SHARE = 0.85;
/** So many answers in a row that are well: the gateway has recovered. */
const STREAK = 50;

/** Three times as much is asked as the gateway can answer: it answers what it can, and says no to the rest at little cost. */
export const overload: Scenario = { rows: 'G14, F76', run };

/** What was answered well in some time. */
interface Well {
  readonly perSecond: number;
  /** For each second that the gateway's processor time took: what else the machine does is not in it. */
  readonly perCpuSecond: number;
  readonly p99: number;
}

async function run({ report, longestMs }: Terms): Promise<void> {
  await using products = await startProducts();
  await using gateway = await startGateway(
    configuration(products.url, { defaults: { route: { deadline: '2s' } }, edge: { shed: { inFlight: IN_FLIGHT, delay: '30s' } } }),
    {},
    [`--max-old-space-size=${HEAP_MIB}`],
  );
  await using callers = new Asker(gateway.url, IN_FLIGHT);
  await using crowd = new Asker(gateway.url, 200);
  const question = () => ({ path: '/v1/orders?limit=50' });
  const cpu = async (): Promise<number> => (await gateway.metrics()).sum('process_cpu_seconds_total');
  const peak = async (): Promise<Well> => {
    const began = await cpu();
    const tally = await callers.keepAsking(IN_FLIGHT, after(PEAK_MS), question);
    const well = tally.count(200);
    return { perSecond: well / (PEAK_MS / 1000), perCpuSecond: well / ((await cpu()) - began), p99: tally.quantile(0.99) };
  };
  await peak();
  const peaks: Well[] = [await peak()];
  const crowded: Well[] = [];
  const lengthMs = Math.min(OVERLOAD_MS, longestMs) / ROUNDS;
  let [mostMiB, asked, other, recoveredMs] = [0, 0, 0, 0];
  for (let round = 0; round < ROUNDS; round++) {
    const began = await cpu();
    const over = after(lengthMs);
    const accepted: number[] = [];
    const load = crowd.atRate(3 * (peaks[round]?.perSecond ?? 0), over, question, ({ status, ms }) => {
      if (status === 200) accepted.push(ms);
    });
    for (; !over(); await wait(1000)) mostMiB = Math.max(mostMiB, (await gateway.metrics()).sum('nodejs_heap_size_used_bytes') / 1024 ** 2);
    const tally = await load;
    asked += tally.asked;
    other += tally.asked - tally.count(200) - tally.count(503);
    const perCpuSecond = accepted.length / ((await cpu()) - began);
    crowded.push({ perSecond: accepted.length / (lengthMs / 1000), perCpuSecond, p99: quantile(accepted, 0.99) });
    recoveredMs = Math.max(recoveredMs, await recovery(crowd, (peaks[round]?.perSecond ?? 0) / 3, question));
    peaks.push(await peak());
  }
  const ratios = (of: (well: Well) => number): readonly number[] =>
    crowded.map((well, i) => (2 * of(well)) / (peaks.slice(i, i + 2).reduce((sum, one) => sum + of(one), 0) || Number.NaN));
  const said = (wells: readonly Well[]): string =>
    wells.map(({ perSecond, p99 }) => `${perSecond.toFixed(0)} (${p99.toFixed(0)} ms)`).join(', ');
  report.note(
    `${ROUNDS} × ${(lengthMs / 1000).toFixed(0)} s at three times the peak, ${asked} requests; answered well a second (p99): ${said(crowded)}`,
  );
  report.note(`peaks around them, with ${IN_FLIGHT} callers: ${said(peaks)}`);
  report.note(
    `as a share of the peaks: ${median(ratios(({ perSecond }) => perSecond)).toFixed(2)} by the clock, which other work on the machine moves`,
  );
  report.atLeast(
    'G14',
    "answered well for the gateway's processor time, as a share of the peaks, median",
    median(ratios(({ perCpuSecond }) => perCpuSecond)),
    0.9,
  );
  report.atMost('G14', 'p99 of what was accepted, as a multiple of the peaks around it, median', median(ratios(({ p99 }) => p99)), 2);
  report.exactly('F76', 'answers other than 200 and 503, and unanswered', other, 0);
  report.atMost('G14', `heap, the most; the limit is ${HEAP_MIB} MiB`, mostMiB, HEAP_SHARE * HEAP_MIB, 'MiB');
  report.atMost('G14', `until ${STREAK} answers in a row were well after it`, recoveredMs, 5000, 'ms');
  report.exactly('F76', 'gateways that are not ready afterwards', Number(!(await isReady(gateway.url))), 0);
}

/** How long it takes until the gateway answers all that is asked at a pace that it can keep. */
async function recovery(crowd: Asker, perSecond: number, question: () => Question): Promise<number> {
  const began = performance.now();
  let [streak, since] = [0, 0];
  await crowd.atRate(
    perSecond,
    () => streak >= STREAK || performance.now() - began > 10_000,
    question,
    ({ status }) => {
      streak = status === 200 ? streak + 1 : 0;
      if (streak === 0) since = performance.now() - began;
    },
  );
  return streak >= STREAK ? since : Number.POSITIVE_INFINITY;
}
