import { getEventListeners } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { client } from '#contracts/client/index.js';
import { dashboard, shop } from './contracts.js';
import { type Reply, fakeGateway, problem } from './fake-gateway.js';
import { type HandClock, handClock } from '../hand-clock.js';

const uses = { order: shop.getOrder.reads({ id: true }), quote: shop.quote.reads(true), place: shop.placeOrder.reads(true), dashboard };
const given = { id: 'o-0001' };
const after = (value: string, status = 503): Reply => ({ status, headers: { 'retry-after': value }, text: '' });
const good: Reply = { json: given };

/** A gateway that gives the replies, and a client of it under a clock moved by hand. */
async function scene(...replies: readonly [Reply, ...Reply[]]) {
  const gateway = await fakeGateway(...replies);
  const clock: HandClock = handClock();
  const calls = client({ consumer: 'pilot', baseUrl: gateway.baseUrl, uses, clock, deadlineMs: 5000 });
  return { gateway, clock, calls, [Symbol.asyncDispose]: () => gateway[Symbol.asyncDispose]() };
}

describe('a call that is told when to come again', () => {
  it.each([503, 429])('comes again once after %i, as late as it was told', async (status) => {
    await using at = await scene(after('2', status), good);
    const answer = at.calls.order(given);
    await at.clock.waiting(2); // the deadline's timer, and the wait
    at.clock.advance(1999);
    expect(at.clock.pending).toBe(2);
    expect(at.gateway.seen).toHaveLength(1);
    at.clock.advance(1);
    expect(await answer).toEqual({ ok: true, value: given });
    expect(at.gateway.seen).toHaveLength(2);
    expect(at.clock.pending).toBe(0);
  });

  it('says each time how long it still waits', async () => {
    await using at = await scene(after('2'), good);
    const answer = at.calls.order(given);
    await at.clock.waiting(2);
    at.clock.advance(2000);
    await answer;
    expect(at.gateway.seen.map(({ headers }) => headers['x-request-timeout-ms'])).toEqual(['5000', '3000']);
  });

  it('does not come a third time', async () => {
    await using at = await scene(after('1'), after('1'), good);
    const answer = at.calls.order(given);
    await at.clock.waiting(2);
    at.clock.advance(1000);
    expect(await answer).toMatchObject({ failure: { kind: 'throttled', status: 503, retryAfter: 1 } });
    expect(at.gateway.seen).toHaveLength(2);
  });

  it('reads a date, as seconds after the answer’s own', async () => {
    const date = 'Fri, 20 Nov 2026 08:00:00 GMT';
    await using at = await scene({ status: 503, headers: { date, 'retry-after': 'Fri, 20 Nov 2026 08:00:03 GMT' }, text: '' }, good);
    const answer = at.calls.order(given);
    await at.clock.waiting(2);
    at.clock.advance(2999);
    expect(at.clock.pending).toBe(2);
    at.clock.advance(1);
    expect(await answer).toMatchObject({ ok: true });
  });

  it('reads a date by its own clock where a browser hides the answer’s', async () => {
    const clock = handClock();
    const headers = { 'retry-after': new Date(clock.date() + 4000).toUTCString() };
    const { order } = client({
      consumer: 'web',
      baseUrl: '/api',
      uses,
      clock,
      deadlineMs: 1000,
      fetch: async () => new Response('', { status: 503, headers }),
    });
    expect(await order(given)).toMatchObject({ failure: { kind: 'throttled', retryAfter: 4 } });
  });

  it('goes by the problem where the header is hidden from it', async () => {
    await using at = await scene(problem(503, 'open', { retryAfter: 2 }), {
      json: { data: { name: 'Ada', orders: [] }, complete: true, parts: { student: { state: 'ok' }, orders: { state: 'ok' } } },
    });
    const answer = at.calls.dashboard({ studentId: 'u-0001' });
    await at.clock.waiting(2);
    at.clock.advance(2000);
    expect(await answer).toMatchObject({ ok: true, complete: true });
  });

  it('repeats a POST that its contract calls repeatable', async () => {
    await using at = await scene(after('0'), good);
    const answer = at.calls.quote({ lines: ['i-0001'] });
    await at.clock.waiting(2);
    at.clock.advance(0);
    expect(await answer).toMatchObject({ ok: true });
    expect(at.gateway.seen.map(({ body }) => body)).toEqual(['{"lines":["i-0001"]}', '{"lines":["i-0001"]}']);
  });

  it.each<[string, Reply, (calls: Awaited<ReturnType<typeof scene>>['calls']) => Promise<unknown>]>([
    ['may not be repeated', after('1'), (calls) => calls.place({ customerId: 'u-0001', lines: [] })],
    ['would come after its deadline', after('5'), (calls) => calls.order(given)],
    ['was not told when', after('soon'), (calls) => calls.order(given)],
    ['was told nonsense', after('-5'), (calls) => calls.order(given)],
    ['failed in another way', after('1', 502), (calls) => calls.order(given)],
  ])('does not come again where it %s', async (_, reply, call) => {
    await using at = await scene(reply, good);
    expect(await call(at.calls)).toMatchObject({ ok: false, error: 'failed' });
    expect(at.gateway.seen).toHaveLength(1);
    expect(at.clock.pending).toBe(0);
  });

  it('ends at once when the caller leaves during the wait', async () => {
    await using at = await scene(after('2'), good);
    const leaving = new AbortController();
    const answer = at.calls.order(given, { signal: leaving.signal });
    await at.clock.waiting(2);
    leaving.abort();
    expect(await answer).toMatchObject({ failure: { kind: 'cancelled' } });
    expect(at.gateway.seen).toHaveLength(1);
    expect(at.clock.pending).toBe(0);
    expect(getEventListeners(leaving.signal, 'abort')).toEqual([]);
  });

  it('stands under the one deadline in its second attempt', async () => {
    await using at = await scene(after('2'), 'never answers');
    const answer = at.calls.order(given);
    await at.clock.waiting(2);
    at.clock.advance(2000);
    await at.gateway.asked(2);
    at.clock.advance(3000);
    expect(await answer).toMatchObject({ failure: { kind: 'timeout' } });
  });
});
