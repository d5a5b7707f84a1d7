import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import { configuration, startGateway } from '../gateway.ts';
import { type Answer, Asker, Tally, after } from '../load.ts';
import { startProducts } from '../products.ts';
import type { Scenario, Terms } from '../scenario.ts';

/** How long stale answers may stand in, and how long answers are fresh before that, in seconds. `answers.ts` says the same of `lasting`. */
const [STAND_IN, FRESH] = [15, 1];
const ADDRESSES = 50;
const PER_SECOND = 100;
/** The breakers of what is not kept, and how long a call may take. */
const [MINIMUM, TRIALS, DEADLINE_MS] = [20, 2, 300];

const Part = z.object({ state: z.string(), age: z.number().optional() });
const Composed = z.object({ complete: z.boolean(), parts: z.record(z.string(), Part) });

/** Products end, and what is kept of them stands in for them; what is not kept is said to be missing. */
export const down: Scenario = { rows: 'G10, G11, F16, Show 7', run };

async function run(terms: Terms): Promise<void> {
  await primed(terms);
  await unprimed(terms);
}

async function primed({ report }: Terms): Promise<void> {
  await using products = await startProducts();
  const kept = { cache: { fresh: `${FRESH}s`, staleIfError: `${STAND_IN}s` } };
  await using gateway = await startGateway(
    configuration(products.url, { defaults: { route: { deadline: '2s' } }, products: { inventory: kept, 'new-pilot-shop': kept } }),
  );
  await using clients = new Asker(gateway.url, 20);
  const known = [{ path: '/v1/purchase-orders/draft' }, { path: '/products/inventory/v1/shortages?limit=20' }];
  const passed = Array.from({ length: ADDRESSES }, (_, i) => ({ path: `/products/monolith/lasting/${i}` }));
  const began = performance.now();
  const prime = await clients.atOnce([...known, ...passed]);
  const primedAt = performance.now();
  report.exactly('G11', 'answers other than 200 while the products are there', prime.failed, 0);
  await products.kill();
  await wait(FRESH * 1100 + 200); // fresh for a second, and its jitter

  let [unmarked, untrue] = [0, 0];
  const see = ({ status, headers, body, ms }: Answer): void => {
    if (status !== 200) return;
    const ages = agesOf(headers, body);
    if (ages === undefined) return void unmarked++;
    // It was stored between these two moments, and Age says whole seconds.
    const [least, most] = [(performance.now() - ms - primedAt) / 1000 - 1, (performance.now() - began) / 1000 + 1];
    if (ages.some((age) => age < least || age > most)) untrue++;
  };
  const all = [...known, ...passed];
  /** By turns: each that has a contract, and one that is passed through. */
  const question = (n: number) => all[n % 3 < known.length ? n % 3 : known.length + (n % ADDRESSES)] ?? { path: '/' };
  // An answer's `Date` says whole seconds: it may count as a second older than it is.
  const endsAt = primedAt + (FRESH + STAND_IN - 1) * 1000 - 300;
  const within = await clients.atRate(PER_SECOND, () => performance.now() >= endsAt, question, see);
  report.note(
    `${within.asked} answers in ${((endsAt - primedAt) / 1000 - FRESH * 1.1).toFixed(0)} s after all products were killed: ${String(within)}`,
  );
  report.exactly('G11', 'answers other than 200 in the stale window', within.failed, 0);
  report.exactly('F16', 'answers in it that are not marked stale', unmarked, 0);
  report.exactly('F16', 'answers in it whose age is not true', untrue, 0);
  await wait(3000);
  const later = await clients.atRate(PER_SECOND, after(1000), question);
  report.exactly('G11', 'answers after it that are not 502 or 503', later.asked - later.count(502, 503), 0);
}

/** The ages that an answer tells where it is marked stale: its own, and those of its parts. */
function agesOf({ 'cache-status': handling, age }: Answer['headers'], body: string): readonly number[] | undefined {
  if (age === undefined || !/; hit; ttl=-\d/.test(String(handling))) return undefined;
  const composed = Composed.safeParse(JSON.parse(body));
  if (!composed.success) return [Number(age)];
  const { complete, parts } = composed.data;
  const all = Object.values(parts);
  return complete && all.every(({ state }) => state === 'stale') ? [Number(age), ...all.map((part) => part.age ?? Number.NaN)] : undefined;
}

async function unprimed({ report }: Terms): Promise<void> {
  await using products = await startProducts();
  for (const [what, product, path, behaviour] of [
    ['an optional product fails', 'new-pilot-shop', '/v1/students/u-{}/dashboard', { status: 500 }],
    ['an optional product hangs', 'aviation-infinity', '/v1/students/u-{}/dashboard', { holds: true }],
    ['a required product fails', 'auth', '/v1/students/u-{}/dashboard', { status: 500 }],
  ] as const) {
    await products.behave(product, behaviour);
    const breaker = { minimum: MINIMUM, trials: TRIALS, open: '2s' };
    await using gateway = await startGateway(
      configuration(products.url, { defaults: { product: { deadline: `${DEADLINE_MS}ms`, breaker } } }),
    );
    await using clients = new Asker(gateway.url, 50);
    let [wrong, n] = [0, 10_000];
    const see = ({ status, body }: Answer): void => {
      const good = product === 'auth' ? status === 502 || status === 503 : status === 200 && body.includes('"complete":false');
      if (!good) wrong++;
    };
    const question = () => ({ path: path.replace('{}', String(n++)) });
    const calls = async (): Promise<number> => (await products.counts(product)).calls;
    const before = await calls();
    const first = new Tally();
    for (let i = 0; i < MINIMUM; i++) await clients.ask(question(), first, see);
    const opened = (await calls()) - before;
    const rest = await clients.atRate(PER_SECOND, after(8000), question, see);
    const further = (await calls()) - before - opened;
    const expected = product === 'auth' ? '502 or 503' : '200 and incomplete';
    report.exactly('G10', `${what}: answers other than ${expected}, of ${first.asked + rest.asked}`, wrong, 0);
    report.atMost('G10', `${what}: calls of the first ${first.asked} requests, then its breaker is open`, opened, MINIMUM);
    // Half-open after 2 s, then after 4 s more, each a fifth sooner at most: twice in 8 s.
    report.atMost('G10', `${what}: calls for the next ${rest.asked} requests, in 8 s`, further, 2 * TRIALS);
    const slowest = Math.max(...first.ms, ...rest.ms);
    report.atMost('G10', `${what}: the slowest answer, where the product has ${DEADLINE_MS} ms`, slowest, DEADLINE_MS + 100, 'ms');
    await products.behave(product);
  }
}
