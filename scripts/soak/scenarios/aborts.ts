import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { randomFrom } from '../figures.ts';
import { type Gateway, configuration, startGateway } from '../gateway.ts';
import { INSPECTED, heapOf } from '../heap.ts';
import { Asker, after, whenever } from '../load.ts';
import { type Products, startProducts } from '../products.ts';
import type { Scenario, Terms } from '../scenario.ts';

const [WARM_UP, ABORTS] = [2000, 10_000];
const AT_ONCE = 50;
const LATEST_MS = 40;
const CONNECTIONS = 64;
const PRODUCTS = ['auth', 'aviation-infinity', 'want-to-be-a-pilot', 'new-pilot-shop', 'inventory', 'babonbo', 'clickai', 'monolith'];

/** Clients go away at random moments: while they ask, while they wait, while they are answered. */
export const aborts: Scenario = { rows: 'G18, F46', run };

async function run({ report, longestMs }: Terms): Promise<void> {
  await using products = await startProducts();
  for (const product of PRODUCTS) await products.behave(product, { latencyMs: [0, 30] });
  await using gateway = await startGateway(
    configuration(products.url, { defaults: { product: { connections: CONNECTIONS }, route: { deadline: '2s' } } }),
    {},
    [INSPECTED],
  );
  using heap = await heapOf(gateway);
  const random = randomFrom(2);
  await leave(gateway, WARM_UP, random, () => false);
  await quiet(gateway, products);
  const before = { heap: await heap.usedMiB(), resources: await resources(gateway) };
  const left = await leave(gateway, ABORTS, random, after(longestMs));
  const settledMs = await quiet(gateway, products);
  const metrics = await gateway.metrics();
  report.note(
    `${left} clients left; answered nonetheless: ${metrics.sum('interline_responses_total') - metrics.sum('interline_responses_total', 'cancelled')}`,
  );
  report.atMost('G18', 'until nothing was in flight any more', settledMs, 5000, 'ms');
  report.exactly(
    'G18',
    'requests and product calls in flight afterwards',
    metrics.sum('interline_requests_in_flight') + metrics.sum('interline_product_calls_in_flight'),
    0,
  );
  report.atMost(
    'G18',
    `connections to products afterwards, in ${PRODUCTS.length + 1} pools of ${CONNECTIONS}`,
    await products.sockets(),
    CONNECTIONS * (PRODUCTS.length + 1),
  );
  report.atMost('G18', 'sockets, timers and the like, beyond what there was before', (await resources(gateway)) - before.resources, 10);
  report.atMost('G18', `heap after ${left} aborts, as a multiple of that before`, (await heap.usedMiB()) / before.heap, 1.05);
  report.exactly('G18', 'log lines at the level of an error', gateway.errors().length, 0);

  await products.behave('babonbo', { holds: true });
  const held = Array.from({ length: AT_ONCE }, (_, i) => hold(gateway, i));
  await whenever(async () => (await products.counts('babonbo')).inFlight === AT_ONCE, 5000);
  for (const socket of held) socket.destroy();
  const cancelledMs = await whenever(async () => (await products.counts('babonbo')).inFlight === 0, 5000);
  report.atMost('G18', `until products saw that ${AT_ONCE} clients had left`, cancelledMs, 1000, 'ms');
  await products.behave('babonbo');
  await using clients = new Asker(gateway.url, 10);
  const well = await clients.keepAsking(10, after(1000), (n) => ({ path: `/v1/trips/b-${10_000 + n}` }));
  report.exactly('G18', `answers other than 200 afterwards, of ${well.asked}`, well.failed, 0);
}

function hold(gateway: Gateway, nth: number) {
  const socket = connect(Number(new URL(gateway.url).port), '127.0.0.1').on('error', () => undefined);
  socket.write(requestOf('GET', `/products/babonbo/v1/bookings/b-${10_000 + nth}`));
  return socket;
}

/** Has so many clients leave, or as many as there is time for. @returns how many */
async function leave(gateway: Gateway, clients: number, random: () => number, over: () => boolean): Promise<number> {
  const port = Number(new URL(gateway.url).port);
  let begun = 0;
  const one = async (): Promise<void> => {
    while (begun < clients && !over()) {
      const nth = begun++;
      const text = requests[nth % requests.length]?.(10_000 + Math.floor(random() * 2000)) ?? '';
      const socket = connect(port, '127.0.0.1').on('error', () => undefined);
      socket.resume();
      const said = random() < 0.2 ? text.slice(0, Math.floor(random() * text.length)) : text;
      socket.write(said);
      await wait(random() * LATEST_MS);
      if (socket.destroyed) continue;
      const closed = once(socket, 'close');
      if (random() < 0.5) socket.destroy();
      else socket.resetAndDestroy();
      await closed;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, one));
  return begun;
}

function requestOf(method: string, path: string, body?: string): string {
  const head = `${method} ${path} HTTP/1.1\r\nhost: gateway\r\n`;
  return body === undefined ? `${head}\r\n` : `${head}content-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
}

/** What clients ask before they leave. */
const requests: readonly ((id: number) => string)[] = [
  (id) => requestOf('GET', `/v1/students/u-${id}/dashboard`),
  () => requestOf('GET', '/v1/orders?limit=50'),
  (id) => requestOf('GET', `/v1/trips/b-${id}`),
  (id) => requestOf('GET', `/products/new-pilot-shop/v1/items/i-${id}`),
  () => requestOf('POST', '/products/auth/v1/tokens', '{"email":"ada@example.org","password":"flying"}'),
  (id) => requestOf('GET', `/products/monolith/public/${id}`),
  (id) => requestOf('POST', `/products/monolith/uncached/${id}`, JSON.stringify({ text: 'x'.repeat(2000) })),
];

/** Waits until nothing is in flight, at the gateway and at the products. @returns how long that took, in milliseconds */
const quiet = (gateway: Gateway, products: Products): Promise<number> =>
  whenever(async () => {
    const metrics = await gateway.metrics();
    if (metrics.sum('interline_requests_in_flight') + metrics.sum('interline_product_calls_in_flight') > 0) return false;
    return (await Promise.all(PRODUCTS.map((product) => products.counts(product)))).every(({ inFlight }) => inFlight === 0);
  }, 15_000);

/** What keeps the gateway's event loop busy, but its connections to products: they stay open for the next call. */
async function resources(gateway: Gateway): Promise<number> {
  const metrics = await gateway.metrics();
  return metrics.sum('nodejs_active_resources') - metrics.sum('nodejs_active_resources', 'TCPSocketWrap');
}
