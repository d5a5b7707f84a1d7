import { z } from 'zod';
import type { Gateway } from './gateway.ts';

/** The flag that lets a gateway's heap be looked at. */
export const INSPECTED = '--inspect=127.0.0.1:0';

const Reply = z.object({ id: z.int().optional(), result: z.looseObject({ usedSize: z.number().optional() }).optional() });

/** A look into the heap of a gateway that was started with `INSPECTED`. */
export interface Heap extends Disposable {
  /** What is in use once the garbage is collected, in MiB. */
  usedMiB(): Promise<number>;
}

/** Connects to a gateway's inspector. */
export async function heapOf({ process }: Pick<Gateway, 'process'>): Promise<Heap> {
  const address = await process.finds((line) => /^Debugger listening on (ws:\S+)$/.exec(line)?.[1]);
  const socket = new WebSocket(address);
  const waiting = new Map<number, (usedSize: number) => void>();
  socket.addEventListener('message', ({ data }) => {
    const { id = 0, result } = Reply.parse(JSON.parse(String(data)));
    waiting.get(id)?.(result?.usedSize ?? 0);
    waiting.delete(id);
  });
  await new Promise<void>((resolve, reject) => {
    socket.addEventListener('open', () => resolve());
    socket.addEventListener('error', () => reject(new Error(`no inspector at ${address}`)));
  });
  let last = 0;
  const say = (method: string): Promise<number> =>
    new Promise((resolve) => {
      waiting.set(++last, resolve);
      socket.send(JSON.stringify({ id: last, method }));
    });
  return {
    async usedMiB() {
      // Twice: what the first one finalizes, the second one takes away.
      for (let i = 0; i < 2; i++) await say('HeapProfiler.collectGarbage');
      return (await say('Runtime.getHeapUsage')) / 1024 ** 2;
    },
    [Symbol.dispose]: () => socket.close(),
  };
}
