import { type Socket, connect } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

/** One way to be slow. */
export interface Way {
  readonly name: string;
  /** What is said at first. */
  readonly asks: string;
  /** What is said every now and then, so that it looks alive. */
  readonly says: string;
  /** Whether it reads no more than a little of its answer every now and then. */
  readonly reads?: true;
}

/** How often a slow one shows that it is there. */
const EVERY_MS = 3000;

export const ways: readonly Way[] = [
  { name: 'headers', asks: 'GET /v1/orders HTTP/1.1\r\nhost: gateway\r\n', says: 'x-a: b\r\n' },
  {
    name: 'body',
    asks: 'POST /products/auth/v1/tokens HTTP/1.1\r\nhost: gateway\r\ncontent-type: application/json\r\ncontent-length: 60000\r\n\r\n{"email":"',
    says: 'a',
  },
  // It asks so often that the machine's own buffers, of about four megabytes, do not take all of it. It says something, since who does not
  // read what has come would not notice that the connection is gone.
  { name: 'reading', asks: 'GET /docs/swagger-ui-bundle.js HTTP/1.1\r\nhost: gateway\r\n\r\n'.repeat(8), says: '\r\n', reads: true },
];

/** What became of the slow ones of one way. */
export interface Slow {
  /** How long each stayed, in milliseconds. */
  readonly ms: number[];
  /** How many were told that they are too slow. */
  told: number;
}

/** Keeps so many connections open in this way until it is over, each opened again when it is closed. */
export async function areSlow(way: Way, port: number, connections: number, over: () => boolean): Promise<Slow> {
  const found: Slow = { ms: [], told: 0 };
  await Promise.all(
    Array.from({ length: connections }, async () => {
      await wait(Math.random() * EVERY_MS); // as strangers come: not all at once
      while (!over()) await isSlow(way, port, found);
    }),
  );
  return found;
}

/** Is slow on one connection until that is closed. */
async function isSlow(way: Way, port: number, found: Slow): Promise<void> {
  const socket = connect(port, '127.0.0.1').on('error', () => undefined);
  const began = performance.now();
  let said = '';
  socket.on('data', (chunk) => {
    if (said === '') said = chunk.toString('latin1');
    if (way.reads) socket.pause();
  });
  const closed = new Promise<void>((resolve) => void socket.once('close', () => resolve()));
  socket.write(way.asks);
  await Promise.race([closed, goOn(socket, way)]);
  found.ms.push(performance.now() - began);
  if (said.startsWith('HTTP/1.1 408 ')) found.told++;
}

/** Goes on being slow until the connection is closed. */
async function goOn(socket: Socket, { says, reads }: Way): Promise<void> {
  await wait(Math.random() * EVERY_MS);
  while (!socket.destroyed) {
    if (reads) socket.resume();
    socket.write(says);
    await wait(EVERY_MS);
  }
}
