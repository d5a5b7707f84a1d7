import { setTimeout as wait } from 'node:timers/promises';
import { configuration, startGateway } from '../../scripts/soak/gateway.ts';
import { INSPECTED, heapOf } from '../../scripts/soak/heap.ts';
import { slope } from '../../scripts/soak/figures.ts';
import { serveProducts } from '../products/serve.ts';
import { digits, table } from './figures.ts';
import { type Item, items } from './items.ts';
import { load } from './load.ts';
import { residentMiB } from './machine.ts';
import { ours, start } from './peers.ts';
import type { Print } from './print.ts';
import type { RoundsTerms } from './rounds.ts';
import { issuer } from './token.ts';
import { troubles } from './told.ts';

/** What a gateway may take that has nothing to do, in MiB. */
const MOST_IDLE_MIB = 130;

/** How long it is left alone before that is looked at, in milliseconds. */
const IDLE_MS = 5000;

/** By how much memory may grow with 100,000 requests. */
const MOST_SLOPE = 0.01;

/** How long each stretch of a soak is, in seconds; then garbage is collected and memory looked at. */
const STRETCH_S = 10;

const w2 = (): Item => {
  const item = items.find(({ name }) => name === 'W2');
  if (!item) throw new RangeError('no W2');
  return item;
};

/** What ours takes of the machine's memory: idle, and under W2 with more and more connections. @returns how many figures are invalid or above their bound */
export async function memory(print: Print, { seconds, warmUp }: Pick<RoundsTerms, 'seconds' | 'warmUp'>): Promise<number> {
  const { jwks, token } = issuer();
  await using products = await serveProducts(jwks);
  const idle = await idleMiB();
  await using gateway = await start(ours, { env: products.env, known: false, wide: true });
  const { pid } = gateway.process;
  const lines = [['idle, as shipped', idle.toFixed(0), '-', '-']];
  let failed = 0;
  for (const connections of [64, 512, 2000]) {
    await load(gateway.url, w2(), { seconds: warmUp, connections, token });
    const came = await load(gateway.url, w2(), { seconds, connections, token });
    failed += came.refused + came.broken;
    lines.push([`${connections} connections`, residentMiB(pid).toFixed(0), digits(came.requests / came.seconds), digits(came.p99 / 1000)]);
  }
  print(`\n${table(['ours, W2', 'RSS MiB', 'req/s', 'p99 ms'], lines)}`);
  const keeps = idle <= MOST_IDLE_MIB && failed === 0;
  print(
    `\n${keeps ? 'kept ' : 'BELOW'} RSS at idle: ${digits(idle)} MiB (at most ${MOST_IDLE_MIB})${failed > 0 ? `; INVALID: ${failed} failed (${await troubles(gateway)})` : ''}`,
  );
  return keeps ? 0 : 1;
}

/** The gateway that is shipped, with the project's own contracts, as `start:prod` starts it. */
async function idleMiB(): Promise<number> {
  await using gateway = await startGateway(configuration('http://127.0.0.1:1', { defaults: { route: { deadline: '3s' } } }));
  await wait(IDLE_MS);
  return gateway.residentMiB();
}

/** Whether memory grows under W2, garbage collected before each look. @returns 1 where it does, or an answer was none */
export async function soak(
  print: Print,
  { minutes, connections }: { readonly minutes: number; readonly connections: number },
): Promise<number> {
  const { jwks, token } = issuer();
  await using products = await serveProducts(jwks);
  await using gateway = await start(ours, { env: products.env, known: false, flags: [INSPECTED] });
  using heap = await heapOf(gateway);
  const looks: { readonly requests: number; readonly usedMiB: number; readonly residentMiB: number }[] = [];
  let failed = 0;
  for (let stretch = 0; stretch < (minutes * 60) / STRETCH_S; stretch++) {
    const came = await load(gateway.url, w2(), { seconds: STRETCH_S, connections, token });
    failed += came.refused + came.broken;
    looks.push({ requests: came.requests, usedMiB: await heap.usedMiB(), residentMiB: residentMiB(gateway.process.pid) });
  }
  const later = looks.slice(Math.ceil(looks.length / 10)); // what is loaded and compiled first is no growth
  const requests = later.reduce((sum, look) => sum + look.requests, 0);
  const growth = (figures: readonly number[]): number => {
    const mean = figures.reduce((sum, figure) => sum + figure, 0) / figures.length;
    return (slope(figures) / (requests / later.length)) * (100_000 / mean);
  };
  const [resident, used] = [growth(later.map((look) => look.residentMiB)), growth(later.map((look) => look.usedMiB))];
  const shown = (figures: readonly number[]): string => figures.map((figure) => figure.toFixed(0)).join(' ');
  print(`\nsoak: ${minutes} minutes of W2, ${digits(requests)} requests, looked at every ${STRETCH_S} s once garbage was collected`);
  print(`RSS MiB: ${shown(looks.map((look) => look.residentMiB))}`);
  print(`heap MiB: ${shown(looks.map((look) => look.usedMiB))}`);
  const keeps = resident <= MOST_SLOPE && failed === 0;
  const percent = (share: number): string => `${(share * 100).toFixed(2)} %`;
  print(
    `${keeps ? 'kept ' : 'BELOW'} RSS grows by ${percent(resident)} per 100,000 requests (at most ${percent(MOST_SLOPE)}), the heap by ${percent(used)}${failed > 0 ? `; INVALID: ${failed} failed (${await troubles(gateway)})` : ''}`,
  );
  return keeps ? 0 : 1;
}
