import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { permissionFlags } from './kit/index.js';

/** The sample products, in the order of their ports (from 4101 on), each with the variable that holds its key. */
const products = {
  auth: 'AUTH_API_KEY',
  'aviation-infinity': 'AVIATION_INFINITY_API_KEY',
  'want-to-be-a-pilot': 'WANT_TO_BE_A_PILOT_API_KEY',
  'new-pilot-shop': 'NEW_PILOT_SHOP_API_KEY',
  inventory: 'INVENTORY_API_KEY',
  babonbo: 'BABONBO_API_KEY',
  clickai: 'CLICKAI_API_KEY',
} as const;

/** The products that call others through the gateway: each is a consumer, with a key of its own that no other process sees. */
const consumers: ReadonlySet<string> = new Set(['want-to-be-a-pilot']);

const PORT = process.env['PORT'] ?? '8080';
const OPS_PORT = process.env['OPS_PORT'] ?? '8081';
const dataDir = process.env['DATA_DIR'] ?? '.data';
const root = process.cwd();

/** What every process here may know of the environment; keys are handed out one by one. */
const common: NodeJS.ProcessEnv = {
  PATH: process.env['PATH'],
  NODE_ENV: process.env['NODE_ENV'],
  DATA_DIR: dataDir,
  GATEWAY_URL: `http://127.0.0.1:${PORT}`,
};

const children: ChildProcess[] = [];
let ending = false;

/** Starts one process and passes its lines on; `ready` is in its first line that says so. */
function start(name: string, args: readonly string[], env: NodeJS.ProcessEnv, ready: string): Promise<void> {
  const child = spawn(process.execPath, ['--enable-source-maps', ...args], {
    env: { ...common, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  return new Promise((resolve) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (line.includes(ready)) resolve();
      process.stdout.write(`${line}\n`);
    });
    child.once('exit', (code) => {
      if (ending) return;
      process.stderr.write(`${name} ended (${code ?? 'by a signal'}); the others run on\n`);
      if (name === 'gateway') end(1);
    });
  });
}

/** A new key for a consumer, in the place of the one of an earlier start: keys are shown once, and kept nowhere. */
async function keyFor(consumer: string): Promise<string> {
  const command = async (...args: readonly string[]): Promise<string> => {
    const run = promisify(execFile)(process.execPath, ['dist/src/identity/main.js', ...args], { env: { ...process.env, ...common } });
    return (await run).stdout.trim();
  };
  const hasOne = (await command('list')).split('\n').some((line) => line.startsWith(`${consumer} `));
  return command(...(hasOne ? ['rotate', consumer, '--overlap', 'off'] : ['add', consumer]));
}

/** Ends every process, and this one with them. */
function end(code: number): void {
  if (ending) return;
  ending = true;
  process.exitCode = code;
  for (const child of children) child.kill('SIGTERM');
}

process.once('SIGTERM', () => end(0));
process.once('SIGINT', () => end(0));

mkdirSync(dataDir, { recursive: true });
const keys = Object.fromEntries(
  Object.values(products).map((variable) => [variable, process.env[variable] ?? randomBytes(24).toString('base64url')]),
);
const ownKeys = new Map<string, string>();
for (const name of consumers) ownKeys.set(name, await keyFor(name));
await Promise.all(
  Object.entries(products).map(([name, variable]) =>
    start(
      name,
      [...permissionFlags(name, { root, dataDir }), `dist/examples/products/${name}/main.js`],
      { [variable]: keys[variable], INTERLINE_KEY: ownKeys.get(name) },
      'listening',
    ),
  ),
);
await start('gateway', ['dist/src/main.js'], { ...process.env, ...keys, PORT, OPS_PORT }, '"listening"');
const login = `curl -s http://127.0.0.1:${PORT}/products/auth/v1/tokens -H 'content-type: application/json' -d '{"email":"greta.garcia@example.org","password":"flying"}'`;
const tokenOfIt = String.raw`sed 's/.*"token":"\([^"]*\)".*/\1/'`;
process.stdout.write(`
The gateway answers on http://127.0.0.1:${PORT} (docs: /docs), its ops port is http://127.0.0.1:${OPS_PORT} (/metrics). Log in, and ask:

  TOKEN=$(${login} | ${tokenOfIt})
  curl -s -H "authorization: Bearer $TOKEN" http://127.0.0.1:${PORT}/v1/students/u-0001/dashboard
  curl -s -X PUT http://127.0.0.1:4104/faults -H 'content-type: application/json' -d '{"status":503}'   # breaks new-pilot-shop: ask again
  curl -s -X DELETE http://127.0.0.1:4104/faults                                                    # mends it
`);
