import { type IncomingHttpHeaders, type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { create } from 'axios';
import { describe, expect, it } from '@jest/globals';
import { Store } from '../../src/cache/store.js';
import { Caches } from '../../src/cache/caches.js';
import { cache } from '../../src/cache/cache.js';
import { Call } from '../../src/upstream/call.js';
import { coalesce } from '../../src/upstream/coalesce.js';
import { deadline } from '../../src/upstream/deadline.js';
import { decode } from '../../src/upstream/decode.js';
import { endpoints } from '../../src/upstream/endpoint.js';
import { build } from '../../src/upstream/stack.js';
import { Target } from '../../src/upstream/target.js';
import { transport } from '../../src/upstream/transport.js';
import { handClock } from '../hand-clock.js';
import { request } from '../upstream/layers/calls.js';
import { book, callOf, kept, library } from './shelves.js';

/** A product on a socket that knows one book, by its ETag, and a gateway's way to it, from the cache on. */
class Line implements AsyncDisposable {
  readonly asked: IncomingHttpHeaders[] = [];
  readonly clock = handClock();
  readonly http = create();
  readonly #server: Server;
  readonly #target: Target;
  readonly #caches = new Caches({
    clock: this.clock,
    random: () => 0.5,
    store: new Store({ maxBytes: 1_000_000, maxEntries: 100 }),
    observer: { bug: () => undefined, undecodable: () => undefined },
  });

  private constructor(server: Server, stubborn: boolean) {
    this.#server = server;
    const { port } = server.address() as AddressInfo;
    this.#target = new Target({
      urls: [`http://127.0.0.1:${port}`],
      credential: undefined,
      connections: 2,
      connectTimeoutMs: 1000,
      maxAnswerBytes: 10_000,
    });
    server.on('request', (asked, reply) => {
      this.asked.push(asked.headers);
      const known = stubborn || asked.headers['if-none-match'] === '"7"';
      reply.writeHead(known ? 304 : 200, { etag: '"7"', 'content-type': 'application/json' });
      reply.end(known ? undefined : JSON.stringify(book('b-1')));
    });
  }

  /** @param stubborn whether the product says 304 to everything */
  static async open({ stubborn = false } = {}): Promise<Line> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new Line(server, stubborn);
  }

  async book() {
    const layers = [cache(this.#caches), coalesce(this.#caches), deadline(this.clock)];
    const operations = Object.values(library);
    const endpoint = endpoints(operations, () => this.#target).get(library.getBook);
    const outgoing = endpoint?.write({ id: 'b-1' });
    if (!endpoint || !outgoing || 'message' in outgoing) throw new TypeError('no such call');
    const by = request({ policy: { cache: kept } });
    return build(
      layers,
      decode(transport(this.http, this.clock)),
    )(new Call(endpoint, { id: 'b-1' }, outgoing, by, undefined, by.cancellation));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#target.close();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

describe('over sockets', () => {
  it.each([false, true])(
    'asks about what it has by its validator, and takes the 304 for an answer (an interceptor stands between: %s)',
    async (intercepted) => {
      await using line = await Line.open();
      if (intercepted) line.http.interceptors.request.use((config) => config);
      expect(await line.book()).toMatchObject({ value: book('b-1'), from: { state: 'miss' } });
      line.clock.advance(40_000);
      expect(await line.book()).toMatchObject({
        value: book('b-1'),
        answer: { status: 200 },
        from: { state: 'revalidated', ttlMs: expect.any(Number) },
      });
      expect(line.asked.map((headers) => headers['if-none-match'])).toEqual([undefined, '"7"']);
    },
  );

  it('takes a 304 that nobody asked for as no answer', async () => {
    await using line = await Line.open({ stubborn: true });
    expect(await line.book()).toMatchObject({ ok: false, failure: { kind: 'malformed', status: 304 } });
  });

  it('hands on what the product said with an error that it declares', async () => {
    const by = request();
    const reply = { status: 404, headers: { 'cache-control': 'no-store' }, body: Buffer.from('{}') };
    const outcome = await build(
      [],
      decode(() => Promise.resolve({ ok: true, reply })),
    )(callOf(library.getBook, { id: 'b-1' }, by));
    expect(outcome).toMatchObject({ ok: false, failure: { error: 'bookNotFound' }, headers: { 'cache-control': 'no-store' } });
  });
});
