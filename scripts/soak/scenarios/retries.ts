import { configuration, startGateway } from '../gateway.ts';
import { Asker, Tally, after } from '../load.ts';
import { startProducts } from '../products.ts';
import type { Scenario, Terms } from '../scenario.ts';

const REQUESTS = 3000;
const WRITES = 500;
const PER_SECOND = 300;

/** A product fails all the time, and the gateway asks it again as often as it may. */
export const retries: Scenario = { rows: 'G12, F43, Show 6', run };

async function run({ report, longestMs }: Terms): Promise<void> {
  await using products = await startProducts();
  // Breakers that never open: the budget alone is to hold.
  const eager = { retry: { attempts: 3, wait: '10ms' }, breaker: { ratio: 1, minimum: 100_000 }, bulkhead: { concurrent: 500 } };
  const text = configuration(products.url, { defaults: { product: { deadline: '400ms', ...eager }, route: { deadline: '5s' } } });
  for (const [what, behaviour] of [
    ['answers 500', { status: 500 }],
    ['closes connections', { breaks: 'before' }],
    ['takes too long', { latencyMs: [600, 600] }],
  ] as const) {
    // A new one each time: what a connection lost that was kept from before goes out once more beside the budget (F47).
    await using gateway = await startGateway(text);
    await using clients = new Asker(gateway.url, 100);
    await products.behave('babonbo', behaviour);
    const before = (await products.counts('babonbo')).calls;
    const over = after(longestMs);
    let n = 0;
    const read = await clients.atRate(
      PER_SECOND,
      () => n >= REQUESTS || over(),
      () => ({ path: `/products/babonbo/v1/listings/l-${10_000 + n++}` }),
    );
    const calls = (await products.counts('babonbo')).calls - before;
    const most = 1.1 * read.asked + 10;
    report.atMost('G12', `a product ${what}: product calls for ${read.asked} requests (1.1 × requests + 10)`, calls, most);
    report.exactly('G12', `a product ${what}: answers that are not 502 or 504`, read.asked - read.count(502) - read.count(504), 0);
  }

  await using gateway = await startGateway(text);
  await using clients = new Asker(gateway.url, 1);
  const write = { method: 'POST', body: '{"email":"ada@example.org","password":"flying"}' } as const;
  for (const product of ['auth', 'monolith']) await products.behave(product, { share: 0.5, status: 503 }, { share: 0.5, breaks: 'before' });
  const tally = new Tally();
  for (let i = 0; i < WRITES; i++) {
    await clients.ask({ ...write, path: '/products/auth/v1/tokens' }, tally);
    await clients.ask({ ...write, path: '/products/monolith/uncached/token' }, tally);
  }
  const writes = (await products.counts('auth')).writes + (await products.counts('monolith')).writes;
  report.exactly('G12', `writes that arrived, of ${tally.asked} that were sent to products that fail`, writes, tally.asked);
}
