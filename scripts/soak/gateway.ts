import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { z } from 'zod';
import { MONOLITH_NAME, described } from './answers.ts';
import { type Child, child, freePort } from './child.ts';
import { Metrics } from './metrics.ts';

const MAIN = fileURLToPath(new URL('../../dist/src/main.js', import.meta.url));

type Section = Readonly<Record<string, unknown>>;

/** What a scenario sets in `gateway.yaml`; what it leaves out is as the gateway's defaults have it. */
export interface Settings {
  readonly defaults?: Section;
  readonly edge?: Section;
  readonly cache?: Section;
  readonly identity?: Section;
  readonly consumers?: Section;
  readonly products?: Readonly<Record<string, Section>>;
  readonly routes?: Readonly<Record<string, Section>>;
}

/** A gateway as it is built, in a process of its own. */
export interface Gateway extends AsyncDisposable {
  readonly url: string;
  readonly opsUrl: string;
  readonly process: Child;
  /** Its `gateway.yaml`. */
  readonly file: string;
  /** Puts a text in the place of its `gateway.yaml`, at once. */
  drop(text: string): void;
  metrics(): Promise<Metrics>;
  /** What the process takes of the machine's memory, in MiB. */
  residentMiB(): number;
  /** Log lines at the level of an error. */
  errors(): readonly string[];
}

const keyOf = (product: string): string => `${product.toUpperCase().replaceAll('-', '_')}_API_KEY`;

/** Other work on the machine makes event loops late, which says nothing of the gateway: where it sends requests away for that, a scenario says so. */
const PATIENT = { shed: { delay: '30s' } };

/** What is loaded here is what everybody may call: who may is another matter. */
const access = { consumers: ['anonymous'], user: 'optional' };

/** The lines of all routes: the gateway that is shipped names each. */
const lines = Object.keys(
  z
    .object({ routes: z.record(z.string(), z.unknown()) })
    .parse(parse(readFileSync(fileURLToPath(new URL('../../gateway.yaml', import.meta.url)), 'utf8'))).routes,
);

/** A `gateway.yaml` for all fake products (JSON is YAML): a line for each, the last thing in it. The pass-through one is among them. */
export function configuration(productsUrl: string, { products = {}, routes = {}, edge = PATIENT, ...settings }: Settings = {}): string {
  const entries: readonly (readonly [string, Section])[] = [
    [MONOLITH_NAME, { urls: [`${productsUrl}/${MONOLITH_NAME}`], passThrough: true }],
    ...described.map((name) => [name, { urls: [`${productsUrl}/${name}/v{version}`], credential: { variable: keyOf(name) } }] as const),
  ];
  const open = Object.fromEntries(lines.map((line) => [line, { access, ...routes[line] }]));
  return [
    ...Object.entries({ edge, ...settings, routes: open }).map(([name, section]) => `${name}: ${JSON.stringify(section)}`),
    'products:',
    ...entries.map(([name, product]) => `  ${name}: ${JSON.stringify({ access, ...product, ...products[name] })}`),
    '',
  ].join('\n');
}

/** How long a start may take, in milliseconds. */
const START_MS = 30_000;

/** Starts a gateway on a configuration and waits until it is ready. */
export async function startGateway(
  text: string,
  env: Readonly<Record<string, string>> = {},
  flags: readonly string[] = [],
  main = MAIN,
): Promise<Gateway> {
  const folder = mkdtempSync(join(tmpdir(), 'interline-soak-'));
  const file = join(folder, 'gateway.yaml');
  writeFileSync(file, text);
  const [port, opsPort] = [await freePort(), await freePort()];
  const keys = Object.fromEntries(described.map((product) => [keyOf(product), `key-of-${product}`]));
  const running = child(process.execPath, ['--enable-source-maps', '--no-allocation-site-pretenuring', ...flags, main], {
    ...keys,
    HOST: '127.0.0.1',
    PORT: String(port),
    OPS_PORT: String(opsPort),
    GATEWAY_CONFIG: file,
    DATA_DIR: folder,
    LOG_LEVEL: 'error', // a line for each request would cost the one who reads it more than the one who writes it
    ...env,
  });
  const url = `http://127.0.0.1:${port}`;
  const opsUrl = `http://127.0.0.1:${opsPort}`;
  await ready(url, running);
  return {
    url,
    opsUrl,
    process: running,
    file,
    drop(text) {
      writeFileSync(join(folder, 'next'), text);
      renameSync(join(folder, 'next'), file);
    },
    metrics: async () => new Metrics(await (await fetch(`${opsUrl}/metrics`)).text()),
    residentMiB: () => Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${running.pid}/status`, 'utf8'))?.[1]) / 1024,
    errors: () => running.said.filter((line) => /"level":[56]0/.test(line)),
    async [Symbol.asyncDispose]() {
      await running[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true });
    },
  };
}

async function ready(url: string, running: Child): Promise<void> {
  let over = false;
  void running.exit.then(() => (over = true));
  for (const until = Date.now() + START_MS; Date.now() < until; await wait(20)) {
    if (over) throw new Error(`the gateway ended: ${running.said.join('\n')}`);
    if (await isReady(url)) return;
  }
  throw new Error(`the gateway was not ready in ${START_MS} ms: ${running.said.join('\n')}`);
}

/** Whether a gateway takes work. */
export async function isReady(url: string): Promise<boolean> {
  try {
    const response = await fetch(`${url}/health/ready`, { headers: { connection: 'close' } });
    await response.arrayBuffer();
    return response.ok;
  } catch {
    return false;
  }
}
