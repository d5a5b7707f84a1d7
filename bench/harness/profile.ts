import { readFileSync } from 'node:fs';
import { serveProducts } from '../products/serve.ts';
import { agrees } from './agree.ts';
import { table } from './figures.ts';
import type { Item } from './items.ts';
import { type LoadTerms, load } from './load.ts';
import { ours, start } from './peers.ts';
import type { Print } from './print.ts';
import { Profile, type Share, sharesOf } from './shares.ts';
import { issuer } from './token.ts';

const HOOK = new URL('profile-hook.ts', import.meta.url).href;

/** What is less than this is left out. */
const LEAST = 0.004;

/** How many functions are named. */
const FUNCTIONS = 30;

/** Profiles ours under load, and prints the share of each file, package and function of the time that it was not idle. */
export async function profile(print: Print, items: readonly Item[], { seconds, connections }: Omit<LoadTerms, 'token'>): Promise<void> {
  const { jwks, token } = issuer();
  await using products = await serveProducts(jwks);
  for (const item of items) {
    const { known } = item;
    await using gateway = await start(ours, { env: products.env, known, flags: ['--import', HOOK] });
    await agrees(item, gateway, known ? token : undefined);
    await load(gateway.url, item, { seconds: 3, connections, token });
    gateway.process.signal('SIGUSR2');
    const came = await load(gateway.url, item, { seconds, connections, token });
    gateway.process.signal('SIGUSR2');
    await gateway.process.finds((line) => (line === 'profiled' ? line : undefined));
    const text = readFileSync(gateway.profile, 'utf8');
    const { layers, functions } = sharesOf(Profile.parse(JSON.parse(text)));
    print(`\n${item.name}: ${item.what}; ${came.requests} requests under the profiler, self time\n`);
    print(table(['file or package', 'share'], rows(layers.filter(({ share }) => share >= LEAST))));
    print(`\n${table(['function', 'share'], rows(functions.slice(0, FUNCTIONS)))}`);
  }
}

const rows = (shares: readonly Share[]): string[][] => shares.map(({ name, share }) => [name, `${(share * 100).toFixed(1)} %`]);
