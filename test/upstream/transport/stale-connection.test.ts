import { describe, expect, it } from '@jest/globals';
import { ITEM, Rig, kindOf, shop } from './rig.js';
import { type Connection, ScriptedUpstream, response } from './scripted-upstream.js';

const closes = [
  ['closed', (connection: Connection) => connection.end()],
  ['reset', (connection: Connection) => connection.reset()],
] as const;

/** Answers the first request on each connection, and ends the connection with the second one, as soon as it has arrived. */
const endsOnReuse = (end: (connection: Connection) => unknown) =>
  ScriptedUpstream.listen((connection) => (connection.received.length === 1 ? connection.write(response(ITEM)) : end(connection)));

describe.each(['lean', 'undici'] as const)('a kept connection that is closed just as it is used again, by the %s client', (client) => {
  it.each(closes)('costs a read nothing: it goes out once more, on a fresh connection: %s', async (_, end) => {
    await using upstream = await endsOnReuse(end);
    await using rig = new Rig([upstream.url], { connections: 1, client });
    expect([kindOf(await rig.item()), kindOf(await rig.item())]).toEqual(['ok', 'ok']);
    expect(upstream.connections.map(({ received }) => received.length)).toEqual([2, 1]);
    expect([rig.inFlight, rig.clock.pending]).toEqual([0, 0]);
  });

  it.each(closes)('costs a read nothing where somebody intercepts: %s', async (_, end) => {
    await using upstream = await endsOnReuse(end);
    await using rig = new Rig([upstream.url], { connections: 1, client });
    rig.http.interceptors.request.use((config) => config);
    expect([kindOf(await rig.item()), kindOf(await rig.item())]).toEqual(['ok', 'ok']);
    expect(upstream.connections.map(({ received }) => received.length)).toEqual([2, 1]);
  });

  it.each(closes)('is a failure of a write, which goes out once: %s', async (_, end) => {
    await using upstream = await endsOnReuse(end);
    await using rig = new Rig([upstream.url], { connections: 1, client });
    const order = () => rig.call(shop.order, { itemId: 'i-1' });
    expect([kindOf(await order()), kindOf(await order())]).toEqual(['ok', 'unreachable']);
    expect(upstream.connections.map(({ received }) => received.length)).toEqual([2]);
    expect(kindOf(await order())).toBe('ok');
  });

  it.each(closes)('is a failure where the fresh connection is closed too: a call goes out twice at most: %s', async (_, end) => {
    await using upstream = await ScriptedUpstream.listen((connection) =>
      upstream.received.length === 1 ? connection.write(response(ITEM)) : end(connection),
    );
    await using rig = new Rig([upstream.url], { connections: 1, client });
    expect([kindOf(await rig.item()), kindOf(await rig.item())]).toEqual(['ok', 'unreachable']);
    expect(upstream.connections.map(({ received }) => received.length)).toEqual([2, 1]);
  });

  it('is a failure where the call went out again and met another such connection', async () => {
    await using one = await endsOnReuse((connection) => connection.reset());
    await using other = await endsOnReuse((connection) => connection.reset());
    await using rig = new Rig([one.url, other.url], { connections: 1, client });
    expect([kindOf(await rig.item()), kindOf(await rig.item()), kindOf(await rig.item())]).toEqual(['ok', 'ok', 'unreachable']);
    expect([one.received.length, other.received.length]).toEqual([2, 2]);
  });

  it('is a failure where something came that is no answer', async () => {
    await using upstream = await endsOnReuse((connection) => connection.write('this is no HTTP\r\n\r\n').end());
    await using rig = new Rig([upstream.url], { connections: 1, client });
    expect([kindOf(await rig.item()), kindOf(await rig.item())]).toEqual(['ok', 'malformed']);
    expect(upstream.received).toHaveLength(2);
  });

  it('is a failure where a byte of an answer came', async () => {
    await using upstream = await ScriptedUpstream.listen((connection) =>
      connection.received.length === 1 ? connection.write(response(ITEM)) : connection.write('HTTP/1.1 2').end(),
    );
    await using rig = new Rig([upstream.url], { connections: 1, client });
    expect([kindOf(await rig.item()), kindOf(await rig.item())]).toEqual(['ok', 'unreachable']);
    expect(upstream.received).toHaveLength(2);
  });

  it('is not repeated for a caller who has left', async () => {
    await using upstream = await ScriptedUpstream.listen((connection) => {
      if (connection.received.length === 1) connection.write(response(ITEM));
    });
    await using rig = new Rig([upstream.url], { connections: 1, client });
    await rig.item();
    const calling = rig.item();
    await upstream.request(2);
    rig.clock.advance(500);
    expect(kindOf(await calling)).toBe('timeout');
    await upstream.downTo(0);
    expect([upstream.received.length, upstream.connections.length]).toEqual([2, 1]);
  });
});

describe('a fresh connection that is closed before an answer', () => {
  it('is a failure, one that replaces a kept one too', async () => {
    await using upstream = await ScriptedUpstream.listen((connection) => {
      const [first, second] = upstream.connections;
      if (connection === first && connection.received.length === 1) connection.write(response(ITEM, 'connection: close\r\n')).end();
      else if (connection === second) connection.end();
      else connection.write(response(ITEM));
    });
    await using rig = new Rig([upstream.url], { connections: 1 });
    expect(kindOf(await rig.item())).toBe('ok');
    expect(kindOf(await rig.item())).toBe('unreachable');
    expect(upstream.received).toHaveLength(2);
  });
});
