import { describe, expect, it } from '@jest/globals';
import { Cancellation } from '../../../src/upstream/cancellation.js';
import { exchange } from '../../../src/upstream/exchange.js';
import { ITEM, Rig, kindOf, shop } from './rig.js';
import { ScriptedUpstream, response } from './scripted-upstream.js';

const GET = { method: 'GET', path: '/items/i-1', headers: {}, body: undefined, repeatable: true } as const;

describe('a call that nobody waits for any more', () => {
  it('is not made at all where it was given up before', async () => {
    await using upstream = await ScriptedUpstream.listen();
    await using rig = new Rig([upstream.url]);
    const gone = new Cancellation();
    gone.cancel('cancelled');
    expect(kindOf(await rig.item(gone))).toBe('cancelled');
    await expect(exchange(rig.target, GET, gone, () => undefined)).rejects.toMatchObject({ kind: 'cancelled', message: 'was given up' });
    expect([upstream.connections.length, rig.inFlight, rig.clock.pending]).toEqual([0, 0, 0]);
  });

  it('is never sent where it is given up while the connection is made', async () => {
    await using upstream = await ScriptedUpstream.says(response(ITEM));
    await using rig = new Rig([upstream.url], { connections: 1 });
    const leaving = new Cancellation();
    let sent = 0;
    const calling = exchange(rig.target, GET, leaving, () => sent++);
    leaving.cancel('cancelled');
    await expect(calling).rejects.toMatchObject({ kind: 'cancelled' });
    expect(rig.inFlight).toBe(0);
    expect(kindOf(await rig.item())).toBe('ok');
    expect([sent, upstream.received.length, upstream.connections.length]).toEqual([0, 1, 1]);
  });

  it('closes its connection where it was sent', async () => {
    await using upstream = await ScriptedUpstream.listen();
    await using rig = new Rig([upstream.url]);
    const leaving = new Cancellation();
    const calling = rig.item(leaving);
    const { connection } = await upstream.request(1);
    leaving.cancel('cancelled');
    expect(kindOf(await calling)).toBe('cancelled');
    await connection.closed;
    expect([upstream.open, rig.inFlight, rig.clock.pending]).toEqual([0, 0, 0]);
  });

  it('closes its connection in the middle of the headers and of the body', async () => {
    const head = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 12\r\n\r\n';
    for (const begun of ['HTTP/1.1 200', head, `${head}{"id"`]) {
      await using upstream = await ScriptedUpstream.listen();
      await using rig = new Rig([upstream.url]);
      const leaving = new Cancellation();
      const calling = rig.item(leaving);
      const { connection } = await upstream.request(1);
      await connection.flush(begun);
      leaving.cancel('cancelled');
      expect(kindOf(await calling)).toBe('cancelled');
      await connection.closed;
      expect([upstream.open, rig.inFlight, rig.clock.pending]).toEqual([0, 0, 0]);
    }
  });

  it('is told apart from one that ran out of time', async () => {
    await using upstream = await ScriptedUpstream.listen();
    await using rig = new Rig([upstream.url]);
    const late = new Cancellation();
    const calling = rig.item(late);
    await upstream.request(1);
    late.cancel('timeout');
    expect(kindOf(await calling)).toBe('timeout');
    await upstream.downTo(0);
  });

  it('leaves nothing behind where it was answered before', async () => {
    await using upstream = await ScriptedUpstream.says(response(ITEM));
    await using rig = new Rig([upstream.url], { connections: 1 });
    const leaving = new Cancellation();
    expect(kindOf(await rig.item(leaving))).toBe('ok');
    leaving.cancel('cancelled');
    expect(kindOf(await rig.item())).toBe('ok');
    expect([upstream.connections.length, rig.inFlight, rig.clock.pending]).toEqual([1, 0, 0]);
  });
});

describe('a write that nobody waits for any more', () => {
  it('is never sent where it was not on its way yet', async () => {
    await using upstream = await ScriptedUpstream.listen();
    await using rig = new Rig([upstream.url], { connections: 1 });
    const holding = rig.item();
    const { connection } = await upstream.request(1);
    const leaving = new Cancellation();
    const writing = rig.call(shop.order, { itemId: 'i-1' }, leaving);
    leaving.cancel('cancelled');
    expect(kindOf(await writing)).toBe('cancelled');
    connection.write(response(ITEM));
    expect(kindOf(await holding)).toBe('ok');
    expect([upstream.received.length, rig.inFlight, rig.clock.pending]).toEqual([1, 0, 0]);
  });

  it('runs on where it was sent, until it is answered', async () => {
    await using upstream = await ScriptedUpstream.listen();
    await using rig = new Rig([upstream.url]);
    const leaving = new Cancellation();
    const writing = rig.call(shop.order, { itemId: 'i-1' }, leaving);
    const { connection, body } = await upstream.request(1);
    leaving.cancel('cancelled');
    expect(kindOf(await writing)).toBe('cancelled');
    expect([body, upstream.open, rig.inFlight, rig.clock.pending]).toEqual(['{"itemId":"i-1"}', 1, 1, 1]);
    connection.write(response(ITEM));
    await rig.clock.downTo(0);
    expect([upstream.open, rig.inFlight]).toEqual([1, 0]); // the connection is kept
  });

  it('runs on where it was sent, no longer than to its deadline', async () => {
    await using upstream = await ScriptedUpstream.listen();
    await using rig = new Rig([upstream.url]);
    const leaving = new Cancellation();
    const writing = rig.call(shop.order, { itemId: 'i-1' }, leaving);
    await upstream.request(1);
    leaving.cancel('cancelled');
    await writing;
    rig.clock.advance(499);
    expect(upstream.open).toBe(1);
    rig.clock.advance(1);
    await upstream.downTo(0);
    expect([rig.inFlight, rig.clock.pending]).toEqual([0, 0]);
  });
});
