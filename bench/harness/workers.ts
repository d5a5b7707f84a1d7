import { readFileSync } from 'node:fs';
import { median } from '../../scripts/soak/figures.ts';
import { type Gateway, configuration, startGateway } from '../../scripts/soak/gateway.ts';
import { startProducts } from '../../scripts/soak/products.ts';
import { hasRedis, startRedis } from '../../scripts/soak/redis-server.ts';
import { digits, spread, table } from './figures.ts';
import { type Came, load, loadAtRate } from './load.ts';
import { GATEWAY_CORE, LOAD_CORE, cpuSeconds, keep } from './machine.ts';
import { WIDE } from './peers.ts';
import type { Print } from './print.ts';
import type { RoundsTerms } from './rounds.ts';

/** How much more processor time a request may take where two workers answer. */
const MOST = 1.1;

/** How many requests a second each worker is given where each has a core of its own, which it shares with the load: none waits for it. */
const PER_WORKER = 1000;

/** A composed route of the gateway that is shipped, another trip each time. */
const trip = { path: '/v1/trips/b-{n}', known: false };

/** A gateway with so many workers, and how it is loaded. */
interface Way {
  readonly workers: number;
  readonly gateway: Gateway;
  readonly cpuUs: number[];
  readonly perSecond: number[];
}

/**
 * How much processor time a request takes of the gateway that is shipped, with one worker and with two: each on a core of its own at the
 * same rate, where the bound holds; and both on one core, as much as they can, where they take its caches from each other. All processes
 * count, also the one that starts the workers. @returns how many figures are invalid or above their bound
 */
export async function workers(print: Print, terms: Omit<RoundsTerms, 'token' | 'asked'>): Promise<number> {
  if (!hasRedis()) {
    print('\nBELOW several workers take a Redis (redis-server), and none is installed');
    return 1;
  }
  await using redis = await startRedis();
  await using products = await startProducts();
  const started = (count: number): Promise<Gateway> =>
    startGateway(configuration(products.url, WIDE), {
      WORKERS: String(count),
      REDIS_URL: redis.url,
      NODE_ENV: 'production',
    });
  await using one = await started(1);
  await using two = await started(2);
  for (const { url } of [one, two]) await load(url, trip, { ...terms, token: '', seconds: terms.warmUp });

  for (const { process } of [one, two]) answering(process.pid).forEach((pid, nth) => keep(pid, nth % 2 === 0 ? GATEWAY_CORE : LOAD_CORE));
  const apart = await compared(one, two, terms.rounds, ({ gateway, workers: count }) =>
    loadAtRate(gateway.url, trip.path, PER_WORKER * count, terms.seconds),
  );
  for (const { process } of [one, two]) for (const pid of answering(process.pid)) keep(pid, GATEWAY_CORE);
  for (const pid of [products.pid, redis.pid]) keep(pid, LOAD_CORE);
  const together = await compared(one, two, terms.rounds, ({ gateway }) => load(gateway.url, trip, { ...terms, token: '' }));

  print('\nthe gateway that is shipped, GET /v1/trips/{id}, with a Redis, by one worker and by two\n');
  print(table(['workers', 'CPU µs', 'spread', 'req/s'], [...lines('a core each, same rate', apart), ...lines('one core', together)]));
  const failed = apart.failed + together.failed;
  const keeps = apart.ratio <= MOST && failed === 0;
  print(
    `\n${keeps ? 'kept ' : 'BELOW'} CPU per request, two workers ÷ one, on a core each: ${digits(apart.ratio)} (at most ${MOST}); on one core: ${digits(together.ratio)}${failed > 0 ? `; INVALID: ${failed} failed` : ''}`,
  );
  return keeps ? 0 : 1;
}

/** What came of both ways. */
interface Compared {
  readonly ways: readonly Way[];
  /** The processor time of two over that of one, the median of what it is round by round. */
  readonly ratio: number;
  readonly failed: number;
}

async function compared(one: Gateway, two: Gateway, rounds: number, loaded: (way: Way) => Promise<Came>): Promise<Compared> {
  const first: Way = { workers: 1, gateway: one, cpuUs: [], perSecond: [] };
  const second: Way = { workers: 2, gateway: two, cpuUs: [], perSecond: [] };
  let failed = 0;
  for (let n = 0; n < rounds; n++)
    for (const way of n % 2 === 0 ? [first, second] : [second, first]) {
      const pids = family(way.gateway.process.pid);
      const took = (): number => pids.reduce((sum, pid) => sum + cpuSeconds(pid), 0);
      const before = took();
      const came = await loaded(way);
      way.cpuUs.push(((took() - before) / came.requests) * 1e6);
      way.perSecond.push(came.requests / came.seconds);
      failed += came.refused + came.broken;
    }
  const ratio = median(second.cpuUs.map((us, n) => us / (first.cpuUs[n] ?? Number.NaN)));
  return { ways: [first, second], ratio, failed };
}

const lines = (where: string, { ways }: Compared): readonly (readonly string[])[] =>
  ways.map(({ workers: count, cpuUs, perSecond }) => [
    `${count}, ${where}`,
    digits(median(cpuUs)),
    `${(spread(cpuUs) * 100).toFixed(0)} %`,
    digits(median(perSecond)),
  ]);

/** A process and all that it has started. */
function family(pid: number): readonly number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  return [pid, ...(children === '' ? [] : children.split(' ').flatMap((child) => family(Number(child))))];
}

/** Those of a gateway that answer: its workers, or the one process that it is. */
function answering(pid: number): readonly number[] {
  const [, ...crew] = family(pid);
  return crew.length === 0 ? [pid] : crew;
}
