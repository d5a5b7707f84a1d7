import { type Socket, connect } from 'node:net';
import { once } from 'node:events';
import { Server } from 'node:http';
import { PassThrough } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { Connections } from '../../src/edge/connections.js';
import { handClock } from '../hand-clock.js';
import { openLibrary } from './library.js';

const ASK = 'GET /v1/books/b-1 HTTP/1.1\r\nHost: gateway\r\n\r\n';

/** A connection to a gateway. */
async function open(url: string): Promise<Socket> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.on('error', () => undefined); // closed by the other side, which a test waits for
  await once(socket, 'connect');
  return socket;
}

/** Whether something is answered on it; false where it is closed first. */
async function answers(socket: Socket): Promise<boolean> {
  socket.write(ASK);
  return Promise.race([once(socket, 'data').then(() => true), once(socket, 'close').then(() => false)]);
}

describe('connections of callers', () => {
  it.each([
    ['in all', '{ most: 3 }', 'most'],
    ['from one address', '{ perAddress: 3 }', 'perAddress'],
  ])('are bounded %s: one too many is closed at once, and counted; the others go on', async (_, bounds, why) => {
    await using subject = await openLibrary({ yaml: `edge: { connections: ${bounds} }\n` });
    const { gateway } = subject;
    const held = [await open(gateway.url), await open(gateway.url), await open(gateway.url)];
    for (const socket of held) expect(await answers(socket)).toBe(true);
    expect(await answers(await open(gateway.url))).toBe(false);
    expect(await gateway.metric('interline_connections_refused_total', { why })).toBe(1);
    for (const socket of held) expect(await answers(socket)).toBe(true);
    const [first] = held;
    first?.destroy();
    while (!(await open(gateway.url).then(answers))); // its place is free as soon as that is seen
    for (const socket of held) socket.destroy();
  });

  it.each([
    ['one of its addresses', ['192.0.2.1', '192.0.2.1', '::ffff:192.0.2.1'], '192.0.2.2'],
    ['any address of its /64', ['2001:db8::1', '2001:db8::2', '2001:db8:0:0:ffff::3'], '2001:db8:0:1::1'],
  ])('count as those of one stranger from %s', (_, addresses, another) => {
    const refused: string[] = [];
    const server = new Server();
    const terms = { most: 100, perAddress: 2, patienceMs: 1000, clock: handClock() };
    const connections = new Connections(server, terms, { refused: (why) => refused.push(why), unread: () => undefined });
    const from = (remoteAddress: string): PassThrough => Object.assign(new PassThrough(), { remoteAddress });
    const [first, second, third] = addresses.map(from);
    for (const connection of [first, second]) server.emit('connection', connection);
    expect(refused).toEqual([]);
    server.emit('connection', third);
    expect([refused, third?.destroyed, connections.open]).toEqual([['perAddress'], true, 2]);
    server.emit('connection', from(another));
    expect([refused, connections.open]).toEqual([['perAddress'], 3]);
  });

  it('do not hold up an orderly end where nothing was asked on them yet', async () => {
    const subject = await openLibrary();
    const silent = await open(subject.gateway.url);
    const asked = await open(subject.gateway.url);
    expect(await answers(asked)).toBe(true);
    const closed = once(silent, 'close');
    await subject.gateway.running.stop(0, 3_600_000); // on a clock that stands still: nothing but the end itself closes them
    await closed;
    await subject[Symbol.asyncDispose]();
  });
});
