import { gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { failureKinds } from '#contracts/kernel/index.js';
import { Cancellation } from '../../../src/upstream/cancellation.js';
import { OwnSockets } from './own-sockets.js';
import { ITEM, Rig, kindOf, shop } from './rig.js';
import { type Connection, ScriptedUpstream, response } from './scripted-upstream.js';

/** Something that can go wrong; one that stalls says no more until the call is out of time. */
interface Fault {
  readonly say: (connection: Connection) => unknown;
  readonly stalls?: true;
}

const HEAD = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n';
const says = (bytes: string | Buffer): Fault => ({ say: (connection) => connection.write(bytes) });
const stalls = (bytes: string): Fault => ({ ...says(bytes), stalls: true });

/** What a bad day has in store. */
const faults: readonly Fault[] = [
  says(response(ITEM)),
  stalls(''),
  says(response(ITEM)),
  stalls('HTTP/1.1 200'),
  stalls(`${HEAD}content-length: 100\r\n\r\n{"id`),
  { say: (connection) => connection.write(`${HEAD}content-length: 100\r\n\r\n{"id`).end() },
  { say: (connection) => connection.write(`${HEAD}content-length: 100\r\n\r\n{"id`).reset() },
  { say: (connection) => connection.reset() },
  { say: (connection) => connection.end() },
  says('nonsense\r\n\r\n'),
  says(Buffer.concat([response(ITEM), response('{"id":"evil"}')])),
  says(response('{"id":')),
  says(response('', '', '500 Internal Server Error')),
  says(response('', '', '404 Not Found')),
  says(response('', 'location: /elsewhere\r\n', '302 Found')),
  says(response('', 'retry-after: 1\r\n', '503 Service Unavailable')),
  says(response(' '.repeat(65 * 1024))),
  says(response(gzipSync(Buffer.alloc(1024 * 1024)), 'content-encoding: gzip\r\n')),
  says(`${HEAD}x-big: ${'x'.repeat(17 * 1024)}\r\n\r\n`),
  { say: (connection) => connection.write(response(ITEM)).end() },
];

/** Makes so many rounds of calls, more at once than there are connections, each request meeting the next fault; gives how often each kind came. */
async function badDay(rig: Rig, upstream: ScriptedUpstream, rounds: number): Promise<ReadonlyMap<string, number>> {
  let met = 0;
  upstream.script = (connection) => {
    const fault = faults[met++ % faults.length];
    fault?.say(connection);
    if (fault?.stalls) rig.clock.advance(500);
  };
  const kinds = new Map<string, number>();
  for (let round = 0; round < rounds; round++) {
    const leaving = new Cancellation();
    const calls = [rig.item(), rig.item(), rig.call(shop.order, { itemId: 'i-1' }), rig.item(), rig.item(leaving)];
    if (round % 3 === 0) leaving.cancel('cancelled');
    for (const outcome of await Promise.all(calls)) kinds.set(kindOf(outcome), (kinds.get(kindOf(outcome)) ?? 0) + 1);
    rig.clock.advance(1000); // the product asked to be left alone for a second
  }
  return kinds;
}

describe('after a bad day', () => {
  it('nothing is left behind: no socket beyond the pool’s, no timer, no call in flight', async () => {
    using own = new OwnSockets();
    await using upstream = await ScriptedUpstream.listen();
    await using rig = new Rig([upstream.url], { connections: 3 });
    const kinds = await badDay(rig, upstream, 100);
    expect([rig.inFlight, rig.clock.pending]).toEqual([0, 0]);
    expect(own.opened.length).toBeGreaterThan(100);
    expect(own.most).toBe(3);
    await upstream.downTo(3);
    expect(rig.target.addresses.map(({ pool }) => pool.stats.running + pool.stats.queued)).toEqual([0]);
    expect([...kinds.keys()].filter((kind) => kind !== 'ok' && !(failureKinds as readonly string[]).includes(kind))).toEqual([]);
    expect([...kinds.keys()]).toEqual(expect.arrayContaining(['ok', 'timeout', 'malformed', 'unreachable', 'cancelled', 'error']));

    await rig.target.close();
    await upstream.downTo(0);
  });

  it('calls are answered as well as ever', async () => {
    await using upstream = await ScriptedUpstream.listen();
    await using rig = new Rig([upstream.url], { connections: 3 });
    await badDay(rig, upstream, 20);
    upstream.script = (connection) => connection.write(response(ITEM));
    const kinds: string[] = [];
    for (let i = 0; i < 20; i++) kinds.push(kindOf(await rig.item()));
    expect(kinds).toEqual(Array.from({ length: 20 }, () => 'ok'));
  });
});
