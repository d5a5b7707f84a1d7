import { randomFrom, slope } from '../figures.ts';
import { configuration, startGateway } from '../gateway.ts';
import { INSPECTED, heapOf } from '../heap.ts';
import { Asker, type Question, after, whenever } from '../load.ts';
import { startProducts } from '../products.ts';
import type { Scenario, Terms } from '../scenario.ts';

const [REQUESTS, BATCH, WARM_UP] = [100_000, 10_000, 2];
const CALLERS = 32;
const CONNECTIONS = 64;
const PRODUCTS = ['auth', 'aviation-infinity', 'want-to-be-a-pilot', 'new-pilot-shop', 'inventory', 'babonbo', 'clickai', 'monolith'];

/** All that can be asked, of products that misbehave in every way now and then. */
export const hygiene: Scenario = { rows: 'G17, G25', run };

async function run({ report, longestMs }: Terms): Promise<void> {
  await using products = await startProducts();
  const faults = [
    { share: 0.04, status: 500 },
    { share: 0.03, status: 503 },
    { share: 0.02, status: 404 },
    { share: 0.02, breaks: 'before' },
    { share: 0.02, breaks: 'amid' },
    { share: 0.03, drifts: true },
    { share: 0.01, latencyMs: [400, 600] },
  ] as const;
  for (const product of PRODUCTS) await products.behave(product, ...faults);
  await using gateway = await startGateway(
    configuration(products.url, {
      defaults: {
        product: {
          connections: CONNECTIONS,
          deadline: '300ms',
          cache: { fresh: '1s', stale: '5s', staleIfError: '10s' },
          retry: { attempts: 1 },
        },
        route: { deadline: '3s' },
      },
    }),
    {},
    [INSPECTED],
  );
  using heap = await heapOf(gateway);
  await using clients = new Asker(gateway.url, CALLERS);
  const random = randomFrom(3);
  const over = after(longestMs);
  const sizes: number[] = [];
  let [asked, unanswered] = [0, 0];
  while (asked < REQUESTS && !over()) {
    let n = 0;
    const tally = await clients.keepAsking(
      CALLERS,
      () => n >= BATCH || over(),
      () => (n++, questionOf(random)),
    );
    asked += tally.asked;
    unanswered += tally.unanswered;
    sizes.push(await heap.usedMiB());
  }
  await whenever(async () => (await gateway.metrics()).sum('interline_product_calls_in_flight') === 0, 5000);
  const metrics = await gateway.metrics();
  const later = sizes.slice(WARM_UP);
  report.note(`${asked} requests; heap after each ${BATCH}: ${sizes.map((size) => size.toFixed(1)).join(' ')} MiB`);
  if (later.length < 3) report.note('too few for a slope of the heap');
  else
    report.atMost(
      'G17',
      `heap: growth with each ${BATCH} requests, after ${WARM_UP * BATCH}`,
      (100 * slope(later)) / (later[0] ?? 1),
      1,
      '%',
    );
  report.atMost(
    'G17',
    `connections to products, in ${PRODUCTS.length + 1} pools of ${CONNECTIONS}`,
    await products.sockets(),
    CONNECTIONS * (PRODUCTS.length + 1),
  );
  report.exactly(
    'G17',
    'requests and product calls in flight afterwards',
    metrics.sum('interline_requests_in_flight') + metrics.sum('interline_product_calls_in_flight'),
    0,
  );
  report.exactly('G17', 'requests without an answer', unanswered, 0);
  report.exactly(
    'G25',
    'answers without a category of the table, and mistakes of the gateway',
    metrics.sum('interline_responses_total', 'unknown') + metrics.sum('interline_responses_total', 'bug'),
    0,
  );
  report.exactly('G17', 'log lines at the level of an error', gateway.errors().length, 0);
}

/** What is asked: of some hundred things, so that what is kept of them does not grow for ever. */
function questionOf(random: () => number): Question {
  const id = 10_000 + Math.floor(random() * 300);
  switch (Math.floor(random() * 10)) {
    case 0:
      return { path: `/v1/orders/o-${id}` };
    case 1:
      return { path: `/v1/students/u-${id}/dashboard` };
    case 2:
      return { path: `/v1/orders?limit=${5 + (id % 5)}` };
    case 3:
      return { path: `/v1/trips/b-${id}` };
    case 4:
      return { path: '/v1/purchase-orders/draft' };
    case 5:
      return { path: '/products/auth/v1/tokens', method: 'POST', body: '{"email":"ada@example.org","password":"flying"}' };
    case 6:
      return { path: `/products/monolith/${id % 2 === 0 ? 'brief' : 'private'}/${id}`, headers: { 'x-who': String(id) } };
    case 7:
      return { path: `/products/monolith/uncached/${id}`, method: 'POST', body: '{}' };
    case 8:
      return { path: `/products/babonbo/v1/listings/${id % 10 === 0 ? 'no-such-thing' : `l-${id}`}` };
    default:
      return { path: `/nothing/here/${id}` };
  }
}
