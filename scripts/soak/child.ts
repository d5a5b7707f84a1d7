import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';

/** A process that a scenario started, and ends. */
export interface Child extends AsyncDisposable {
  readonly pid: number;
  /** Its exit code; null where a signal ended it. */
  readonly exit: Promise<number | null>;
  /** The latest lines that it wrote, on either side. */
  readonly said: readonly string[];
  signal(name: NodeJS.Signals): void;
  /** Ends it in the middle of whatever it does (SIGKILL). */
  kill(): Promise<void>;
  /** Resolves once a line was written that this finds something in. @throws Error where the process ends before */
  finds(find: (line: string) => string | undefined): Promise<string>;
}

/** How many lines are kept. */
const MOST_LINES = 200;

/** Those that run: none of them outlives this process. */
const all = new Set<ChildProcess>();
process.once('exit', () => all.forEach((one) => one.kill('SIGKILL')));
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

/** Starts a process. */
export function child(command: string, args: readonly string[], env: Readonly<Record<string, string | undefined>> = {}): Child {
  const running = spawn(command, args, { env: { PATH: process.env['PATH'], ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  all.add(running);
  const exit = ended(running);
  const said: string[] = [];
  const watchers = new Set<(line: string) => void>();
  for (const stream of [running.stdout, running.stderr])
    createInterface(stream).on('line', (line) => {
      if (said.push(line) > MOST_LINES) said.shift();
      for (const watcher of watchers) watcher(line);
    });
  const kill = async (): Promise<void> => {
    running.kill('SIGKILL');
    await exit;
  };
  return {
    pid: running.pid ?? Number.NaN,
    exit,
    said,
    signal: (name) => void running.kill(name),
    finds: (find) =>
      new Promise((resolve, reject) => {
        const look = (line: string): void => {
          const found = find(line);
          if (found === undefined) return;
          watchers.delete(look);
          resolve(found);
        };
        for (const line of said) look(line);
        watchers.add(look);
        exit.then(() => reject(new Error(`${command} ${args.join(' ')} ended: ${said.join('\n')}`)), reject);
      }),
    kill,
    [Symbol.asyncDispose]: kill,
  };
}

async function ended(running: ChildProcess): Promise<number | null> {
  await once(running, 'close');
  all.delete(running);
  return running.exitCode;
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
