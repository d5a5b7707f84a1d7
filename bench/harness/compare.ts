import { serveProducts } from '../products/serve.ts';
import { agrees } from './agree.ts';
import { digits } from './figures.ts';
import { judge } from './floors.ts';
import type { Item } from './items.ts';
import { load } from './load.ts';
import { type Peer, type Running, start } from './peers.ts';
import type { Print } from './print.ts';
import { type RoundsTerms, type Row, measure } from './rounds.ts';
import { FEWER_CALLS, itemTable } from './tables.ts';
import { issuer } from './token.ts';
import { cached, troubles } from './told.ts';

/** What is measured, of whom, and how long. */
export interface CompareTerms extends Omit<RoundsTerms, 'token' | 'asked'> {
  readonly items: readonly Item[];
  readonly peers: readonly Peer[];
}

/** Has peers do work items side by side and prints what they came to. @returns how many rows are invalid or below a floor */
export async function compare(print: Print, { items, peers, ...terms }: CompareTerms): Promise<number> {
  const { jwks, token } = issuer();
  await using products = await serveProducts(jwks);
  const ceiling = await load(products.urls['catalog'] ?? '', { path: '/v1/items/i-{n}', known: false }, { ...terms, token });
  const ceilingPerSecond = ceiling.requests / ceiling.seconds;
  print(`products: ${products.server}, ${digits(ceilingPerSecond)} answers of 1 kB a second, the load on the same core`);
  const measured = new Map<string, readonly Row[]>();
  let invalid = 0;
  let most = { perSecond: 0, of: 'nobody' };
  for (const known of [false, true]) {
    const own = items.filter((item) => item.known === known);
    if (own.length === 0) continue;
    await using started = new AsyncDisposableStack();
    const running: Running[] = [];
    for (const peer of peers)
      if (own.some(({ name }) => peer.items.includes(name))) running.push(started.use(await start(peer, { env: products.env, known })));
    for (const item of own) {
      const doing = running.filter(({ peer }) => peer.items.includes(item.name));
      for (const peer of doing) await agrees(item, peer, known ? token : undefined);
      const rows = await measure(item, doing, { ...terms, token, asked: () => products.asked() });
      for (const row of rows) {
        if (row.failed > 0 || row.calls < item.calls - FEWER_CALLS) invalid++;
        if (row.perSecond * item.calls > most.perSecond)
          most = { perSecond: row.perSecond * item.calls, of: `${row.peer} in ${item.name}` };
      }
      measured.set(item.name, rows);
      print(`\n${itemTable(item, rows)}`);
    }
    for (const peer of running) {
      const counted = await troubles(peer);
      const caches = known ? await cached(peer) : '';
      if (caches !== '') print(`\nthe caches of ${peer.peer.name} answered: ${caches}`);
      if (counted !== '') print(`\n${peer.peer.name} counted ${counted}`);
    }
  }
  print(`\nproducts: asked for ${digits(most.perSecond)} answers a second at most (${most.of})`);
  const { text, below } = judge(measured);
  print(`\n${text}`);
  return invalid + below;
}
