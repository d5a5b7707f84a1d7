import { describe, expect, it } from '@jest/globals';
import { Cancellation } from '../../../src/upstream/cancellation.js';
import { ITEM, Rig, kindOf } from './rig.js';
import { ScriptedUpstream, response } from './scripted-upstream.js';

const good = (): Promise<ScriptedUpstream> => ScriptedUpstream.says(response(ITEM));
const counts = (...upstreams: readonly ScriptedUpstream[]): number[] => upstreams.map(({ received }) => received.length);

describe('several addresses of a product', () => {
  it('take turns where they are equally busy', async () => {
    await using a = await good();
    await using b = await good();
    await using c = await good();
    await using rig = new Rig([a.url, b.url, c.url]);
    for (let i = 0; i < 9; i++) expect(kindOf(await rig.item())).toBe('ok');
    expect(counts(a, b, c)).toEqual([3, 3, 3]);
  });

  it('share calls that are made at once', async () => {
    await using a = await ScriptedUpstream.listen();
    await using b = await ScriptedUpstream.listen();
    await using rig = new Rig([a.url, b.url]);
    const calling = Array.from({ length: 8 }, () => rig.item());
    await Promise.all([a.request(4), b.request(4)]);
    expect(rig.target.addresses.map(({ inFlight }) => inFlight)).toEqual([4, 4]);
    for (const { connection } of [...a.received, ...b.received]) connection.write(response(ITEM));
    expect((await Promise.all(calling)).map(kindOf)).toEqual(Array.from({ length: 8 }, () => 'ok'));
    expect(rig.inFlight).toBe(0);
  });

  it('are chosen by the fewest calls in flight: one that hangs gets no more than its share', async () => {
    await using hung = await ScriptedUpstream.listen();
    await using well = await good();
    await using rig = new Rig([hung.url, well.url]);
    const stuck = [rig.item(), rig.item()]; // one to each
    await Promise.all([hung.request(1), Promise.race(stuck)]);
    for (let i = 0; i < 10; i++) expect(kindOf(await rig.item())).toBe('ok');
    expect(counts(hung, well)).toEqual([1, 11]);
    rig.clock.advance(500);
    expect((await Promise.all(stuck)).map(kindOf).sort()).toEqual(['ok', 'timeout']);
  });

  it('do not fall with one that is dead', async () => {
    await using dead = await good();
    await using well = await good();
    await using rig = new Rig([dead.url, well.url]);
    await dead.shut();
    const kinds: string[] = [];
    for (let i = 0; i < 10; i++) kinds.push(kindOf(await rig.item()));
    expect(kinds.filter((kind) => kind === 'ok').length).toBe(5);
    expect(kinds.filter((kind) => kind === 'unreachable').length).toBe(5);
    expect(well.received.length).toBe(5);
  });

  it('keep the prefix that each has', async () => {
    await using a = await good();
    await using b = await good();
    await using rig = new Rig([`${a.url}/`, b.url.replace('/v1', '')]);
    await rig.item();
    await rig.item();
    expect([...a.received, ...b.received].map(({ line }) => line)).toEqual(['GET /v1/items/i-1 HTTP/1.1', 'GET /items/i-1 HTTP/1.1']);
  });
});

describe('the pool of an address', () => {
  it('never holds more connections than it may, and the rest of the calls wait', async () => {
    await using upstream = await ScriptedUpstream.listen();
    await using rig = new Rig([upstream.url], { connections: 2 });
    const calling = Array.from({ length: 10 }, () => rig.item());
    for (let nth = 1; nth <= 10; nth++) (await upstream.request(nth)).connection.write(response(ITEM));
    expect((await Promise.all(calling)).map(kindOf)).toEqual(Array.from({ length: 10 }, () => 'ok'));
    expect([upstream.most, upstream.connections.length]).toEqual([2, 2]);
  });

  it('is another product’s no more than its credential is: one that hangs holds its own connections', async () => {
    await using hung = await ScriptedUpstream.listen();
    await using well = await good();
    await using first = new Rig([hung.url], { connections: 1 });
    await using second = new Rig([well.url], { connections: 1 });
    const stuck = Array.from({ length: 20 }, () => first.item());
    await hung.request(1);
    for (let i = 0; i < 5; i++) expect(kindOf(await second.item())).toBe('ok');
    expect(hung.most).toBe(1);
    first.clock.advance(500);
    expect((await Promise.all(stuck)).map(kindOf)).toEqual(Array.from({ length: 20 }, () => 'timeout'));
    await hung.downTo(0);
    expect([first.inFlight, first.clock.pending]).toEqual([0, 0]);
  });

  it('loses no connection to calls that were given up while they waited for one', async () => {
    await using upstream = await ScriptedUpstream.listen();
    await using rig = new Rig([upstream.url], { connections: 1 });
    const first = rig.item();
    await upstream.request(1);
    const leaving = new Cancellation();
    const waiting = Array.from({ length: 5 }, () => rig.item(leaving));
    leaving.cancel('cancelled');
    expect((await Promise.all(waiting)).map(kindOf)).toEqual(Array.from({ length: 5 }, () => 'cancelled'));
    upstream.received[0]?.connection.write(response(ITEM));
    expect(kindOf(await first)).toBe('ok');
    const last = rig.item();
    (await upstream.request(2)).connection.write(response(ITEM));
    expect(kindOf(await last)).toBe('ok');
    expect([upstream.connections.length, upstream.received.length, rig.inFlight]).toEqual([1, 2, 0]);
  });
});
