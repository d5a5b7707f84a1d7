import { describe, expect, it } from '@jest/globals';
import { malformedResponses } from './malformed-responses.js';
import type { Outcome } from '../../../src/upstream/answer.js';
import { ITEM, Rig, failureIn, kindOf } from './rig.js';
import { type Connection, ScriptedUpstream, response } from './scripted-upstream.js';

const TRUNCATED = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{"id"';

describe('an answer that breaks off', () => {
  it('is malformed where it ends before its length, and is not taken for an answer', async () => {
    await using upstream = await ScriptedUpstream.listen((connection) => connection.write(TRUNCATED).end());
    await using rig = new Rig([upstream.url]);
    expect(failureIn(await rig.item())).toMatchObject({ kind: 'malformed', message: expect.stringMatching(/broke off|another length/) });
    await upstream.downTo(0);
    expect([rig.inFlight, rig.clock.pending]).toEqual([0, 0]);
  });

  it('is malformed where its chunks never end', async () => {
    await using upstream = await ScriptedUpstream.listen((connection) =>
      connection
        .write('HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\nc\r\n{"id":"i-1"}\r\n')
        .end(),
    );
    await using rig = new Rig([upstream.url]);
    expect(kindOf(await rig.item())).toBe('malformed');
  });

  it('is unreachable where the connection is reset in the middle of it', async () => {
    await using upstream = await ScriptedUpstream.listen();
    await using rig = new Rig([upstream.url]);
    const calling = rig.item();
    const { connection } = await upstream.request(1);
    await connection.flush(TRUNCATED);
    connection.reset();
    expect(failureIn(await calling)).toMatchObject({ kind: 'unreachable', message: 'shop v1 getItem closed the connection' });
    expect([rig.inFlight, rig.clock.pending]).toEqual([0, 0]);
  });

  it('is unreachable where the connection is closed or reset before it begins', async () => {
    for (const end of [(connection: Connection) => connection.end(), (connection: Connection) => connection.reset()]) {
      await using upstream = await ScriptedUpstream.listen(end);
      await using rig = new Rig([upstream.url]);
      expect(failureIn(await rig.item())).toMatchObject({ kind: 'unreachable', message: 'shop v1 getItem closed the connection' });
    }
  });
});

describe('a response that breaks HTTP', () => {
  it.each(malformedResponses)(
    'ends the call at once where the connection is closed after it: $name is $closed',
    async ({ bytes, closed }) => {
      await using upstream = await ScriptedUpstream.listen((connection) => connection.write(Buffer.from(bytes, 'latin1')).end());
      await using rig = new Rig([upstream.url]);
      const outcome = await rig.item();
      expect([kindOf(outcome), outcome.ok && outcome.value]).toEqual([closed, closed === 'ok' && { id: 'i-1' }]);
      await upstream.downTo(0);
      expect([rig.inFlight, rig.clock.pending]).toEqual([0, 0]);
      expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
    },
  );

  it.each(malformedResponses)(
    'never outlives the deadline where the connection stays open after it: $name is $kept',
    async ({ bytes, kept }) => {
      await using upstream = await ScriptedUpstream.listen();
      await using rig = new Rig([upstream.url]);
      const calling = rig.item();
      const { connection } = await upstream.request(1);
      await connection.flush(Buffer.from(bytes, 'latin1'));
      if (kept === 'timeout') rig.clock.advance(500);
      expect(kindOf(await calling)).toBe(kept);
      if (kept !== 'ok' && kept !== 'error') await connection.closed;
      expect([rig.inFlight, rig.clock.pending]).toEqual([0, 0]);
    },
  );
});

describe.each(['lean', 'undici'] as const)('bytes after a response to the %s client', (client) => {
  const GOOD = response(ITEM);
  const EVIL = response('{"id":"evil"}');
  const idOf = async (calling: Promise<Outcome>): Promise<unknown> => {
    const outcome = await calling;
    return outcome.ok ? outcome.value : outcome.failure.kind;
  };

  it('never answer the next call on the connection', async () => {
    await using upstream = await ScriptedUpstream.says(Buffer.concat([GOOD, EVIL]));
    await using rig = new Rig([upstream.url], { connections: 1, client });
    for (let i = 0; i < 20; i++) expect(await idOf(rig.item())).not.toEqual({ id: 'evil' });
    expect(upstream.connections.every(({ received }) => received.length === 1)).toBe(true);
  });

  it('never answer the next call where they come after the response was taken', async () => {
    await using upstream = await ScriptedUpstream.says(GOOD);
    await using rig = new Rig([upstream.url], { connections: 1, client });
    expect(await idOf(rig.item())).toEqual({ id: 'i-1' });
    const [first] = upstream.connections;
    await first?.flush(EVIL);
    await first?.closed; // an idle connection that speaks is closed
    expect(await idOf(rig.item())).toEqual({ id: 'i-1' });
    expect(upstream.connections.length).toBe(2);
  });

  it('never answer calls that wait for the connection', async () => {
    await using upstream = await ScriptedUpstream.says(Buffer.concat([GOOD, EVIL, EVIL]));
    await using rig = new Rig([upstream.url], { connections: 2, client });
    const got = await Promise.all(Array.from({ length: 40 }, () => idOf(rig.item())));
    expect(got).not.toContainEqual({ id: 'evil' });
    expect(got).toContainEqual({ id: 'i-1' });
    expect(rig.inFlight).toBe(0);
  });

  it('never answer the next call where a 204 or a 304 has a body', async () => {
    for (const status of ['204 No Content', '304 Not Modified']) {
      await using upstream = await ScriptedUpstream.says(
        Buffer.concat([Buffer.from(`HTTP/1.1 ${status}\r\ncontent-length: ${EVIL.length}\r\n\r\n`), EVIL]),
      );
      await using rig = new Rig([upstream.url], { connections: 1, client });
      for (let i = 0; i < 5; i++) expect(await idOf(rig.item())).not.toEqual({ id: 'evil' });
    }
  });
});
