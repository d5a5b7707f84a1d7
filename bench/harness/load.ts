import { z } from 'zod';
import { child } from '../../scripts/soak/child.ts';
import type { Item } from './items.ts';
import { LOAD_CORE, at, isInstalled, onCore } from './machine.ts';

const Line = z.object({
  requests: z.int(),
  seconds: z.number(),
  p50: z.number(),
  p99: z.number(),
  refused: z.int(),
  broken: z.int(),
});

/** What came of a load: times in microseconds; `refused`: answers of 400 and more; `broken`: connections that failed or were too late. */
export type Came = z.output<typeof Line>;

/** How a load is given. */
export interface LoadTerms {
  readonly seconds: number;
  readonly connections: number;
  /** The token of a user: goes along where the work item has a known caller. */
  readonly token: string;
}

/** What gives the load: `wrk`, or autocannon where that is not installed. */
export const loader = isInstalled('wrk') ? 'wrk' : 'autocannon';

/** Items that nobody has asked for yet: runs take a stretch each, of more than they can ask for. */
let next = 1_000_000;
const STRETCH = 2_000_000;

/** Asks one server for one work item, each time for another one of its kind, over kept connections, each asking again as soon as it is answered. */
export async function load(
  url: string,
  { path, known }: Pick<Item, 'path' | 'known'>,
  { seconds, connections, token }: LoadTerms,
): Promise<Came> {
  const asked = [path, String((next += STRETCH)), ...(known ? [token] : [])];
  const [command, args] =
    loader === 'wrk'
      ? onCore(LOAD_CORE, 'wrk', [
          '-t1',
          `-c${connections}`,
          `-d${seconds}s`,
          '--timeout',
          '10s',
          '-s',
          at('harness/wrk.lua'),
          url,
          '--',
          ...asked,
        ])
      : onCore(LOAD_CORE, process.execPath, [at('peers/autocannon.ts'), url, String(connections), String(seconds), ...asked]);
  await using loading = child(command, args);
  return Line.parse(JSON.parse(await loading.finds((line) => (line.startsWith('{') ? line : undefined))));
}

/** Asks so often a second, whatever answers take; times count from when a request was due. */
export async function loadAtRate(url: string, path: string, perSecond: number, seconds: number): Promise<Came> {
  const terms = { url: url + path, rate: perSecond, seconds, connections: 1000 };
  const args = Object.entries(terms).flatMap(([name, value]) => [`--${name}`, String(value)]);
  await using loading = child(...onCore(LOAD_CORE, process.execPath, [at('harness/rate.ts'), ...args]));
  return Line.parse(JSON.parse(await loading.finds((line) => (line.startsWith('{') ? line : undefined))));
}
