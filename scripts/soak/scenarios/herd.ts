import { setTimeout as wait } from 'node:timers/promises';
import { configuration, startGateway } from '../gateway.ts';
import { median } from '../figures.ts';
import { Asker, type Question, type Tally } from '../load.ts';
import { startProducts } from '../products.ts';
import type { Scenario, Terms } from '../scenario.ts';

const CLIENTS = 200;
const ROUNDS = 5;
/** How long the product takes, and how long while it refreshes: whoever is answered sooner did not wait for it. */
const [LATENCY_MS, REFRESH_MS] = [100, 1000];

/** Many clients ask the same at once. */
export const herd: Scenario = { rows: 'G4, F10-F12, Show 3', run };

async function run({ report }: Terms): Promise<void> {
  await using products = await startProducts();
  const room = { bulkhead: { concurrent: 2 * CLIENTS } };
  await using gateway = await startGateway(
    configuration(products.url, {
      defaults: { product: { connections: 2 * CLIENTS, deadline: '10s' }, route: { deadline: '20s' } },
      products: { babonbo: { ...room, cache: { fresh: '1s', stale: '1m' } }, auth: room, monolith: room },
    }),
  );
  await using clients = new Asker(gateway.url, CLIENTS);
  await using direct = new Asker(products.url, CLIENTS);
  const all = (question: (client: number) => Question): readonly Question[] => Array.from({ length: CLIENTS }, (_, i) => question(i));
  const calls = async (product: string): Promise<number> => (await products.counts(product)).calls;
  const latency = (product: string, ms: number): Promise<void> => products.behave(product, { latencyMs: [ms, ms] });

  for (const [product, path] of [
    ['babonbo', '/products/babonbo/v1/listings/l-0001'],
    ['monolith', '/products/monolith/brief/one'],
  ] as const) {
    const kind = product === 'monolith' ? 'pass-through' : 'contract';
    await latency(product, LATENCY_MS);
    const cold = await clients.atOnce(all(() => ({ path })));
    report.exactly('G4', `${kind}, cold key, ${CLIENTS} clients: product calls`, await calls(product), 1);
    report.exactly('G4', `${kind}, cold key: answers other than 200`, cold.failed, 0);
    await latency(product, REFRESH_MS);
    await wait(1300); // a second of freshness, and its jitter
    const expired = await clients.atOnce(all(() => ({ path })));
    report.atMost(
      'F11',
      `${kind}, on expiry: the slowest of ${CLIENTS}, the product takes ${REFRESH_MS} ms`,
      Math.max(...expired.ms),
      REFRESH_MS,
      'ms',
    );
    report.exactly('F11', `${kind}, on expiry: answers other than 200`, expired.failed, 0);
    await wait(REFRESH_MS);
    report.exactly('G4', `${kind}, on expiry: further product calls`, (await calls(product)) - 1, 1);
  }

  await latency('auth', LATENCY_MS);
  await latency('monolith', LATENCY_MS);
  await direct.atOnce(all(() => ({ path: '/auth/v1/users/u-0001' }))); // opens the connections
  let wrong = 0;
  for (const [kind, product, path] of [
    ["contract, a user's own", 'auth', '/products/auth/v1/users/u-0001'],
    ['pass-through, private', 'monolith', '/products/monolith/private/one'],
  ] as const) {
    const straight: Tally[] = [];
    const through: Tally[] = [];
    const everybody = (): Promise<Tally> =>
      clients.atOnce(
        all((i) => ({ path, headers: { 'x-who': `client-${i}` } })),
        ({ question, body }) => {
          if (product === 'monolith' && !body.includes(`"${question.headers?.['x-who']}"`)) wrong++;
        },
      );
    const first = await everybody();
    const before = await calls(product);
    for (let round = 0; round < ROUNDS; round++) {
      straight.push(await direct.atOnce(all(() => ({ path: path.slice('/products'.length) }))));
      through.push(await everybody());
    }
    const slowest = (rounds: readonly Tally[]): number => median(rounds.map(({ ms }) => Math.max(...ms)));
    report.note(
      `${kind}: all ${CLIENTS} answered after ${slowest(straight).toFixed(0)} ms directly, ${slowest(through).toFixed(0)} ms through the gateway (median of ${ROUNDS}); the first time ${Math.max(...first.ms).toFixed(0)} ms`,
    );
    report.exactly('G4', `${kind}: product calls of ${CLIENTS} clients`, ((await calls(product)) - before) / ROUNDS - CLIENTS, CLIENTS);
    report.atMost('F12', `${kind}: time through the gateway, as a multiple of the direct time`, slowest(through) / slowest(straight), 2);
    report.exactly(
      'G4',
      `${kind}: answers other than 200`,
      through.reduce((sum, { failed }) => sum + failed, first.failed),
      0,
    );
  }
  report.exactly('G3', 'answers that were meant for somebody else', wrong, 0);
}
