import { describe, expect, it } from '@jest/globals';
import { client } from '#contracts/client/index.js';
import { dashboard } from './contracts.js';
import { type FakeGateway, fakeGateway, problem } from './fake-gateway.js';

const frontend = (gateway: FakeGateway) => client({ consumer: 'web', baseUrl: gateway.baseUrl, uses: { dashboard } }).dashboard;
const given = { studentId: 'u-0001' };
const parts = { student: { state: 'ok' }, orders: { state: 'failed', product: 'new-pilot-shop', reason: 'open', retryAfter: 3 } };
const incomplete = { data: { name: 'Ada', orders: null }, complete: false, parts };

describe('what a call to a composed route gives', () => {
  it('gives the data, whether it is whole, and what became of each part', async () => {
    await using gateway = await fakeGateway({ json: incomplete });
    expect(await frontend(gateway)(given)).toEqual({ ok: true, ...incomplete });
    expect(gateway.seen[0]?.url).toBe('/v1/students/u-0001/dashboard');
  });

  it('leaves out what a newer gateway sends and this contract does not know', async () => {
    await using gateway = await fakeGateway({
      json: { ...incomplete, data: { ...incomplete.data, age: 36 }, parts: { ...parts, extra: { state: 'ok' } }, more: 1 },
    });
    expect(await frontend(gateway)(given)).toEqual({ ok: true, ...incomplete });
  });

  it.each([
    [{ ...incomplete, data: { name: 'Ada', orders: [{ id: 7 }] } }, 'data.orders.id'],
    [{ ...incomplete, parts: { student: { state: 'ok' } } }, 'parts.orders'],
    [{ ...incomplete, parts: { ...parts, orders: { state: 'vanished' } } }, 'parts.orders.state'],
    [{ ...incomplete, complete: 'yes' }, 'complete'],
    ['not an envelope', '.'],
  ])('names the field where the envelope %j breaks its contract', async (json, field) => {
    await using gateway = await fakeGateway({ json });
    expect(await frontend(gateway)(given)).toMatchObject({
      ok: false,
      error: 'failed',
      failure: { kind: 'contract', status: 200, fields: [field] },
    });
  });

  it('names the part and the product that a failed answer was missing', async () => {
    await using gateway = await fakeGateway(problem(502, 'unreachable', { product: 'auth', part: 'student' }));
    expect(await frontend(gateway)(given)).toMatchObject({
      ok: false,
      error: 'failed',
      failure: { kind: 'unreachable', product: 'auth', part: 'student', status: 502 },
    });
  });

  it('gives a declared error by its name and status', async () => {
    await using gateway = await fakeGateway(problem(404, 'studentNotFound'));
    expect(await frontend(gateway)(given)).toMatchObject({
      ok: false,
      error: 'studentNotFound',
      status: 404,
      problem: { title: 'A problem: studentNotFound' },
    });
  });

  it('names no product where it cannot know one', async () => {
    await using gateway = await fakeGateway('drops the connection');
    const answer = await frontend(gateway)(given);
    expect(answer).toMatchObject({ ok: false, failure: { kind: 'unreachable' } });
    expect(answer).not.toHaveProperty('failure.product');
  });
});
