import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { Connection, request } from '../edge/connection.js';
import { openLibrary } from '../edge/library.js';

const BOOK = JSON.stringify({ id: 'b-1', title: 't', year: 1931, author: { name: 'a', born: 1900 } });
const GET = request('GET /v1/books/b-1');

describe('a gateway whose place another worker has taken', () => {
  it('takes no new connection, answers once more on those that it has, and is ready all the while', async () => {
    await using subject = await openLibrary();
    const { url, opsUrl, running, clock } = subject.gateway;
    await using kept = new Connection(url);
    await using probe = new Connection(opsUrl);
    expect((await kept.send(GET).next())?.headers['connection']).not.toBe('close');
    const probes = `GET /health/ready HTTP/1.1\r\nhost: ${new URL(opsUrl).host}\r\n\r\n`;
    await probe.send(probes).next();
    const left = running.leave(500, 1000);
    await expect(fetch(url)).rejects.toThrow('fetch failed');
    await expect(fetch(opsUrl)).rejects.toThrow('fetch failed');
    expect(await kept.send(GET).next()).toMatchObject({ status: 200, headers: { connection: 'close' } });
    expect(await probe.send(probes).next()).toMatchObject({ status: 200, headers: { connection: 'close' } });
    await left; // nothing is left to wait for
    expect(clock.now()).toBe(0);
  });

  it('closes what rests, and what was never used, when the time to ask once more is over', async () => {
    await using subject = await openLibrary();
    const { url, running, clock } = subject.gateway;
    await using rests = new Connection(url);
    await rests.send(GET).next();
    const silent = connect(Number(new URL(url).port), '127.0.0.1').on('error', () => undefined);
    await once(silent, 'connect');
    const left = running.leave(500, 1000);
    clock.advance(500);
    await once(silent.resume(), 'close');
    expect(await rests.next()).toBeUndefined();
    await left;
  });

  it('finishes what it has begun, however long that takes beyond the drain; not for ever', async () => {
    for (const answers of [true, false]) {
      await using subject = await openLibrary({ deadlineMs: 100_000, routeDeadlineMs: 200_000 });
      const { gateway, books } = subject;
      const held: ServerResponse[] = [];
      books.raw((_, response) => void held.push(response));
      await using connection = new Connection(gateway.url);
      connection.send(GET);
      await books.arrived(1);
      const left = gateway.running.leave(500, 60_000);
      gateway.clock.advance(500);
      await gateway.clock.waiting(1);
      gateway.clock.advance(59_000);
      if (answers) held[0]?.writeHead(200, { 'content-type': 'application/json' }).end(BOOK);
      else {
        await gateway.clock.waiting(3); // the deadlines, and its own
        gateway.clock.advance(60_000);
      }
      expect((await connection.next())?.status).toBe(answers ? 200 : undefined);
      await left;
    }
  });

  it('has no more time than the others, once all end', async () => {
    await using subject = await openLibrary({ deadlineMs: 100_000, routeDeadlineMs: 200_000 });
    const { gateway, books } = subject;
    books.hangs();
    await using connection = new Connection(gateway.url);
    connection.send(GET);
    await books.arrived(1);
    const left = gateway.running.leave(500, 60_000);
    const stopped = gateway.running.stop(500, 4000);
    gateway.clock.advance(4500);
    expect(await connection.next()).toBeUndefined();
    gateway.clock.advance(4500);
    await Promise.all([left, stopped]);
  });
});
