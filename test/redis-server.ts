import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { createInterface } from 'node:readline';
import { it } from '@jest/globals';
import { createClient } from '@redis/client';

const PATH = '/usr/bin/redis-server';

/** A real Redis on a port of its own, which a test may treat as it likes. Nothing of it is kept. */
export interface RedisServer extends AsyncDisposable {
  readonly url: string;
  /** Any command, over a connection of its own. */
  command(...args: readonly (string | Buffer)[]): Promise<unknown>;
  /** Stops it in the middle of whatever it does (SIGSTOP): its connections stay, and nothing answers. */
  freeze(): void;
  /** Lets it go on (SIGCONT). */
  thaw(): void;
  /** Ends it (SIGKILL). */
  kill(): Promise<void>;
  /** Starts it again after `kill`, empty, on the same port. */
  restart(): Promise<void>;
}

/** A port that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new TypeError('expected a port');
  return address.port;
}

async function launch(port: number): Promise<ChildProcess> {
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', tmpdir()];
  const child = spawn(PATH, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  for await (const line of createInterface(child.stdout)) {
    if (!line.includes('Ready to accept connections')) continue;
    child.stdout.resume();
    return child;
  }
  throw new Error(`redis-server ended before it listened on port ${port}`);
}

/** Launches one on a free port; on another one where somebody took that meanwhile. */
async function launchAnywhere(attempts = 5): Promise<readonly [port: number, child: ChildProcess]> {
  const port = await freePort();
  try {
    return [port, await launch(port)];
  } catch (error) {
    if (attempts === 1) throw error;
    return launchAnywhere(attempts - 1);
  }
}

/** Starts one. */
async function startRedis(): Promise<RedisServer> {
  const [port, first] = await launchAnywhere();
  const url = `redis://127.0.0.1:${port}`;
  let child = first;
  const kill = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  };
  return {
    url,
    async command(...args) {
      const client = await createClient({ url, socket: { reconnectStrategy: false } })
        .on('error', () => {})
        .connect();
      try {
        return await client.sendCommand<unknown>(args);
      } finally {
        client.destroy();
      }
    },
    freeze: () => void child.kill('SIGSTOP'),
    thaw: () => void child.kill('SIGCONT'),
    kill,
    async restart() {
      child = await launch(port);
    },
    [Symbol.asyncDispose]: kill,
  };
}

/**
 * Tests that need a Redis, by name; each gets one of its own. Where there is none to be had they are skipped with a line
 * that says how many and why; with CI=true its absence is a failure.
 */
export function redisTests(tests: Readonly<Record<string, (server: RedisServer) => Promise<void>>>, withinMs = 20_000): void {
  const missing = !existsSync(PATH);
  const skips = missing && process.env['CI'] !== 'true';
  if (skips) process.stderr.write(`${Object.keys(tests).length} Redis tests skipped: there is no ${PATH} (apt-get install redis-server)\n`);
  for (const [name, test] of Object.entries(tests))
    (skips ? it.skip : it)(
      name,
      async () => {
        if (missing) throw new Error(`expected Redis at ${PATH}, found none; with CI=true Redis tests may not be skipped`);
        await using server = await startRedis();
        await test(server);
      },
      withinMs,
    );
}
