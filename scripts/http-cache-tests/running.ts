import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** A process that answers. */
export interface Running extends AsyncDisposable {
  readonly url: string;
}

/** How a process is started, and how it says that it is ready. */
export interface Starting {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The address where it answers, in the line of its output that tells it. */
  readonly ready: (line: string) => string | undefined;
}

/** Starts a script and waits until it says where it answers. @throws Error with what it said, where it ends before. */
export async function start(script: string, args: readonly string[], { cwd, env, ready }: Starting): Promise<Running> {
  const child = spawn(process.execPath, [script, ...args], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = once(child, 'exit');
  const said: string[] = [];
  child.stderr.setEncoding('utf8').on('data', (text: string) => said.push(text));
  const url = await new Promise<string>((resolve, reject) => {
    createInterface(child.stdout).on('line', (line) => {
      const found = ready(line);
      if (found !== undefined) resolve(found);
      else if (said.length < 50) said.push(`${line}\n`);
    });
    ended.then(() => reject(new Error(`${script} ended: ${said.join('')}`)), reject);
  });
  return {
    url,
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}
