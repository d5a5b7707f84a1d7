import cluster from 'node:cluster';
import { Siblings } from './siblings.js';

/**
 * The other workers, where this process is one of several. A terminal and a service manager send their signals to all processes:
 * those that end a gateway or replace its workers are for the one that started this one.
 */
export async function joined(): Promise<Siblings | undefined> {
  const { worker } = cluster;
  if (!worker) return undefined;
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => undefined);
  return Siblings.join({
    send(message, sent = () => undefined) {
      worker.send(message, sent);
    },
    on: (listener) => void worker.on('message', listener),
  });
}
