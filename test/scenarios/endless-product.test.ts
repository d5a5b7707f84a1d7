import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { brotliCompressSync, constants, deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, it, jest } from '@jest/globals';
import { openLibrary } from '../edge/library.js';
import { Monolith, ask, gatewayOver } from '../pass-through/monolith.js';
import { DEADLINE_MS, HEAD, MARKER, PATH, chunk, expectMapped, expectUnharmed, turns, whole } from './hostile.js';
import { MIB, Memory, inChunksOfOne, pours } from './pouring.js';

/** How much more the gateway may hold than before, whatever the product does; the product itself is in the same process. */
const ROOM = 64 * MIB;
// Collecting garbage again and again takes long where the machine has much else to do.
jest.setTimeout(60_000);

const fast = { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } };

describe('a product that does not come to an end', () => {
  const drips: Readonly<Record<string, readonly [string, string]>> = {
    'its status line': ['HTTP/1.1 2', '0'],
    'its headers': [HEAD, `x-${MARKER}: 1\r\n`],
    'its informational answers': ['', `HTTP/1.1 103 Early Hints\r\nlink: <${MARKER}>\r\n\r\n`],
    'its body': [`${HEAD}content-length: 100000\r\n\r\n{"id":"`, MARKER],
    'its chunks': [`${HEAD}transfer-encoding: chunked\r\n\r\n`, `3\r\n${MARKER}\r\n`],
    'what stands before its body': [`${HEAD}transfer-encoding: chunked\r\n\r\n`, '1\r\n \r\n'],
  };

  it.each(Object.entries(drips))(
    'is out of time at its deadline and no later, however often it sends a piece of %s',
    async (_, [first, piece]) => {
      await using subject = await openLibrary({ deadlineMs: DEADLINE_MS });
      const { gateway, books } = subject;
      const sockets: Socket[] = [];
      turns(subject, (socket) => {
        sockets.push(socket);
        if (first !== '') socket.write(first);
      });
      let answered = false;
      const asking = gateway.get(PATH).finally(() => (answered = true));
      await books.arrived(1);
      const [socket] = sockets;
      for (let elapsed = 50; elapsed < DEADLINE_MS; elapsed += 50) {
        gateway.clock.advance(50);
        if (first.startsWith('HTTP/1.1 2') && !first.includes('\r\n') && elapsed > 100) continue; // a status has three digits
        await new Promise((flushed) => socket?.write(piece, flushed));
      }
      expect(answered).toBe(false);
      gateway.clock.advance(50);
      expectMapped(await asking, ['timeout']);
      await books.hungUp(1);
      await expectUnharmed(subject);
    },
  );

  const extended = Buffer.from(`1;${'x'.repeat(65_536 - 7)}\r\n \r\n`);
  const endless: Readonly<Record<string, readonly [string, Buffer]>> = {
    'white space': [`${HEAD}transfer-encoding: chunked\r\n\r\n`, chunk(Buffer.alloc(65_536, ' '))],
    'one text': [`${HEAD}transfer-encoding: chunked\r\n\r\n8\r\n{"id":"p\r\n`, chunk(Buffer.alloc(65_536, MARKER))],
    'text in chunks of one byte': [`${HEAD}transfer-encoding: chunked\r\n\r\n`, Buffer.from('1\r\n1\r\n'.repeat(10_000))],
    'a chunk of 300 MB': [`${HEAD}transfer-encoding: chunked\r\n\r\n${(300 * MIB).toString(16)}\r\n`, Buffer.alloc(65_536, MARKER)],
    'a body without a length': [`${HEAD}connection: close\r\n\r\n`, Buffer.alloc(65_536, MARKER)],
    'a body of 300 MB that it announced': [`${HEAD}content-length: ${300 * MIB}\r\n\r\n`, Buffer.alloc(65_536, MARKER)],
    headers: [HEAD, Buffer.from(`x-${MARKER}: ${'a'.repeat(1000)}\r\n`.repeat(60))],
    'one header': [`${HEAD}x-long: `, Buffer.alloc(65_536, MARKER)],
    trailers: [`${HEAD}transfer-encoding: chunked\r\n\r\n0\r\n`, Buffer.from(`x-${MARKER}: ${'a'.repeat(1000)}\r\n`.repeat(60))],
    'a reason': ['HTTP/1.1 200 ', Buffer.alloc(65_536, MARKER)],
    'the extension of a chunk': [`${HEAD}transfer-encoding: chunked\r\n\r\n1;`, Buffer.alloc(65_536, MARKER)],
    'extensions, with one byte of text now and then': [`${HEAD}transfer-encoding: chunked\r\n\r\n`, extended],
  };

  it.each(Object.entries(endless))(
    'is cut off while most is still to come of 300 MB of %s, and little of it is kept',
    async (_, [first, more]) => {
      await using subject = await openLibrary({ deadlineMs: DEADLINE_MS });
      const { gateway, books } = subject;
      const memory = await Memory.now();
      const poured = new Promise<number>((resolve) =>
        turns(subject, (socket) => {
          socket.write(first);
          resolve(pours(socket, more, memory));
        }),
      );
      expectMapped(await gateway.get(PATH), ['malformed']);
      await books.hungUp(1);
      expect(await poured).toBeLessThan(50 * MIB); // what the systems on the way hold included
      await expectUnharmed(subject);
      expect(await memory.grown()).toBeLessThan(ROOM);
    },
  );

  const beside = randomBytes(1.5 * MIB).toString('base64');
  const json = Buffer.from(JSON.stringify({ title: 'T', author: { name: 'A' }, beside }));
  const answers = { identity: json, gzip: gzipSync(json), deflate: deflateSync(json), br: brotliCompressSync(json, fast) };

  it.each(Object.entries(answers))('makes the gateway hold no more by sending a byte at a time: %s', async (coding, body) => {
    await using subject = await openLibrary();
    const memory = await Memory.now();
    const bytes = inChunksOfOne(body);
    turns(subject, (socket) => {
      socket.write(`${HEAD}content-encoding: ${coding}\r\ntransfer-encoding: chunked\r\n\r\n`);
      socket.write(bytes, () => void memory.look().then(() => socket.write('0\r\n\r\n')));
    });
    expect(await subject.gateway.get(PATH)).toMatchObject({ status: 200, body: { data: { title: 'T, A' } } });
    expect(await memory.grown()).toBeLessThan(ROOM);
  });

  it('makes it hold no more so either where its answers are passed through', async () => {
    const memory = await Memory.now();
    const body = Buffer.alloc(3 * MIB, 'x');
    const bytes = inChunksOfOne(body);
    await using monolith = await Monolith.listen(async (_, { socket }) => {
      socket?.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n');
      await new Promise((taken) => socket?.write(bytes, taken));
      await memory.look();
      socket?.write('0\r\n\r\n');
    });
    await using gateway = await gatewayOver(monolith);
    const answer = await ask(`${gateway.url}/products/monolith/x`);
    expect([answer.status, answer.body.equals(body)]).toEqual([200, true]);
    expect(await memory.grown()).toBeLessThan(ROOM);
  });
});

describe('a product that says much with little', () => {
  const zeros = Buffer.alloc(64 * MIB);
  const gzip = gzipSync(zeros, { level: 1 });
  const bombs: Readonly<Record<string, readonly [string, Buffer]>> = {
    gzip: ['gzip', gzip],
    'gzip in many members': ['gzip', Buffer.concat(Array.from({ length: 5 }, () => gzip))],
    deflate: ['deflate', deflateSync(zeros, { level: 1 })],
    br: ['br', brotliCompressSync(zeros, fast)],
    'gzip in gzip': ['gzip, gzip', gzipSync(gzip)],
    'gzip in gzip, said once': ['gzip', gzipSync(gzip)],
    'br in gzip': ['br, gzip', gzipSync(brotliCompressSync(zeros, fast))],
  };

  it.each(Object.entries(bombs))('is cut off at what an answer may have, and never unpacked whole: %s', async (_, [coding, bomb]) => {
    await using subject = await openLibrary();
    const memory = await Memory.now();
    turns(subject, (socket) => void socket.end(whole(bomb, `content-encoding: ${coding}\r\n`)));
    const all = await Promise.all(Array.from({ length: 4 }, (_, nth) => subject.gateway.get(`/v1/books/b-${nth}`)));
    for (const got of all) expectMapped(got, ['malformed']);
    await expectUnharmed(subject);
    expect(await memory.grown()).toBeLessThan(ROOM);
  });
});
