import { once } from 'node:events';
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import type { z } from 'zod';
import { type Clock, client } from '#contracts/client/index.js';
import { PROBLEM_TYPE, type Problem, problemType } from '#contracts/kernel/index.js';
import type { Progress } from '#contracts/products/aviation-infinity/v2.js';
import { pilot } from '#contracts/products/want-to-be-a-pilot/v1.js';
import { aviationInfinityProduct } from '../../../examples/products/aviation-infinity/product.js';
import { wantToBeAPilotProduct } from '../../../examples/products/want-to-be-a-pilot/product.js';
import { KEY, running, tokenOf } from '../kit-fixture.js';
import { contentOf, seeded } from './seeded.js';
import { valueOf } from './value-of.js';

type Answer = (request: IncomingMessage, response: ServerResponse) => unknown;

/** A gateway that answers as it is told. */
async function fakeGateway(answer: Answer): Promise<AsyncDisposable & { readonly url: string }> {
  const server = createServer((request, response) => void answer(request, response)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

const gives =
  (body: unknown): Answer =>
  (_request, response) =>
    response.setHeader('content-type', 'application/json').end(JSON.stringify(body));

const fails =
  (status: number, code: string): Answer =>
  (_request, response) => {
    const problem: Problem = { type: problemType(code), title: code, status, code };
    response.writeHead(status, { 'content-type': PROBLEM_TYPE }).end(JSON.stringify(problem));
  };

const scored = (answered: number, total: number, correct: number) => ({
  completion: { ratio: answered / total, answered, total },
  correct,
});
const progress: z.input<typeof Progress> = {
  userId: 'u-0001',
  licence: 'PPL',
  ...scored(55, 80, 40),
  subjects: {
    '010': { title: 'Air Law', ...scored(0, 20, 0), chapters: [] },
    '050': { title: 'Meteorology', ...scored(35, 40, 21), chapters: [] },
    '090': { title: 'Communications', ...scored(20, 20, 19), chapters: [] },
  },
};

/** The plan of a user as the product tells it while the gateway is at this address. */
async function planAt(gatewayUrl: string, userId = 'u-0001', clock?: Clock) {
  await using product = await running(wantToBeAPilotProduct({ url: gatewayUrl, key: 'ik_own', clock }));
  const uses = { plan: pilot.getPlan.reads(true) };
  return await client({ consumer: 'test', baseUrl: `${product.url}/v1`, at: 'product', key: KEY, token: tokenOf('u-0001'), uses }).plan({
    userId,
  });
}

describe('want-to-be-a-pilot', () => {
  it('seeds plans for four users in five, the same every time', () => {
    using one = seeded(wantToBeAPilotProduct({ url: 'http://gateway.invalid', key: undefined }));
    using other = seeded(wantToBeAPilotProduct({ url: 'http://gateway.invalid', key: undefined }));
    const { rows, digest } = contentOf(one.db);
    expect(rows).toMatchObject({ instructors: 8, plans: 160, milestones: 800 });
    expect(contentOf(other.db).digest).toBe(digest);
  });

  it('tells a plan with the theory that the gateway gave it, by its own key and the token of the user', async () => {
    const asked: unknown[] = [];
    await using gateway = await fakeGateway((request, response) => {
      asked.push([request.method, request.url, request.headers['x-api-key'], request.headers.authorization]);
      gives(progress)(request, response);
    });
    expect(await planAt(gateway.url)).toMatchObject({
      ok: true,
      value: {
        id: 't-0001',
        userId: 'u-0001',
        goal: 'PPL',
        theory: { percent: 69, weakestSubject: 'Meteorology' },
        theoryUnavailable: null,
      },
    });
    expect(asked).toEqual([['GET', '/products/aviation-infinity/v2/users/u-0001/progress', 'ik_own', `Bearer ${tokenOf('u-0001')}`]]);
  });

  it('reads what aviation-infinity really answers', async () => {
    await using aviation = await running(aviationInfinityProduct);
    await using gateway = await fakeGateway(async (request, response) => {
      const answer = await fetch(aviation.url + request.url?.replace('/products/aviation-infinity', ''), {
        headers: { authorization: `Bearer ${KEY}`, 'x-user-token': tokenOf('u-0001') },
      });
      gives(await answer.json())(request, response);
    });
    expect(await planAt(gateway.url)).toMatchObject({
      ok: true,
      value: { theory: { weakestSubject: expect.any(String) }, theoryUnavailable: null },
    });
  });

  it('has no theory, and no trouble to tell, where the user never began', async () => {
    await using gateway = await fakeGateway(fails(404, 'progressNotFound'));
    expect(await planAt(gateway.url)).toMatchObject({ ok: true, value: { userId: 'u-0001', theory: null, theoryUnavailable: null } });
  });

  it.each([
    ['the breaker is open', fails(503, 'open'), 'open'],
    ['aviation-infinity has an error', fails(502, 'error'), 'error'],
    ['the gateway does not know the route', fails(404, 'not-found'), 'refused'],
    ['a field that is read is missing', gives({ ...progress, completion: {} }), 'contract'],
    ['the answer is no JSON', ((_request, response) => response.end('<html>')) satisfies Answer, 'malformed'],
  ])('tells the plan and why it has no theory: %s', async (_why, answer, kind) => {
    await using gateway = await fakeGateway(answer);
    expect(await planAt(gateway.url)).toMatchObject({ ok: true, value: { userId: 'u-0001', theory: null, theoryUnavailable: kind } });
  });

  it('tells the plan while the gateway is gone', async () => {
    const gateway = await fakeGateway(gives(progress));
    await gateway[Symbol.asyncDispose]();
    expect(await planAt(gateway.url)).toMatchObject({ ok: true, value: { theory: null, theoryUnavailable: 'unreachable' } });
  });

  it('waits 800 ms for the theory and no longer', async () => {
    const rings = new Map<number, () => void>();
    const clock: Clock = { now: () => 0, date: () => 0, after: (ms, ring) => (rings.set(ms, ring), { cancel: () => rings.delete(ms) }) };
    await using gateway = await fakeGateway(() => rings.get(800)?.());
    expect(await planAt(gateway.url, 'u-0001', clock)).toMatchObject({ ok: true, value: { theory: null, theoryUnavailable: 'timeout' } });
  });

  it('does not ask for the theory of a user without a plan', async () => {
    let asked = 0;
    await using gateway = await fakeGateway((request, response) => {
      asked++;
      gives(progress)(request, response);
    });
    expect(await planAt(gateway.url, 'u-0005')).toMatchObject({ ok: false, error: 'planNotFound', status: 404 });
    expect(asked).toBe(0);
  });

  it('tells milestones by due date and the next lesson, null where none is booked', async () => {
    await using gateway = await fakeGateway(gives(progress));
    const { milestones, nextLesson } = valueOf(await planAt(gateway.url));
    const due = milestones.map(({ dueOn }) => dueOn);
    expect(due).toHaveLength(5);
    expect(due).toEqual([...due].sort());
    expect(nextLesson).toMatchObject({ at: expect.stringMatching(/^2026-11-2/) });
    expect(await planAt(gateway.url, 'u-0007')).toMatchObject({ ok: true, value: { nextLesson: null } });
  });
});
