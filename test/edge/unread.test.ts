import { once } from 'node:events';
import { type Server, createServer } from 'node:http';
import { type AddressInfo, type Socket, connect } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { Answer, Connections } from '../../src/edge/connections.js';
import { type HandClock, handClock } from '../hand-clock.js';
import { until } from '../until.js';
import { openLibrary } from './library.js';

const PATIENCE_MS = 30_000;
const ASK = 'GET /docs/swagger-ui-bundle.js HTTP/1.1\r\nhost: gateway\r\n\r\n';

/** More than the machine's own buffers take of an answer that nobody reads. */
const LARGE = Buffer.alloc(64 * 1024 * 1024);

/** A caller that asks, and reads nothing until it is told to. */
class Caller implements Disposable {
  readonly socket: Socket;
  closed = false;
  #bytes = 0;

  constructor(port: number, asks = 1) {
    this.socket = connect(port, '127.0.0.1');
    this.socket.on('error', () => undefined); // a reset is a way to close
    this.socket.once('close', () => (this.closed = true));
    this.socket.write(ASK.repeat(asks));
  }

  /** Reads from now on; resolves once so many bytes have come in all. */
  async reads(bytes: number): Promise<void> {
    if (this.socket.listenerCount('data') === 0) this.socket.on('data', (chunk) => (this.#bytes += chunk.length));
    this.socket.resume();
    await until(() => this.#bytes >= bytes);
  }

  [Symbol.dispose](): void {
    this.socket.destroy();
  }
}

/** A server whose callers have thirty seconds to read an answer, on a clock moved by hand. */
class Subject implements AsyncDisposable {
  readonly clock: HandClock = handClock();
  readonly server: Server<never, typeof Answer> = createServer({ ServerResponse: Answer });
  readonly connections: Connections;
  unread = 0;

  constructor() {
    const terms = { most: 10, perAddress: 10, patienceMs: PATIENCE_MS, clock: this.clock };
    this.connections = new Connections(this.server, terms, { refused: () => undefined, unread: () => this.unread++ });
  }

  /** A caller that has asked so often, and what it is to be answered with: at first, and in the end. */
  async asked(asks = 1): Promise<[Caller, Answer<never>, Answer<never>]> {
    const answers: Answer<never>[] = [];
    this.server.on('request', (_, answer) => answers.push(answer));
    await once(this.server.listen(0, '127.0.0.1'), 'listening');
    const caller = new Caller((this.server.address() as AddressInfo).port, asks);
    await until(() => answers.length === asks);
    const [first, last] = [answers[0], answers.at(-1)];
    if (!first || !last) throw new RangeError('expected to be asked something');
    return [caller, first, last];
  }

  /** Lets time pass, in steps: a look arms the next one. */
  async pass(ms: number): Promise<void> {
    await Promise.resolve(); // what has just begun is known
    for (let step = 0; step < 64 * (ms / PATIENCE_MS); step++) this.clock.advance(PATIENCE_MS / 64);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

describe('an answer that its caller does not read', () => {
  it('is given up when its time is over, and not much sooner; its connection is closed, and counted', async () => {
    await using subject = new Subject();
    const [caller, answer] = await subject.asked();
    using _ = caller;
    const { socket } = answer;
    answer.end(LARGE);
    await subject.pass((PATIENCE_MS * 7) / 8);
    expect([subject.unread, socket?.destroyed]).toEqual([0, false]);
    await subject.pass(PATIENCE_MS / 8);
    expect([subject.unread, socket?.destroyed]).toEqual([1, true]);
    await until(() => subject.connections.open === 0);
    await subject.pass(PATIENCE_MS);
    expect(subject.clock.pending).toBe(0);
  });

  it('is given up in the middle, where it comes as it goes', async () => {
    await using subject = new Subject();
    const [caller, answer] = await subject.asked();
    using _ = caller;
    answer.write(LARGE);
    await subject.pass(PATIENCE_MS / 2);
    await subject.pass(PATIENCE_MS / 2);
    expect(subject.unread).toBe(1);
    await until(() => caller.closed);
  });

  it('has its time anew as soon as all is read that there was', async () => {
    await using subject = new Subject();
    const [caller, answer] = await subject.asked();
    using _ = caller;
    for (let read = 1; read <= 3; read++) {
      const drained = once(answer, 'drain');
      answer.write(LARGE);
      await subject.pass(PATIENCE_MS / 2);
      await caller.reads(read * LARGE.length);
      await drained;
    }
    caller.socket.pause();
    answer.write(LARGE);
    await subject.pass(PATIENCE_MS / 2);
    expect(subject.unread).toBe(0);
    await subject.pass(PATIENCE_MS / 2);
    expect(subject.unread).toBe(1);
  });

  it('is not one that is still to come, however long that takes', async () => {
    await using subject = new Subject();
    const [caller, answer] = await subject.asked();
    using _ = caller;
    await subject.pass(10 * PATIENCE_MS);
    answer.write('it begins');
    for (let look = 0; look < 10; look++) await subject.pass(PATIENCE_MS / 2);
    answer.end('and ends');
    await once(answer, 'close');
    await subject.pass(PATIENCE_MS);
    expect([subject.unread, caller.closed, subject.clock.pending]).toEqual([0, false, 0]);
  });

  it('is not one that was read', async () => {
    await using subject = new Subject();
    const [caller, answer] = await subject.asked();
    using _ = caller;
    answer.end(LARGE);
    await subject.pass(PATIENCE_MS / 2);
    await caller.reads(LARGE.length);
    await until(() => answer.closed);
    for (let look = 0; look < 10; look++) await subject.pass(PATIENCE_MS / 2);
    await subject.pass(PATIENCE_MS);
    expect([subject.unread, caller.closed, subject.clock.pending]).toEqual([0, false, 0]);
  });

  it('is not one that another one is before, on its connection', async () => {
    await using subject = new Subject();
    const [caller, first, second] = await subject.asked(2);
    using _ = caller;
    second.end('quick');
    for (let look = 0; look < 10; look++) await subject.pass(PATIENCE_MS / 2);
    first.end('slow');
    await once(second, 'close');
    await subject.pass(PATIENCE_MS);
    expect([subject.unread, subject.clock.pending]).toEqual([0, 0]);
  });

  it('has no more time behind others that are not read either', async () => {
    await using subject = new Subject();
    const [caller, first, second] = await subject.asked(2);
    using _ = caller;
    first.end(LARGE);
    second.end(LARGE);
    await caller.reads(1);
    await subject.pass(PATIENCE_MS / 2);
    await caller.reads(LARGE.length + 1); // it is the turn of the second
    caller.socket.pause();
    await subject.pass(PATIENCE_MS / 2);
    expect([subject.unread, subject.connections.open, second.closed]).toEqual([1, 1, false]);
    await until(() => subject.connections.open === 0);
    await subject.pass(PATIENCE_MS);
    expect(subject.unread).toBe(1);
  });

  it('is one of a whole gateway, too: who asks for much and reads nothing is closed, and others go on', async () => {
    await using subject = await openLibrary();
    const { gateway } = subject;
    using _ = new Caller(Number(new URL(gateway.url).port), 30);
    await until(async () => {
      gateway.clock.advance(1000);
      return (await gateway.metric('interline_answers_unread_total')) > 0;
    });
    expect(await gateway.metric('interline_answers_unread_total')).toBe(1);
    expect((await gateway.get('/v1/books/b-1')).status).toBe(200);
  });
});
