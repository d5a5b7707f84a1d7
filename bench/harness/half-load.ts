import { serveProducts } from '../products/serve.ts';
import { agrees } from './agree.ts';
import { median } from '../../scripts/soak/figures.ts';
import { digits, table } from './figures.ts';
import { items } from './items.ts';
import { type Came, load, loadAtRate } from './load.ts';
import { bare, ours, start } from './peers.ts';
import type { Print } from './print.ts';
import type { RoundsTerms } from './rounds.ts';
import { issuer } from './token.ts';
import { troubles } from './told.ts';

/** How much longer ours may take for 99 of 100 answers. */
const MOST = 1.2;

/** How long answers to W2 take at half of what (a) can do, of (a) and of ours. @returns how many figures are invalid or below their floor */
export async function halfLoad(print: Print, terms: Omit<RoundsTerms, 'token' | 'asked'>): Promise<number> {
  const { jwks, token } = issuer();
  await using products = await serveProducts(jwks);
  const item = items.find(({ name }) => name === 'W2');
  if (!item) throw new RangeError('no W2');
  await using hand = await start(bare, { env: products.env, known: false });
  // Wide: where the machine stops for a moment, what was due meanwhile comes at once, and (a) has no bulkhead that would refuse it.
  await using gateway = await start(ours, { env: products.env, known: false, wide: true });
  const both = [hand, gateway];
  for (const peer of both) {
    await agrees(item, peer, undefined);
    await load(peer.url, item, { ...terms, token, seconds: terms.warmUp });
  }
  const most = await load(hand.url, item, { ...terms, token });
  const rate = Math.floor(most.requests / most.seconds / 2);
  const came = new Map<string, Came[]>(both.map(({ peer }) => [peer.name, []]));
  for (let n = 0; n < terms.rounds; n++)
    for (const { peer, url } of n % 2 === 0 ? both : [...both].reverse())
      came.get(peer.name)?.push(await loadAtRate(url, item.path, rate, terms.seconds));
  const p99 = (name: string): number => median((came.get(name) ?? []).map((round) => round.p99));
  const failed = [...came.values()].flat().reduce((sum, { refused, broken }) => sum + refused + broken, 0);
  const ratio = p99(ours.name) / p99(bare.name);
  const lines = [...came].map(([name, all]) => [name, digits(median(all.map(({ p50 }) => p50 / 1000))), digits(p99(name) / 1000)]);
  print(`\nW2 at half load: ${digits(rate)} requests a second, times from when a request was due\n`);
  print(table(['half load', 'p50 ms', 'p99 ms'], lines));
  const keeps = ratio <= MOST && failed === 0;
  print(
    `\n${keeps ? 'kept ' : 'BELOW'} p99 at half load, ours ÷ (a): ${digits(ratio)} (at most ${MOST})${failed > 0 ? `; INVALID: ${failed} failed (${await troubles(gateway)})` : ''}`,
  );
  return keeps ? 0 : 1;
}
