import { fileURLToPath } from 'node:url';
import { type Behaviour, Counts, State } from './behaviour.ts';
import { child, freePort } from './child.ts';

const SCRIPT = fileURLToPath(new URL('product-process.ts', import.meta.url));

/** All fake products, in one process of their own. */
export interface Products extends AsyncDisposable {
  /** A product stands at `{url}/{product}`. */
  readonly url: string;
  readonly pid: number;
  /** From now on a product behaves so: each behaviour takes its share of the calls, the rest is answered well. */
  behave(product: string, ...behaviours: readonly Behaviour[]): Promise<void>;
  /** What it has counted since it started. */
  counts(product: string): Promise<Counts>;
  /** How many connections are open to all of them together. */
  sockets(): Promise<number>;
  /** Ends the process in the middle of whatever it does. */
  kill(): Promise<void>;
}

/** Starts them. */
export async function startProducts(): Promise<Products> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const running = child(process.execPath, ['--disable-warning=ExperimentalWarning', SCRIPT], { PORT: String(port) });
  await running.finds((line) => (line === 'listening' ? line : undefined));
  const state = async (init?: RequestInit): Promise<typeof State._output> => {
    const { sockets, ...rest } = State.parse(await (await fetch(`${url}/control`, init)).json());
    return { ...rest, sockets: sockets - 1 }; // the one that asked
  };
  return {
    url,
    pid: running.pid,
    async behave(product, ...behaviours) {
      await state({ method: 'PUT', body: JSON.stringify({ product, behaviours }) });
    },
    counts: async (product) => (await state()).products[product] ?? Counts.parse({ calls: 0, writes: 0, inFlight: 0, mostInFlight: 0 }),
    sockets: async () => (await state()).sockets,
    kill: () => running.kill(),
    [Symbol.asyncDispose]: () => running.kill(),
  };
}
