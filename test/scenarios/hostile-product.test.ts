import { once } from 'node:events';
import { createServer } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { openLibrary } from '../edge/library.js';
import { brokenJson } from '../upstream/transport/broken-json.js';
import { malformedResponses } from '../upstream/transport/malformed-responses.js';
import { DEADLINE_MS, MARKER, PATH, expectMapped, expectUnharmed, turns, whole } from './hostile.js';

describe('a product that breaks HTTP', () => {
  // A harmless one among them is an answer without a title.
  const become = (kind: string): string => (kind === 'ok' ? 'contract' : kind);

  it(`is told apart in ${malformedResponses.length} ways, by whoever closes the connection`, async () => {
    await using subject = await openLibrary({ deadlineMs: DEADLINE_MS });
    const { gateway, books } = subject;
    for (const { name, bytes, closed, kept } of malformedResponses) {
      const said = Buffer.from(bytes.replaceAll('i-1', MARKER).replaceAll(' OK', ` ${MARKER}`), 'latin1');
      turns(subject, (socket) => void socket.end(said));
      const got = await gateway.get(PATH);
      expect({ name, code: (got.body as { code: string }).code }).toEqual({ name, code: become(closed) });
      expectMapped(got, [become(closed)]);

      const before = books.calls.length;
      const flushed = new Promise((done) => turns(subject, (socket) => void socket.write(said, done)));
      const asking = gateway.get(PATH);
      await books.arrived(before + 1);
      await flushed;
      if (kept === 'timeout') gateway.clock.advance(DEADLINE_MS);
      expectMapped(await asking, [become(kept)]);
    }
    await expectUnharmed(subject);
  }, 60_000);

  it(`is malformed in ${brokenJson.length} bodies that are not JSON`, async () => {
    await using subject = await openLibrary();
    for (const text of brokenJson) {
      turns(subject, (socket) => void socket.end(whole(text.replaceAll('i-1', MARKER))));
      expectMapped(await subject.gateway.get(PATH), ['malformed']);
    }
    await expectUnharmed(subject);
  }, 60_000);

  it('is what is missing, and no more than that, where the answer can do without it', async () => {
    await using subject = await openLibrary({ deadlineMs: DEADLINE_MS });
    const { gateway, readers } = subject;
    for (const { name, bytes, closed } of malformedResponses) {
      readers.raw(({ socket }) => void socket.end(Buffer.from(bytes.replaceAll('i-1', MARKER), 'latin1')));
      const got = await gateway.get(`${PATH}?reader=r-1`);
      expect({ name, status: got.status, body: got.body }).toMatchObject({
        name,
        status: 200,
        body: {
          data: { greeting: null },
          complete: false,
          parts: { reader: { state: 'failed', product: 'people', reason: become(closed) } },
        },
      });
      expect(got.text).not.toContain(MARKER);
    }
  }, 60_000);
});

describe('a product whose JSON is meant to do harm', () => {
  it('is as harmless at a depth of a million as at one of a hundred, in what is read and beside it', async () => {
    await using subject = await openLibrary();
    const { gateway } = subject;
    for (const depth of [100, 1000, 10_000, 100_000, 1_000_000])
      for (const [open, close] of [
        ['[', ']'],
        ['{"a":', '}'],
      ] as const) {
        const deep = open.repeat(depth) + (close === '}' ? '1' : '') + close.repeat(depth);
        if (deep.length > 4 * 1024 * 1024) continue; // those are too large before they are too deep
        turns(subject, (socket) => void socket.end(whole(deep)));
        expectMapped(await gateway.get(PATH), ['contract', 'malformed']);
        turns(subject, (socket) => void socket.end(whole(`{"id":"b-1","title":${deep}}`)));
        expectMapped(await gateway.get(PATH), ['contract', 'malformed']);
        turns(subject, (socket) => void socket.end(whole(`{"title":"T","author":{"name":"A"},"beside":${deep}}`)));
        expect(await gateway.get(PATH)).toMatchObject({ status: 200, body: { data: { title: 'T, A' }, complete: true } });
      }
    await expectUnharmed(subject);
  }, 60_000);

  it('adds nothing to any object by the names that all objects have, and fills no field with them', async () => {
    await using subject = await openLibrary();
    const { gateway } = subject;
    const evil = [
      `"__proto__":{"title":"${MARKER}","author":{"name":"${MARKER}"},"polluted":true}`,
      `"constructor":{"prototype":{"title":"${MARKER}","polluted":true}}`,
      `"__proto__":null`,
      `"prototype":{"polluted":true},"hasOwnProperty":"${MARKER}","toString":1,"valueOf":null,"then":"${MARKER}"`,
      `"\\u005f_proto__":{"title":"${MARKER}","polluted":true}`,
    ];
    for (const keys of evil) {
      turns(subject, (socket) => void socket.end(whole(`{${keys}}`)));
      expectMapped(await gateway.get(PATH), ['contract']);
      turns(subject, (socket) => void socket.end(whole(`{${keys},"title":"T","author":{"name":"A",${keys}}}`)));
      const got = await gateway.get(PATH);
      expect(got).toMatchObject({ status: 200, body: { data: { title: 'T, A' } } });
      expect(got.text).not.toContain(MARKER);
      turns(subject, (socket) => void socket.end(whole(`{"code":"bookNotFound",${keys}}`, '', '404 Not Found')));
      expect(await gateway.get(PATH)).toMatchObject({ status: 404, body: { code: 'bookUnknown' } });
      expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
    }
    await expectUnharmed(subject);
  });
});

describe('a product that sends the gateway elsewhere', () => {
  it('has nobody called: not on this machine, not by any status, not in any spelling', async () => {
    let hits = 0;
    const inner = createServer((socket) => {
      hits++;
      socket.destroy();
    });
    inner.listen(0, '127.0.0.1');
    await once(inner, 'listening');
    try {
      const at = inner.address();
      const port = typeof at === 'object' && at ? at.port : 0;
      await using subject = await openLibrary();
      const { gateway, books } = subject;
      const places = [
        `http://127.0.0.1:${port}/${MARKER}`,
        `//127.0.0.1:${port}/`,
        `http://localhost:${port}`,
        `http://[::ffff:127.0.0.1]:${port}/`,
      ];
      for (const status of [300, 301, 302, 303, 305, 307, 308, 201, 401, 503])
        for (const place of places) {
          const before = books.calls.length;
          const more = ['location', 'refresh', 'content-location', 'link', 'alt-svc'].map((name) => `${name}: ${place}\r\n`).join('');
          turns(subject, (socket) => void socket.end(whole(`{"x":"${MARKER}"}`, more, `${status} ${MARKER}`)));
          expectMapped(await gateway.get(PATH), ['refused', 'error', 'malformed', 'contract']);
          expect({ status, place, calls: books.calls.length - before }).toEqual({ status, place, calls: 1 });
        }
      await expectUnharmed(subject);
      expect(hits).toBe(0);
    } finally {
      inner.close();
    }
  });
});
