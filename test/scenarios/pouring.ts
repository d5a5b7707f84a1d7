import type { Socket } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

export const MIB = 1024 * 1024;

/** The most that a product pours out, in bytes. */
const MOST = 300 * MIB;

/** What this process holds beside garbage: the most that was seen, against what it was at first. */
export class Memory {
  #most = 0;

  private constructor(readonly first: number) {}

  static async now(): Promise<Memory> {
    return new Memory(await held());
  }

  /** Looks once more. */
  async look(): Promise<void> {
    this.#most = Math.max(this.#most, await held());
  }

  /** By how many bytes it has grown at the most. */
  async grown(): Promise<number> {
    await this.look();
    return this.#most - this.first;
  }
}

/**
 * Writes bytes as they are, over and over, as long as somebody takes them, 300 MB at the most; looks at memory after each tenth of
 * that, and once early. Tells each time how many it has been, and at the end.
 */
export async function pours(socket: Socket, bytes: Buffer, memory: Memory, told = (_: number): void => undefined): Promise<number> {
  let sum = 0;
  for (let nth = 1; sum < MOST && socket.writable; nth++) {
    await new Promise((taken) => socket.write(bytes, taken));
    sum += bytes.length;
    if (nth === 32 || nth % Math.ceil(MOST / 10 / bytes.length) === 0) await memory.look();
    told(sum);
  }
  return sum;
}

/** A body in chunks of one byte, and no last one. */
export function inChunksOfOne(body: Buffer): Buffer {
  const bytes = Buffer.alloc(body.length * 6, '1\r\n \r\n');
  for (const [at, byte] of body.entries()) bytes[at * 6 + 3] = byte;
  return bytes;
}

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

async function held(): Promise<number> {
  // What is found to be garbage may have held more, and some of it is let go of on another thread.
  for (let round = 1; round <= 2; round++) {
    collect();
    await new Promise<void>((resolve) => void setImmediate(resolve));
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
