import { describe, expect, it } from '@jest/globals';
import { Load } from '../../src/edge/load.js';
import { type Pulse, processPulse } from '../../src/edge/pulse.js';
import { handClock } from '../hand-clock.js';
import { type Library, openLibrary } from './library.js';

/** A pulse that a test sets. */
const calm = (): { delayMs: number; share: number; heapShare(): number } & Pulse => ({
  delayMs: 0,
  share: 0,
  heapShare() {
    return this.share;
  },
});

const loan: RequestInit = {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: '{"bookId":"b-0001","readerId":"r-0001","days":3}',
};

async function expectShed({ gateway, books }: Library, overload: string, detail: RegExp): Promise<void> {
  const calls = books.calls.length;
  for (const [path, init] of [
    ['/v1/books/b-1'],
    ['/products/library/v1/books/b-1'],
    ['/v1/loans', loan],
    ['/nowhere'],
    ['/%zz'],
    ['/openapi.json'],
  ] as const) {
    const got = await gateway.get(path, init);
    expect(got).toMatchObject({ status: 503, body: { code: 'overloaded', retryAfter: 1, detail: expect.stringMatching(detail) } });
    expect(got.headers.get('retry-after')).toBe('1');
  }
  expect(books.calls).toHaveLength(calls);
  for (const base of [gateway.url, gateway.opsUrl]) {
    expect((await fetch(`${base}/health/live`)).status).toBe(200);
    const ready = await fetch(`${base}/health/ready`);
    expect([ready.status, await ready.json()]).toMatchObject([503, { status: 'overloaded', overload }]);
  }
  expect(await gateway.metric('interline_responses_total', { category: 'failure_local_shed' })).toBe(6);
}

async function expectReady({ gateway }: Library): Promise<void> {
  expect(await (await fetch(`${gateway.url}/health/ready`)).json()).toEqual({ status: 'ready' });
  expect(await gateway.get('/v1/books/b-1')).toMatchObject({ status: 200 });
}

describe('a gateway that has too much to do', () => {
  it('sends away what comes while as many requests are in flight as it takes, and takes more as soon as one has ended', async () => {
    await using subject = await openLibrary({ yaml: 'edge: { shed: { inFlight: 3 } }' });
    const { gateway, books } = subject;
    books.hangs('getBook');
    const leaving = new AbortController();
    const slow = [1, 2].map((id) => gateway.get(`/v1/books/b-${id}`));
    const left = gateway.get('/v1/books/b-3', { signal: leaving.signal }).catch(() => 'left');
    await books.arrived(3);
    await expectShed(subject, 'requests', /in flight/);
    leaving.abort();
    await left;
    await books.hungUp(1);
    expect(await gateway.get('/v1/catalog')).toMatchObject({ status: 200 });
    gateway.clock.advance(500);
    expect((await Promise.all(slow)).map(({ status }) => status)).toEqual([504, 504]);
    books.mends();
    await expectReady(subject);
  });

  it('counts a request whose body was long in coming when it has come', async () => {
    await using subject = await openLibrary({ yaml: 'edge: { shed: { inFlight: 1 } }' });
    const { gateway, books } = subject;
    books.hangs('getBook');
    const body = Promise.withResolvers<Uint8Array>();
    const late = fetch(`${gateway.url}/v1/loans`, {
      ...loan,
      body: new ReadableStream({
        async start(controller) {
          controller.enqueue(new TextEncoder().encode('{"bookId":"b-0001",'));
          controller.enqueue(await body.promise);
          controller.close();
        },
      }),
      duplex: 'half',
    });
    const slow = gateway.get('/v1/books/b-1');
    await books.arrived(1);
    body.resolve(new TextEncoder().encode('"readerId":"r-0001","days":3}'));
    expect((await late).status).toBe(503);
    expect(books.calls).toHaveLength(1);
    gateway.clock.advance(500);
    await slow;
  });

  it('sends away what comes while its event loop is late', async () => {
    const pulse = calm();
    await using subject = await openLibrary({ pulse });
    pulse.delayMs = 201;
    await expectShed(subject, 'delay', /late/);
    pulse.delayMs = 200;
    await expectReady(subject);
  });

  it('sends away what comes while its memory is nearly used up', async () => {
    const pulse = calm();
    await using subject = await openLibrary({ pulse });
    pulse.share = 0.86;
    await expectShed(subject, 'memory', /memory/);
    pulse.share = 0.85;
    subject.gateway.clock.advance(250);
    await expectReady(subject);
  });

  it('does not look at who asks first: an address that is over its limit is told of the overload', async () => {
    const pulse = calm();
    await using subject = await openLibrary({ pulse, yaml: 'edge: { limit: { rate: 1/h, burst: 1 } }' });
    await subject.gateway.get('/v1/books/b-1');
    expect((await subject.gateway.get('/v1/books/b-1')).status).toBe(429);
    pulse.delayMs = 1000;
    expect((await subject.gateway.get('/v1/books/b-1')).status).toBe(503);
  });
});

describe('the load', () => {
  it('looks at the heap four times a second, however much is asked', () => {
    const clock = handClock();
    let looks = 0;
    const load = new Load(clock, { delayMs: 0, heapShare: () => (looks++, 0) });
    for (let ms = 0; ms < 1000; ms++) {
      load.overload({ inFlight: 1, delay: 1 });
      clock.advance(1);
    }
    expect(looks).toBe(4);
  });
});

describe('how late the event loop runs', () => {
  /** What a pulse says after turns of the event loop that took so long each, in milliseconds. */
  const after = (...turns: number[]): number => {
    const clock = handClock();
    const pulse = processPulse(clock);
    expect(pulse.delayMs).toBe(0);
    for (const ms of turns) clock.advance(ms);
    return pulse.delayMs;
  };
  const turns = (count: number, ms: number): number[] => Array<number>(count).fill(ms);

  it('is nothing while beats come when they should', () => {
    expect(after(...turns(20, 50))).toBe(0);
    expect(after(...turns(1000, 1))).toBe(0);
  });

  it('is not much after one pause', () => {
    expect(after(...turns(20, 50), 600)).toBeLessThan(200);
  });

  it('is over 200 ms after one turn of a second, and after six of 300 ms', () => {
    expect(after(1000)).toBeGreaterThan(200);
    expect(after(...turns(6, 300))).toBeGreaterThan(200);
  });

  it('is forgotten within a second of calm', () => {
    expect(after(...turns(20, 1000), ...turns(20, 50))).toBeLessThan(1);
  });

  it('is nothing that was before anybody looked', () => {
    const clock = handClock();
    const pulse = processPulse(clock);
    clock.advance(10_000);
    expect(pulse.delayMs).toBe(0);
    clock.advance(50);
    expect(pulse.delayMs).toBe(0);
  });

  it('has one timer, however often it is looked at', () => {
    const clock = handClock();
    const pulse = processPulse(clock);
    expect(clock.pending).toBe(0);
    for (let looks = 0; looks < 10; looks++) void pulse.delayMs;
    clock.advance(50);
    expect(clock.pending).toBe(1);
  });
});
