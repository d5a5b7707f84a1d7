import { describe, expect, it } from '@jest/globals';
import { Rig, failureIn, kindOf } from './rig.js';
import { ScriptedUpstream } from './scripted-upstream.js';

describe('a product that does not answer', () => {
  it('is unreachable where it refuses the connection', async () => {
    const upstream = await ScriptedUpstream.listen();
    await upstream.shut();
    await using rig = new Rig([upstream.url]);
    const failure = failureIn(await rig.item());
    expect(failure).toMatchObject({ kind: 'unreachable', message: 'shop v1 getItem refused the connection' });
    expect([rig.inFlight, rig.clock.pending]).toEqual([0, 0]);
  });

  it('is out of time at the deadline, and its socket is destroyed', async () => {
    await using upstream = await ScriptedUpstream.listen();
    await using rig = new Rig([upstream.url], { deadlineMs: 500 });
    const calling = rig.item();
    await upstream.request(1);
    rig.clock.advance(499);
    expect(rig.inFlight).toBe(1);
    rig.clock.advance(1);
    expect(failureIn(await calling)).toMatchObject({ kind: 'timeout', message: 'shop v1 getItem did not answer in time' });
    await upstream.downTo(0);
    expect([upstream.open, rig.inFlight, rig.clock.pending]).toEqual([0, 0, 0]);
  });

  it('is out of time too where it sends half of its headers', async () => {
    await using upstream = await ScriptedUpstream.says('HTTP/1.1 200 OK\r\ncontent-ty');
    await using rig = new Rig([upstream.url]);
    const calling = rig.item();
    await upstream.request(1);
    rig.clock.advance(500);
    expect(kindOf(await calling)).toBe('timeout');
    await upstream.downTo(0);
  });

  it('is out of time too where it sends nothing but informational responses', async () => {
    await using upstream = await ScriptedUpstream.says('HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n'.repeat(50));
    await using rig = new Rig([upstream.url]);
    const calling = rig.item();
    await upstream.request(1);
    rig.clock.advance(500);
    expect(kindOf(await calling)).toBe('timeout');
    await upstream.downTo(0);
  });

  it('gets no more time for dripping a byte now and then: the deadline is a total', async () => {
    await using upstream = await ScriptedUpstream.listen();
    await using rig = new Rig([upstream.url], { deadlineMs: 500 });
    const calling = rig.item();
    const { connection } = await upstream.request(1);
    await connection.flush('HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n');
    for (let elapsed = 100; elapsed <= 400; elapsed += 100) {
      rig.clock.advance(100);
      await connection.flush('[');
    }
    expect(rig.inFlight).toBe(1);
    rig.clock.advance(100);
    expect(kindOf(await calling)).toBe('timeout');
    await connection.closed;
    expect([upstream.open, rig.inFlight, rig.clock.pending]).toEqual([0, 0, 0]);
  });
});
