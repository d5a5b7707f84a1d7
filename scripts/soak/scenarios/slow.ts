import { type Socket, connect } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { quantile } from '../figures.ts';
import { type Gateway, configuration, startGateway } from '../gateway.ts';
import { Asker, type Tally, after } from '../load.ts';
import { startProducts } from '../products.ts';
import type { Scenario, Terms } from '../scenario.ts';

const CONNECTIONS = 1000;
/** How long they are kept open, and how long others are measured before and after that. */
const [SLOW_MS, CALM_MS] = [60_000, 15_000];
/** The longest that one may stay: the time that a caller has by default, and what it takes to notice. */
const LONGEST_MS = 35_000;
const PER_SECOND = 100;

/** Each connection that is closed is opened again at once: strangers take all the time that they are given, for all of it. */
export const slow: Scenario = { rows: 'G22, F67', run };

/** One way to be slow. */
interface Way {
  readonly name: string;
  /** What is said at first. */
  readonly asks: string;
  /** What is said every now and then, so that it looks alive. */
  readonly says: string;
  /** Whether it reads no more than a little of its answer every now and then. */
  readonly reads?: true;
}

/** How often a slow one shows that it is there. */
const EVERY_MS = 3000;

const ways: readonly Way[] = [
  { name: 'headers', asks: 'GET /v1/orders HTTP/1.1\r\nhost: gateway\r\n', says: 'x-a: b\r\n' },
  {
    name: 'body',
    asks: 'POST /products/auth/v1/tokens HTTP/1.1\r\nhost: gateway\r\ncontent-type: application/json\r\ncontent-length: 60000\r\n\r\n{"email":"',
    says: 'a',
  },
  // It asks so often that the machine's own buffers, of about four megabytes, do not take all of it. It says something, since who does not
  // read what has come would not notice that the connection is gone.
  { name: 'reading', asks: 'GET /docs/swagger-ui-bundle.js HTTP/1.1\r\nhost: gateway\r\n\r\n'.repeat(8), says: '\r\n', reads: true },
];

/** What became of the slow ones of one way. */
interface Slow {
  /** How long each stayed, in milliseconds. */
  readonly ms: number[];
  /** How many were told that they are too slow. */
  told: number;
}

async function run({ report, longestMs }: Terms): Promise<void> {
  await using products = await startProducts();
  await using gateway = await startGateway(configuration(products.url, { defaults: { route: { deadline: '2s' } } }));
  await using others = new Asker(gateway.url, 10);
  const ask = (ms: number): Promise<Tally> => others.atRate(PER_SECOND, after(ms), (n) => ({ path: `/v1/trips/b-${10_000 + (n % 1000)}` }));
  await ask(CALM_MS / 3);
  const lengthMs = Math.min(SLOW_MS, longestMs);
  for (const way of ways) {
    const found: Slow = { ms: [], told: 0 };
    const before = await ask(CALM_MS);
    const over = after(lengthMs);
    const all = Array.from({ length: CONNECTIONS }, () => keepBeing(way, gateway, over, found));
    const meanwhile = await ask(lengthMs);
    const [open, mostMiB] = [CONNECTIONS + found.ms.length, gateway.residentMiB()];
    await Promise.all(all);
    const calm = await ask(CALM_MS);
    report.note(`${way.name}: ${open} slow connections in ${(lengthMs / 1000).toFixed(0)} s, ${CONNECTIONS} at a time`);
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

/** Is slow on one connection after the other. */
async function keepBeing(way: Way, gateway: Gateway, over: () => boolean, found: Slow): Promise<void> {
  const port = Number(new URL(gateway.url).port);
  while (!over()) {
    const socket = connect(port, '127.0.0.1').on('error', () => undefined);
    const began = performance.now();
    let said = '';
    socket.on('data', (chunk) => {
      if (said === '') said = chunk.toString('latin1');
      if (way.reads) socket.pause();
    });
    const closed = new Promise<void>((resolve) => void socket.once('close', () => resolve()));
    socket.write(way.asks);
    await Promise.race([closed, goOn(socket, way)]);
    found.ms.push(performance.now() - began);
    if (said.startsWith('HTTP/1.1 408 ')) found.told++;
  }
}

/** Goes on being slow until the connection is closed. */
async function goOn(socket: Socket, { says, reads }: Way): Promise<void> {
  await wait(Math.random() * EVERY_MS);
  while (!socket.destroyed) {
    if (reads) socket.resume();
    socket.write(says);
    await wait(EVERY_MS);
  }
}
