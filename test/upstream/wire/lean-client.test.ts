import { describe, expect, it } from '@jest/globals';
import type { Outgoing } from '../../../src/upstream/wire/client.js';
import { OwnSockets } from '../transport/own-sockets.js';
import { ITEM } from '../transport/rig.js';
import { ScriptedUpstream, response } from '../transport/scripted-upstream.js';
import { type Came, GET, Taking, TwoClients, ask } from './two-clients.js';

const originOf = (upstream: ScriptedUpstream): string => new URL(upstream.url).origin;
const statusOf = (came: Came): unknown => ('error' in came ? came.error : came.status);
const post = (headers: Readonly<Record<string, string>>, body: string | undefined): Outgoing => ({
  method: 'POST',
  path: '/',
  headers,
  body,
});

async function* pieces(): AsyncIterable<Buffer> {
  yield Buffer.from('in ');
  yield Buffer.from('pieces');
}

describe.each(['lean', 'undici'] as const)('a request of the %s client', (kind) => {
  it('goes out with its text, whatever alphabets its headers and its body are in', async () => {
    await using upstream = await ScriptedUpstream.says(response(ITEM));
    await using clients = new TwoClients(originOf(upstream));
    for (const header of ['plain', 'h\u00e9ader'])
      for (const body of ['plain', 'b\u00f6dy', '\u8239\ud83d\ude80', '', undefined]) {
        expect(statusOf(await ask(clients[kind], post({ 'x-a': header }, body)))).toBe(200);
        const received = upstream.received.at(-1);
        const sent = Buffer.byteLength(body ?? '');
        expect(received).toMatchObject({ body: body ?? '', headers: { 'x-a': header, 'content-length': String(sent) } });
      }
  });

  it('says no length where its method has no body, and closes its connection where it asks for a head alone', async () => {
    await using upstream = await ScriptedUpstream.says(response('', 'x-a: 1\r\n'));
    await using clients = new TwoClients(originOf(upstream));
    expect([await ask(clients[kind]), await ask(clients[kind], { ...GET, method: 'HEAD' })].map(statusOf)).toEqual([200, 200]);
    const [get, head] = upstream.received;
    expect([get?.headers['content-length'], get?.headers['connection']]).toEqual([undefined, 'keep-alive']);
    expect([head?.headers['content-length'], head?.headers['connection']]).toEqual([undefined, 'close']);
    await head?.connection.closed;
  });

  it('is refused before it goes out where a part of it can’t stand there, and what was refused is not told', async () => {
    await using upstream = await ScriptedUpstream.says(response(ITEM));
    await using clients = new TwoClients(originOf(upstream), 1);
    const wrong: Readonly<Record<string, Outgoing>> = {
      'a path with a blank': { ...GET, path: '/canary 4711' },
      'a path with a line end': { ...GET, path: '/canary-4711\r\nx: 1' },
      'a path outside of Latin-1': { ...GET, path: '/canary-4711\u8239' },
      'a path without a slash': { ...GET, path: 'canary-4711' },
      'a method with a blank': { ...GET, method: 'canary-4711 X' },
      'a value with a line end': { ...GET, headers: { 'x-a': 'canary-4711\r\nx: 1' } },
      'a value with a NUL': { ...GET, headers: { 'x-a': 'canary-4711\0' } },
      'a value outside of Latin-1': { ...GET, headers: { 'x-a': 'canary-4711\u8239' } },
      'a name with a colon': { ...GET, headers: { 'x-canary-4711: 1\r\nx': '1' } },
      'a coding of its own': { ...GET, headers: { 'transfer-encoding': 'canary-4711' } },
      'a length that is none': { ...GET, headers: { 'Content-Length': 'canary-4711' } },
      'a body as it goes, and a value with a line end': { ...post({ 'x-a': 'canary-4711\r\nx: 1' }, ''), body: pieces() },
    };
    for (const [name, outgoing] of Object.entries(wrong)) {
      const came = await ask(clients[kind], outgoing);
      expect({ name, came }).toEqual({ name, came: { error: expect.anything() } });
      expect('error' in came ? String(came.error) : came).not.toContain('canary-4711');
    }
    expect(upstream.received).toEqual([]);
    expect(statusOf(await ask(clients[kind]))).toBe(200); // they cost no connection
  });

  it('may bring a body that comes as it goes', async () => {
    let body = '';
    await using upstream = await ScriptedUpstream.listen();
    await using clients = new TwoClients(originOf(upstream));
    const asking = ask(clients[kind], { method: 'POST', path: '/', headers: {}, body: pieces() });
    await upstream.connected(1);
    const [connection] = upstream.connections;
    connection?.socket.on('data', (chunk: Buffer) => {
      body += chunk.toString('latin1');
      if (body.endsWith('0\r\n\r\n')) connection.write(response(ITEM));
    });
    expect(statusOf(await asking)).toBe(200);
    expect(body).toMatch(/3\r\nin \r\n6\r\npieces\r\n0\r\n\r\n$/);
  });
});

describe('the connections of the lean client', () => {
  it('carry requests in the order in which they came', async () => {
    await using upstream = await ScriptedUpstream.says(response(ITEM));
    await using clients = new TwoClients(originOf(upstream), 1);
    const paths = Array.from({ length: 20 }, (_, nth) => `/${nth}`);
    await Promise.all(paths.map((path) => ask(clients.lean, { ...GET, path })));
    expect(upstream.received.map(({ line }) => line)).toEqual(paths.map((path) => `GET ${path} HTTP/1.1`));
    expect(upstream.connections.length).toBe(1);
  });

  it('are taken again in the order in which they were last used, so that those that nobody needs grow old', async () => {
    await using upstream = await ScriptedUpstream.listen();
    await using clients = new TwoClients(originOf(upstream));
    const asking = Array.from({ length: 3 }, () => ask(clients.lean));
    await upstream.request(3);
    for (const { connection } of upstream.received) {
      connection.write(response(ITEM));
      await Promise.race(asking);
    }
    await Promise.all(asking);
    const before = upstream.received.length;
    upstream.script = (connection) => connection.write(response(ITEM));
    for (let i = 0; i < 10; i++) await ask(clients.lean);
    expect(new Set(upstream.received.slice(before).map(({ connection }) => connection)).size).toBeLessThanOrEqual(2);
    expect(upstream.connections.length).toBe(3);
  });

  it('are not kept where the server says that it closes them soon', async () => {
    await using upstream = await ScriptedUpstream.says(response(ITEM, 'Keep-Alive: max=5, timeout=2\r\n'));
    await using clients = new TwoClients(originOf(upstream));
    for (let i = 0; i < 3; i++) {
      await ask(clients.lean);
      await upstream.connections[i]?.closed;
    }
    expect(upstream.connections.length).toBe(3);
  });

  it('are closed once they were free for as long as they are kept, and not while they carry something', async () => {
    await using upstream = await ScriptedUpstream.says(response(ITEM, 'Keep-Alive: timeout=602\r\n'));
    await using clients = new TwoClients(originOf(upstream), 1);
    const sweep = (times: number): void => {
      for (let i = 0; i < times; i++) clients.lean.sweep();
    };
    await ask(clients.lean);
    sweep(1100); // of 1200, half a second each, as two seconds are left to the server; some more may come by themselves
    upstream.script = () => undefined;
    const asking = ask(clients.lean);
    const { connection } = await upstream.request(2);
    sweep(5000);
    connection.write(response(ITEM, 'Keep-Alive: timeout=602\r\n'));
    expect(statusOf(await asking)).toBe(200);
    sweep(1100);
    expect([upstream.connections.length, upstream.open]).toEqual([1, 1]);
    sweep(100);
    await connection.closed;
    await upstream.downTo(0);
  });

  it('keep no process alive while they are free', async () => {
    await using upstream = await ScriptedUpstream.says(response(ITEM));
    await using clients = new TwoClients(originOf(upstream));
    const holding = (): number => process.getActiveResourcesInfo().filter((type) => type === 'TCPSocketWrap').length;
    const before = holding();
    await ask(clients.lean);
    await new Promise(setImmediate); // the turn after that of the answer
    expect([holding() - before, upstream.open]).toEqual([1, 1]); // the product's own end
  });

  it('are no concern of a request whose answer has come', async () => {
    await using upstream = await ScriptedUpstream.says(response(ITEM));
    await using clients = new TwoClients(originOf(upstream), 1);
    const first = new Taking();
    clients.lean.dispatch(GET, first);
    await first.came;
    upstream.script = () => undefined;
    const second = ask(clients.lean);
    const { connection } = await upstream.request(2);
    first.controller?.pause();
    first.controller?.abort(new Error('too late'));
    connection.write(response(ITEM));
    expect(statusOf(await second)).toBe(200);
    expect(upstream.connections.length).toBe(1);
  });

  it('are read no further than their request says', async () => {
    using own = new OwnSockets();
    const MIB = 1024 * 1024;
    await using upstream = await ScriptedUpstream.says(response(Buffer.alloc(16 * MIB, 'x')));
    await using clients = new TwoClients(originOf(upstream));
    const pausing = new (class extends Taking {
      taken = 0;
      override onResponseData(): void {
        this.taken++;
        this.controller?.pause();
      }
    })();
    clients.lean.dispatch(GET, pausing);
    const { connection } = await upstream.request(1);
    for (let i = 0; i < 20; i++) await new Promise(setImmediate);
    const [read] = own.opened.map(({ bytesRead }) => bytesRead);
    expect([pausing.taken, connection.socket.writableLength > 0]).toEqual([1, true]);
    expect(read).toBeLessThan(MIB);
    for (let done = false; !done;) {
      pausing.controller?.resume();
      done = await Promise.race([
        pausing.came.then(() => true),
        new Promise<boolean>((resolve) => void setImmediate(() => resolve(false))),
      ]);
    }
    expect(own.opened.map(({ bytesRead }) => bytesRead > 16 * MIB)).toEqual([true]);
    expect(statusOf(await ask(clients.lean))).toBe(200); // on a connection that is read again
  });

  it('end with what they carry where the client is closed, and at once where it is destroyed', async () => {
    await using upstream = await ScriptedUpstream.listen();
    await using clients = new TwoClients(originOf(upstream), 1);
    const asking = [ask(clients.lean), ask(clients.lean)];
    await upstream.request(1);
    const closing = clients.lean.close();
    expect(statusOf(await ask(clients.lean))).toMatchObject({ code: 'ERR_WIRE_DESTROYED' });
    for (const nth of [1, 2]) (await upstream.request(nth)).connection.write(response(ITEM));
    expect((await Promise.all(asking)).map(statusOf)).toEqual([200, 200]);
    await closing;
    await upstream.downTo(0);

    await using others = new TwoClients(originOf(upstream), 1);
    const lost = [ask(others.lean), ask(others.lean)];
    await upstream.request(3);
    expect(others.lean.stats).toEqual({ running: 1, queued: 1 });
    await others.lean.destroy();
    expect((await Promise.all(lost)).map(statusOf)).toMatchObject([{ code: 'ERR_WIRE_DESTROYED' }, { code: 'ERR_WIRE_DESTROYED' }]);
    await upstream.downTo(0);
    expect(others.lean.stats).toEqual({ running: 0, queued: 0 });
  });

  it('are not asked for for ever where a client that is closed can’t have one', async () => {
    await using upstream = await ScriptedUpstream.listen();
    await using clients = new TwoClients(originOf(upstream), 1);
    await upstream.shut();
    const asking = [ask(clients.lean), ask(clients.lean)];
    await Promise.all([clients.lean.close(), clients.lean.destroy()]);
    expect((await Promise.all(asking)).map(statusOf)).toEqual([expect.anything(), expect.anything()]);
  });
});
