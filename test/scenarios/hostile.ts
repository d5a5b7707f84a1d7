import type { Socket } from 'node:net';
import { expect } from '@jest/globals';
import { failures } from '#contracts/kernel/index.js';
import type { Library } from '../edge/library.js';
import type { Got } from '../gateway.js';

/** What the product says wherever it can say something: a caller must never read it. */
export const MARKER = 'p0n';
/** How long a product has. */
export const DEADLINE_MS = 500;
/** A route that can't do without the product of books. */
export const PATH = '/v1/books/b-1';
/** The beginning of an answer whose length is still to be said. */
export const HEAD = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n';

/** One chunk of a body. */
export const chunk = (bytes: Buffer): Buffer =>
  Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')]);

/** An answer with a body of this length announced, the last one on its connection. */
export const whole = (body: string | Buffer, more = '', status = '200 OK'): Buffer =>
  Buffer.concat([
    Buffer.from(
      `HTTP/1.1 ${status}\r\ncontent-type: application/json\r\n${more}connection: close\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n`,
    ),
    Buffer.from(body),
  ]);

/** From now on the product of books does as it likes with each connection on which it is asked. */
export function turns({ books }: Library, act: (socket: Socket) => void): void {
  books.raw(({ socket }) => {
    socket.on('error', () => undefined); // what the gateway does to it
    act(socket);
  });
}

/** An answer that the table of failures knows, and nothing in it that the product said. */
export function expectMapped(got: Got, kinds: readonly string[]): void {
  const { code, product } = got.body as { readonly code: keyof typeof failures; readonly product: string };
  expect(kinds).toContain(code);
  expect([got.status, product]).toEqual([failures[code].status, 'library']);
  expect(got.headers.get('content-type')).toContain('problem+json');
  expect(got.text + JSON.stringify([...got.headers])).not.toContain(MARKER);
}

/** The gateway is none the worse: the next call is answered, and no line of the log tells of a bug. */
export async function expectUnharmed({ gateway, books }: Library): Promise<void> {
  books.mends();
  expect(await gateway.get(PATH)).toMatchObject({ status: 200, body: { data: { title: 'Night Flight, Antoine' } } });
  expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
  expect(gateway.log.filter(({ level }) => Number(level) >= 50)).toEqual([]);
}
