/**
 * Checks the Dockerfile where there is no Docker engine: runs its own steps, stage by stage, in bare folders from a clean clone of HEAD,
 * starts what CMD says, and asks for health and an orderly end. The base image is not checked: this machine stands in for it.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import { type Built, buildStage } from './build-stage.ts';
import { execForm, parseDockerfile } from './dockerfile.ts';

const START_MS = 10_000;
const STOP_MS = 5_000;

const repository = join(import.meta.dirname, '..');
const scratch = mkdtempSync(join(tmpdir(), 'dockerfile-'));
let running: ChildProcess | undefined;
try {
  const context = join(scratch, 'context');
  execFileSync('git', ['clone', '--quiet', '--no-local', repository, context]);
  const stages = parseDockerfile(readFileSync(join(context, 'Dockerfile'), 'utf8'));
  const built = new Map<string, Built>();
  let image: Built | undefined;
  for (const stage of stages) {
    say(`stage ${stage.name} (${stage.image})`);
    image = buildStage(stage, { context, built, scratch, say });
    built.set(stage.name, image);
  }
  if (image === undefined) throw new Error('Dockerfile: expected at least one stage');
  inspect(image, context);
  await run(image);
  say('the Dockerfile holds');
} catch (error) {
  console.error(Error.isError(error) ? error.message : error);
  process.exitCode = 1;
} finally {
  running?.kill('SIGKILL');
  rmSync(scratch, { recursive: true, force: true });
}

/** What can be seen without running it. */
function inspect({ root, workdir, last }: Built, context: string): void {
  const at = (path: string): string => join(root, workdir, path);
  const user = last('USER')?.text;
  expect(user !== undefined && !/^(root|0)(:|$)/.test(user), 'a USER that is not root', user);
  expect(last('STOPSIGNAL')?.text === 'SIGTERM', 'STOPSIGNAL SIGTERM', last('STOPSIGNAL')?.text);
  expect(last('EXPOSE')?.text === '8080', 'EXPOSE 8080', last('EXPOSE')?.text);
  for (const path of ['examples', 'test', 'scripts', 'dist/examples', '.git', '.env'])
    expect(!existsSync(at(path)), `no ${path} in the image`, path);
  const development = Object.entries(installed(context)).filter(([path, { dev }]) => dev && existsSync(at(path)));
  expect(development.length === 0, 'no development dependency in the image', development.map(([path]) => path).join(', '));
  say(`inspected: user ${user}, production dependencies only`);
}

/** The packages of the lock file, by the folder that each is installed in. */
function installed(context: string): Readonly<Record<string, { readonly dev?: boolean | undefined }>> {
  const Lock = z.object({ packages: z.record(z.string(), z.object({ dev: z.boolean().optional() })) });
  return Lock.parse(JSON.parse(readFileSync(join(context, 'package-lock.json'), 'utf8'))).packages;
}

/** Starts it, asks for its health as an orchestrator would, and ends it. */
async function run(image: Built): Promise<void> {
  const [port, opsPort] = [await freePort(), await freePort()];
  const env = { ...image.env, ...credentials(image), PORT: String(port), OPS_PORT: String(opsPort) };
  const cwd = join(image.root, image.workdir);
  const cmd = image.last('CMD');
  const health = image.last('HEALTHCHECK');
  if (cmd === undefined || health === undefined) throw new Error('Dockerfile: expected CMD and HEALTHCHECK in the last stage');
  const [program, ...args] = execForm(cmd);
  const started = performance.now();
  const child = spawn(program, args, { cwd, env, stdio: ['ignore', 'inherit', 'inherit'] });
  running = child;
  const exited = once(child, 'exit');
  for (const at of [port, opsPort]) await answers(`http://127.0.0.1:${at}/health/live`, child);
  say(`live on both ports after ${Math.round(performance.now() - started)} ms`);
  const ready = await fetch(`http://127.0.0.1:${opsPort}/health/ready`);
  expect(ready.status === 200, '/health/ready to answer 200', ready.status);
  const [probe, ...probeArgs] = execForm(health, health.text.replace(/^CMD\s+/, ''));
  execFileSync(probe, probeArgs, { cwd, env, stdio: 'inherit' });
  say('ready, and HEALTHCHECK agrees');
  const stopping = performance.now();
  child.kill('SIGTERM');
  const [code, signal] = await Promise.race([exited, wait(STOP_MS, ['still running', null], { ref: false })]);
  expect(code === 0, `exit 0 within ${STOP_MS} ms of SIGTERM`, code ?? signal);
  say(`ended ${Math.round(performance.now() - stopping)} ms after SIGTERM with exit 0`);
}

async function answers(url: string, child: ChildProcess): Promise<void> {
  const until = performance.now() + START_MS;
  for (;;) {
    if (child.exitCode !== null) throw new Error(`expected CMD to run on, got exit ${child.exitCode}`);
    const status = await fetch(url).then(
      (response) => response.status,
      () => 'no connection',
    );
    if (status === 200) return;
    if (performance.now() > until) throw new Error(`expected ${url} to answer 200 within ${START_MS} ms, got ${status}`);
    await wait(50);
  }
}

/** A value for each variable that gateway.yaml names: the gateway refuses to start without them. */
function credentials({ root, workdir }: Built): Readonly<Record<string, string>> {
  const text = readFileSync(join(root, workdir, 'gateway.yaml'), 'utf8');
  const named: Record<string, string> = {};
  for (const [, name = ''] of text.matchAll(/\bvariable:\s*['"]?([A-Z][A-Z0-9_]*)/g)) named[name] = 'checked';
  return named;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('expected a TCP address');
  return address.port;
}

function expect(holds: boolean, expected: string, got: unknown): void {
  if (!holds) throw new Error(`Dockerfile: expected ${expected}, got ${String(got)}`);
}

function say(line: string): void {
  console.log(`▸ ${line}`);
}
