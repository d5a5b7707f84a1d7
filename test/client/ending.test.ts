import { getEventListeners } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { DEFAULT_DEADLINE_MS, type Fetch, client } from '#contracts/client/index.js';
import { shop } from './contracts.js';
import { fakeGateway } from './fake-gateway.js';
import { handClock } from '../hand-clock.js';

const uses = { order: shop.getOrder.reads({ id: true }) };
const given = { id: 'o-0001' };

/** The real fetch, and a promise of its first answer's head. */
function watched(): { readonly fetch: Fetch; readonly head: Promise<void> } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return {
    head: promise,
    async fetch(url, init) {
      const response = await fetch(url, init);
      resolve();
      return response;
    },
  };
}

describe('what ends a call', () => {
  it('is the deadline of ten seconds where no other is set', async () => {
    await using gateway = await fakeGateway('never answers');
    const clock = handClock();
    const answer = client({ consumer: 'pilot', baseUrl: gateway.baseUrl, uses, clock }).order(given);
    await gateway.asked(1);
    clock.advance(DEFAULT_DEADLINE_MS - 1);
    expect(clock.pending).toBe(1);
    clock.advance(1);
    expect(await answer).toEqual({
      ok: false,
      error: 'failed',
      failure: {
        kind: 'timeout',
        message: 'new-pilot-shop v2 getOrder: expected an answer within 10000 ms',
        product: 'new-pilot-shop',
        cause: expect.anything(),
      },
    });
  });

  it('is the deadline of the call before that of the client', async () => {
    await using gateway = await fakeGateway('never answers');
    const clock = handClock();
    const { order } = client({ consumer: 'pilot', baseUrl: gateway.baseUrl, uses, clock, deadlineMs: 500 });
    const [long, short] = [order(given), order(given, { deadlineMs: 200 })];
    await gateway.asked(2);
    clock.advance(200);
    expect(await short).toMatchObject({ failure: { kind: 'timeout', message: expect.stringContaining('within 200 ms') } });
    expect(clock.pending).toBe(1);
    clock.advance(300);
    expect(await long).toMatchObject({ failure: { kind: 'timeout', message: expect.stringContaining('within 500 ms') } });
  });

  it('is the deadline while the body is read, too', async () => {
    await using gateway = await fakeGateway('stops in the body');
    const clock = handClock();
    const { fetch, head } = watched();
    const answer = client({ consumer: 'pilot', baseUrl: gateway.baseUrl, uses, clock, fetch }).order(given);
    await head;
    clock.advance(DEFAULT_DEADLINE_MS);
    expect(await answer).toMatchObject({ failure: { kind: 'timeout' } });
  });

  it('is the caller, before the answer and in its body', async () => {
    await using gateway = await fakeGateway('never answers', 'stops in the body');
    const { fetch, head } = watched();
    const { order } = client({ consumer: 'pilot', baseUrl: gateway.baseUrl, uses, fetch });
    const [early, late] = [new AbortController(), new AbortController()];
    const before = order(given, { signal: early.signal });
    await gateway.asked(1);
    early.abort();
    expect(await before).toMatchObject({ ok: false, error: 'failed', failure: { kind: 'cancelled', product: 'new-pilot-shop' } });
    const within = order(given, { signal: late.signal });
    await head;
    late.abort();
    expect(await within).toMatchObject({ failure: { kind: 'cancelled' } });
  });

  it('is the caller who has left already: nothing is sent', async () => {
    await using gateway = await fakeGateway({ json: given });
    expect(await client({ consumer: 'pilot', baseUrl: gateway.baseUrl, uses }).order(given, { signal: AbortSignal.abort() })).toMatchObject(
      { failure: { kind: 'cancelled' } },
    );
    expect(gateway.seen).toEqual([]);
  });

  it('leaves no timer and no listener behind, however it went', async () => {
    await using gateway = await fakeGateway({ json: given }, 'drops the connection', 'never answers');
    const clock = handClock();
    const { signal } = new AbortController();
    const { order } = client({ consumer: 'pilot', baseUrl: gateway.baseUrl, uses, clock });
    const clean = (): void => {
      expect(clock.pending).toBe(0);
      expect(getEventListeners(signal, 'abort')).toEqual([]);
    };
    expect(await order(given, { signal })).toMatchObject({ ok: true });
    clean();
    expect(await order(given, { signal })).toMatchObject({ failure: { kind: 'unreachable' } });
    clean();
    const late = order(given, { signal });
    await gateway.asked(3);
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    clock.advance(DEFAULT_DEADLINE_MS);
    expect(await late).toMatchObject({ failure: { kind: 'timeout' } });
    clean();
  });
});
