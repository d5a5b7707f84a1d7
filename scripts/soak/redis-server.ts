import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { createClient } from '@redis/client';
import { type Child, child, freePort } from './child.ts';

const PATH = '/usr/bin/redis-server';

/** Whether there is a Redis on this machine. */
export const hasRedis = (): boolean => existsSync(PATH);

/** A real Redis on a port of its own, to be treated badly. Nothing of it is kept. */
export interface RedisServer extends AsyncDisposable {
  readonly url: string;
  readonly pid: number;
  /** Any command, over a connection of its own. */
  command(...args: readonly string[]): Promise<unknown>;
  signal(name: 'SIGSTOP' | 'SIGCONT'): void;
  /** Ends it in the middle of whatever it does. */
  kill(): Promise<void>;
  /** Starts it again after that, empty, on the same port. */
  restart(): Promise<void>;
}

/** Starts one. */
export async function startRedis(): Promise<RedisServer> {
  const port = await freePort();
  const url = `redis://127.0.0.1:${port}`;
  const launch = async (): Promise<Child> => {
    const args = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', tmpdir()];
    const server = child(PATH, args);
    await server.finds((line) => (line.includes('Ready to accept connections') ? line : undefined));
    return server;
  };
  let server = await launch();
  return {
    url,
    get pid() {
      return server.pid;
    },
    async command(...args) {
      const client = await createClient({ url, socket: { reconnectStrategy: false } })
        .on('error', () => undefined)
        .connect();
      try {
        return await client.sendCommand<unknown>(args);
      } finally {
        client.destroy();
      }
    },
    signal: (name) => server.signal(name),
    kill: () => server.kill(),
    async restart() {
      server = await launch();
    },
    [Symbol.asyncDispose]: () => server.kill(),
  };
}
