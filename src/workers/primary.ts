import { randomUUID } from 'node:crypto';
import cluster from 'node:cluster';
import { systemClock } from '../clock.js';
import type { Env } from '../env.js';
import { makeLog } from '../observe/log.js';
import { Crew } from './crew.js';
import type { WorkerProcess } from './worker.js';

/** How long a worker may take to end beyond its drain, in milliseconds: more than it gives the calls in flight, with all others or alone. */
const ENDS_WITHIN_MS = { 'all end': 6_000, replaced: 65_000 };

/**
 * Starts `env.workers` workers and sees to them; it answers nothing itself. SIGTERM and SIGINT end all of them in good order,
 * SIGHUP replaces them one by one. Where they can't start it says why, once, and the exit code is 1.
 */
export async function lead({ workers, config, drainMs, logLevel }: Env): Promise<void> {
  const log = makeLog(logLevel, undefined, { worker: 'primary', pid: process.pid });
  cluster.setupPrimary({ serialization: 'advanced' });
  const leavesWithinMs = { 'all end': drainMs + ENDS_WITHIN_MS['all end'], replaced: drainMs + ENDS_WITHIN_MS.replaced };
  const crew = new Crew({ of: workers, group: randomUUID(), fork, clock: systemClock, log, leavesWithinMs });
  let ending = false;
  const end = (signal: string): void => {
    ending = true;
    log.info({ signal }, 'ending');
    void crew.end().then((well) => {
      if (!well) log.error('not all workers ended well');
      process.exit(well ? 0 : 1);
    });
  };
  process.once('SIGTERM', end);
  process.once('SIGINT', end);
  const starting = crew.start();
  process.on('SIGHUP', () => void starting.then(({ ok }) => (ok ? crew.roll() : undefined)));
  const begun = await starting;
  if (ending) return;
  if (!begun.ok) {
    process.stderr.write(`${begun.why ?? 'a worker ended before it listened'}\n`);
    process.exit(1);
  }
  log.info({ url: begun.url, opsUrl: begun.opsUrl, config, workers }, 'all workers listen');
}

/** Starts a process of this very program. */
function fork(): WorkerProcess {
  const worker = cluster.fork();
  return {
    pid: worker.process.pid,
    send(message) {
      if (worker.isConnected()) worker.send(message, () => undefined); // what is not received was for one that is gone
    },
    kill: () => void worker.process.kill('SIGKILL'),
    on({ message, gone }) {
      worker.on('message', message);
      // A process may be gone before all that it said is read, and the other way round.
      let left = 2;
      let how: readonly [code: number | null, signal: string | null] = [null, null];
      const over = (): void => {
        if (--left === 0) gone(...how);
      };
      worker.once('disconnect', over);
      worker.once('exit', (code, signal) => {
        how = [code, signal];
        over();
      });
      worker.once('error', () => {
        if (worker.process.pid === undefined) gone(null, null); // it could not be started: there is no exit
      });
    },
  };
}
