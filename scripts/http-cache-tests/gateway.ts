import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse, stringify } from 'yaml';
import { z } from 'zod';
import { type Running, start } from './running.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

const Config = z.looseObject({
  defaults: z.looseObject({ route: z.looseObject({}) }),
  products: z.record(z.string(), z.looseObject({ credential: z.object({ variable: z.string() }).optional() })),
});
const Listening = z.object({ msg: z.literal('listening'), url: z.string() });

/** The name of the product that is measured. */
const PRODUCT = 'cache-tests';

/**
 * Starts the gateway as it is built, with one more product in its configuration: passed through, at this address.
 * @param main the built `main.js`
 * @param redis where answers are kept; memory then holds one at a time. Undefined: in memory.
 */
export async function gateway(main: string, origin: string, redis: string | undefined): Promise<Running> {
  const folder = mkdtempSync(join(tmpdir(), 'interline-cache-tests-'));
  const config = Config.parse(parse(readFileSync(join(root, 'gateway.yaml'), 'utf8')));
  // The suite asks 100 things at once, some of which fail on purpose: nothing but the cache is to say no.
  const calm = { deadline: '20s', bulkhead: { concurrent: 500 }, breaker: { ratio: 1, minimum: 100_000 } };
  const route = { ...config.defaults.route, limit: { rate: '100000/s', burst: 100_000 } };
  const defaults = { ...config.defaults, route };
  const access = { consumers: ['anonymous'], user: 'optional' };
  const measured = { urls: [origin], passThrough: true, access, ...calm };
  const file = join(folder, 'gateway.yaml');
  const cache = redis === undefined ? {} : { cache: { entries: 1 } };
  writeFileSync(file, stringify({ ...config, ...cache, defaults, products: { ...config.products, [PRODUCT]: measured } }));
  const variables = Object.values(config.products).flatMap(({ credential }) => credential?.variable ?? []);
  const keys: Record<string, string> = Object.fromEntries(variables.map((variable) => [variable, 'of-nobody']));
  const env = { PATH: process.env['PATH'], ...keys, PORT: '0', HOST: '127.0.0.1', OPS_PORT: '0', DRAIN_MS: '1', REDIS_URL: redis };
  const running = await start(main, [], {
    cwd: root,
    env: { ...env, GATEWAY_CONFIG: file, DATA_DIR: folder },
    ready: (line) => listening(line),
  });
  return {
    url: `${running.url}/products/${PRODUCT}`,
    async [Symbol.asyncDispose]() {
      await running[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true });
    },
  };
}

function listening(line: string): string | undefined {
  if (!line.startsWith('{')) return undefined;
  const read = Listening.safeParse(JSON.parse(line));
  return read.success ? read.data.url : undefined;
}
