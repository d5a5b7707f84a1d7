import { execFile, spawn } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

const readme = readFileSync('README.md', 'utf8');
const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> };

/** Every command of the README's shell blocks, in order, comments left out. */
const commands = [...readme.matchAll(/```sh\n([\s\S]*?)```/g)].flatMap(([, block = '']) =>
  block
    .split('\n')
    .map((line) => line.replace(/\s+# .*$/, '').trim())
    .filter((line) => line !== ''),
);

/** What runs these tests, or would never end; that `npm start` does what it says is seen here, without building again. */
const RUN_ELSEWHERE = ['npm ci', 'npm test', 'npm start', 'npm run dev'];

/** What each command's output holds, by what the command asks for. */
const HOLDS: Readonly<Record<string, string>> = {
  '/dashboard': '"data":{"student":{"id":"u-0001"',
  '/faults': '{',
  '/v1/orders?': '"customers":{"state":"ok"}',
  '/v1/orders/': '"data":{"id":"o-0001"',
  '/purchase-orders/': '"undescribed":[]',
  '/v1/me': '"code":"unauthenticated"',
  'Bearer $TOKEN" http://127.0.0.1:8080/v1/me': '"data":{"user":{"id":"u-0001"',
  '/v1/trips/': '"data":{"id":"b-0001"',
  '/products/auth/': '{"id":"u-0001"',
  '/metrics': 'interline_responses_total',
  '-o /dev/null': 'cache-status: interline/booking',
  '/ops/policy?path': '"value":"10s"',
  'TOKEN=': 'eyJ',
  PATCH: '"reason":"babonbo is slow today"',
  '/ops/history': '"who":"ada"',
  '/ops/undo': '"to":null',
  '/ops/purge': '{"count":',
  '"isolated": true': '"to":true',
  '/ops/products': '"product":"babonbo"',
  '"isolated": false': '"to":false',
};

describe('what the README says', () => {
  let dataDir = '';
  let landscape: ReturnType<typeof spawn>;
  const said: string[] = [];
  const asUser = (): RequestInit => ({ headers: { authorization: `Bearer ${token}` } });
  /** What the README's login gave. */
  let token = '';

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'interline-readme-'));
    landscape = spawn('npm', ['run', '--silent', 'landscape'], {
      env: { ...process.env, DATA_DIR: dataDir },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    const { stdout, stderr } = landscape;
    if (!stdout || !stderr) throw new Error('the landscape has no output');
    createInterface({ input: stderr }).on('line', (line) => said.push(line));
    await new Promise<void>((resolve, reject) => {
      createInterface({ input: stdout }).on('line', (line) => {
        said.push(line);
        if (line.includes('DELETE')) resolve();
      });
      landscape.once('exit', () => reject(new Error(`the landscape ended:\n${said.join('\n')}`)));
    });
  }, 60_000);

  afterAll(async () => {
    landscape.removeAllListeners('exit');
    const ended = new Promise((resolve) => void landscape.once('close', resolve));
    if (landscape.pid !== undefined) process.kill(-landscape.pid, 'SIGTERM');
    await ended;
    await rm(dataDir, { recursive: true });
  });

  it('starts seven products with a database each, and the gateway', () => {
    expect(readdirSync(dataDir).filter((file) => file.endsWith('.db'))).toHaveLength(7);
    expect(said.filter((line) => line.includes('curl '))).toHaveLength(4);
  });

  it.each(commands.filter((command) => !RUN_ELSEWHERE.includes(command)))('%s', async (command) => {
    expect(command).toMatch(/^(?:TOKEN=\$\()?curl -s /);
    const logsIn = command.startsWith('TOKEN=');
    const { stdout } = await promisify(execFile)('bash', ['-c', logsIn ? `${command}; printf %s "$TOKEN"` : command], {
      env: { ...process.env, TOKEN: token },
    });
    if (logsIn) token = stdout;
    expect(stdout).toContain(Object.entries(HOLDS).findLast(([asked]) => command.includes(asked))?.[1] ?? 'an entry in HOLDS');
  });

  it('says of `npm` only what package.json has', () => {
    const named = [...readme.matchAll(/npm run ([\w:]+)/g)].map(([, name = '']) => name);
    expect(named.filter((name) => scripts[name] === undefined)).toEqual([]);
    expect(commands.filter((command) => command.startsWith('npm')).filter((command) => !RUN_ELSEWHERE.includes(command))).toEqual([]);
  });

  it('shows the part that is missing as the gateway says it', async () => {
    const shown = /"orders": (\{ "state": "failed".*\})/.exec(readme)?.[1] ?? '{}';
    await fetch('http://127.0.0.1:4104/faults', { method: 'PUT', headers: { 'content-type': 'application/json' }, body: '{"status":503}' });
    const got: unknown = await (await fetch('http://127.0.0.1:8080/v1/students/u-0001/dashboard', asUser())).json();
    await fetch('http://127.0.0.1:4104/faults', { method: 'DELETE' });
    expect(got).toMatchObject({ complete: false, data: { orders: null }, parts: { orders: JSON.parse(shown) as unknown } });
  });

  it("want-to-be-a-pilot's answer holds progress that it fetched through the gateway", async () => {
    const plan: unknown = await (await fetch('http://127.0.0.1:8080/products/want-to-be-a-pilot/v1/users/u-0001/plan', asUser())).json();
    expect(plan).toMatchObject({ theory: { percent: expect.any(Number) as unknown }, theoryUnavailable: null });
    const metrics = await (await fetch('http://127.0.0.1:8081/metrics')).text();
    expect(metrics).toMatch(
      /interline_responses_total\{route="aviation-infinity\.v2\.getProgress",consumer="want-to-be-a-pilot",category="success_complete"\} [1-9]/,
    );
  });
});
