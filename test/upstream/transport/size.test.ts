import { brotliCompressSync, constants, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { OwnSockets } from './own-sockets.js';
import { ITEM, Rig, failureIn, kindOf, shop } from './rig.js';
import { ScriptedUpstream, response } from './scripted-upstream.js';

const KIB = 1024;
const LIMIT = 64 * KIB;
const TOO_LARGE = { kind: 'malformed', message: `shop v1 getAnything sent more than the ${LIMIT} bytes that an answer may have` };
/** What one read of a socket may bring besides. */
const ONE_READ = 64 * KIB;

const HEAD = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n';
const chunk = (bytes: Buffer): Buffer => Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')]);
/** An answer of exactly so many bytes. */
const sized = (bytes: number): string => `{"value":"${'x'.repeat(bytes - 12)}"}`;
const anything = async (...pieces: readonly Buffer[]) => {
  await using upstream = await ScriptedUpstream.says(...pieces);
  await using rig = new Rig([upstream.url], { maxAnswerBytes: LIMIT });
  return await rig.call(shop.getAnything);
};

describe('an answer that is too large', () => {
  it('is malformed from one byte over the limit on, however it is framed', async () => {
    for (const [bytes, kind] of [
      [LIMIT, 'ok'],
      [LIMIT + 1, 'malformed'],
      [6 * KIB * KIB, 'malformed'],
    ] as const) {
      const body = Buffer.from(sized(bytes));
      expect({ bytes, plain: kindOf(await anything(response(body))) }).toEqual({ bytes, plain: kind });
      const chunked = [Buffer.from(`${HEAD}transfer-encoding: chunked\r\n\r\n`), chunk(body), Buffer.from('0\r\n\r\n')];
      expect({ bytes, chunked: kindOf(await anything(...chunked)) }).toEqual({ bytes, chunked: kind });
    }
  });

  it('is refused by its announcement, before any of it has come', async () => {
    await using upstream = await ScriptedUpstream.says(`${HEAD}content-length: ${LIMIT + 1}\r\n\r\n`);
    await using rig = new Rig([upstream.url], { maxAnswerBytes: LIMIT });
    expect(failureIn(await rig.call(shop.getAnything))).toMatchObject(TOO_LARGE);
    await upstream.downTo(0);
    expect(rig.inFlight).toBe(0);
  });

  it('is cut off where it has no end: no more is read than the limit and one read', async () => {
    using own = new OwnSockets();
    const piece = chunk(Buffer.alloc(16 * KIB, 0x20));
    await using upstream = await ScriptedUpstream.listen((connection) => {
      connection.write(`${HEAD}transfer-encoding: chunked\r\n\r\n`);
      const more = (): void => void (connection.socket.writable && connection.socket.write(piece, more));
      more();
    });
    await using rig = new Rig([upstream.url], { maxAnswerBytes: LIMIT });
    expect(failureIn(await rig.call(shop.getAnything))).toMatchObject(TOO_LARGE);
    await upstream.downTo(0);
    expect(own.opened.map(({ bytesRead }) => bytesRead > LIMIT && bytesRead <= LIMIT + 2 * ONE_READ)).toEqual([true]);
  });
});

describe('an answer that is compressed', () => {
  const json = Buffer.from(`{"value":${JSON.stringify('flight '.repeat(1000))}}`);
  const coded = (coding: string, body: Buffer): Buffer => response(body, `content-encoding: ${coding}\r\n`);

  it('is not asked for', async () => {
    await using upstream = await ScriptedUpstream.says(response(ITEM));
    await using rig = new Rig([upstream.url]);
    await rig.item();
    expect((await upstream.request(1)).headers['accept-encoding']).toBe('identity');
  });

  it('is read all the same in one known coding, whole or in pieces', async () => {
    const codings = {
      gzip: gzipSync(json),
      'x-gzip': gzipSync(json),
      GZIP: gzipSync(json),
      deflate: deflateSync(json),
      br: brotliCompressSync(json),
      identity: json,
    };
    for (const [coding, body] of Object.entries(codings)) {
      expect({ coding, outcome: await anything(coded(coding, body)) }).toMatchObject({
        coding,
        outcome: { ok: true, value: JSON.parse(json.toString()) },
      });
      const bytes = [
        Buffer.from(`${HEAD}content-encoding: ${coding}\r\ntransfer-encoding: chunked\r\n\r\n`),
        ...[...body].map((byte) => chunk(Buffer.from([byte]))),
        Buffer.from('0\r\n\r\n'),
      ];
      expect(kindOf(await anything(Buffer.concat(bytes)))).toBe('ok');
    }
  });

  it('is malformed in any other coding, in two, and where it does not decompress', async () => {
    const gzip = gzipSync(json);
    const cases: Readonly<Record<string, Buffer>> = {
      'zstd, which is not known': coded('zstd', zstdCompressSync(json)),
      'compress, which is not known': coded('compress', json),
      'a name that every object has': coded('constructor', json),
      'gzip twice': coded('gzip, gzip', gzipSync(gzip)),
      'two headers': response(gzipSync(gzip), 'content-encoding: gzip\r\ncontent-encoding: gzip\r\n'),
      'gzip twice, said once': coded('gzip', gzipSync(gzip)),
      'gzip that is cut off': coded('gzip', gzip.subarray(0, -9)),
      'gzip with a wrong checksum': coded('gzip', Buffer.concat([gzip.subarray(0, -8), Buffer.alloc(8, 1)])),
      'gzip that is none': coded('gzip', json),
      'brotli that is none': coded('br', json),
      'deflate that is none': coded('deflate', json),
    };
    for (const [name, bytes] of Object.entries(cases))
      expect({ name, kind: kindOf(await anything(bytes)) }).toEqual({ name, kind: 'malformed' });
  });

  it('may be announced without there being any', async () => {
    expect(kindOf(await anything(coded('gzip', Buffer.alloc(0))))).toBe('contract');
  });

  it('is a bomb from one byte over the limit on: it ends while most of it is still to come', async () => {
    const zeros = Buffer.alloc(8 * KIB * KIB);
    const bombs = {
      gzip: gzipSync(zeros),
      br: brotliCompressSync(zeros, { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } }),
      deflate: deflateSync(zeros),
    };
    for (const [coding, bomb] of Object.entries(bombs)) {
      expect(bomb.length).toBeLessThan(LIMIT / 4);
      using own = new OwnSockets();
      await using upstream = await ScriptedUpstream.listen((connection) =>
        connection.write(`${HEAD}content-encoding: ${coding}\r\ntransfer-encoding: chunked\r\n\r\n`).write(chunk(bomb)),
      );
      await using rig = new Rig([upstream.url], { maxAnswerBytes: LIMIT });
      expect(failureIn(await rig.call(shop.getAnything))).toMatchObject(TOO_LARGE); // no last chunk was ever sent
      await upstream.downTo(0);
      expect(own.opened.map(({ bytesRead }) => bytesRead < LIMIT)).toEqual([true]);
      expect([rig.inFlight, rig.clock.pending]).toEqual([0, 0]);
    }
  });

  it('is cut off where it decompresses to nothing for ever', async () => {
    const empty = gzipSync(Buffer.alloc(0));
    const members = chunk(Buffer.concat(Array.from({ length: 800 }, () => empty)));
    await using upstream = await ScriptedUpstream.listen((connection) => {
      connection.write(`${HEAD}content-encoding: gzip\r\ntransfer-encoding: chunked\r\n\r\n`);
      const more = (): void => void (connection.socket.writable && connection.socket.write(members, more));
      more();
    });
    await using rig = new Rig([upstream.url], { maxAnswerBytes: LIMIT });
    expect(failureIn(await rig.call(shop.getAnything))).toMatchObject(TOO_LARGE);
    await upstream.downTo(0);
  });

  it('lets go of its connection where the call is given up while it comes', async () => {
    await using upstream = await ScriptedUpstream.listen((connection) =>
      connection.write(`${HEAD}content-encoding: gzip\r\ntransfer-encoding: chunked\r\n\r\n`).write(chunk(gzipSync(json).subarray(0, 20))),
    );
    await using rig = new Rig([upstream.url], { maxAnswerBytes: LIMIT });
    const calling = rig.call(shop.getAnything);
    await upstream.request(1);
    rig.clock.advance(500);
    expect(kindOf(await calling)).toBe('timeout');
    await upstream.downTo(0);
  });
});

describe('headers of an answer', () => {
  const headed = (lines: string): Buffer => Buffer.from(`HTTP/1.1 200 OK\r\n${lines}content-length: ${ITEM.length}\r\n\r\n${ITEM}`);
  const item = async (bytes: Buffer) => {
    await using upstream = await ScriptedUpstream.says(bytes);
    await using rig = new Rig([upstream.url]);
    const outcome = await rig.item();
    if (!outcome.ok) await upstream.downTo(0);
    return outcome;
  };

  it('are malformed where they are more than 16 KiB, and the connection is closed', async () => {
    const cases: Readonly<Record<string, string>> = {
      'a header of 17 KiB': `x-big: ${'x'.repeat(17 * KIB)}\r\n`,
      'a name of 17 KiB': `${'x'.repeat(17 * KIB)}: 1\r\n`,
      '3,000 headers': Array.from({ length: 3000 }, (_, i) => `x-${1000 + i}: 1\r\n`).join(''),
      'one header 3,000 times': 'set-cookie: a=1\r\n'.repeat(3000),
      'headers that never end': `x-big: ${'x'.repeat(KIB)}\r\n`.repeat(100),
    };
    for (const [name, lines] of Object.entries(cases))
      expect({ name, failure: failureIn(await item(headed(lines))) }).toMatchObject({
        name,
        failure: { kind: 'malformed', message: 'shop v1 getItem sent headers that are too large' },
      });
  });

  it('may be many and long below that', async () => {
    expect(kindOf(await item(headed(`x-big: ${'x'.repeat(15 * KIB)}\r\n`)))).toBe('ok');
    expect(kindOf(await item(headed(Array.from({ length: 1000 }, (_, i) => `x-${1000 + i}: 1\r\n`).join(''))))).toBe('ok');
  });
});
