import type { IncomingMessage, ServerResponse } from 'node:http';
import { describe, expect, it } from '@jest/globals';
import { client } from '#contracts/client/index.js';
import { wantToBeAPilot } from '#contracts/consumers/want-to-be-a-pilot.js';
import { aviation } from '#contracts/products/aviation-infinity/v2.js';
import { pilot } from '#contracts/products/want-to-be-a-pilot/v1.js';
import { wantToBeAPilotProduct } from '../../examples/products/want-to-be-a-pilot/product.js';
import { fakeProduct } from '../fake-product.js';
import { testGateway } from '../gateway.js';
import { handClock } from '../hand-clock.js';
import { KEY, running } from './kit-fixture.js';

/** Has a product answer what came for it elsewhere: it is started once the gateway's address is known. */
async function forward(request: IncomingMessage, response: ServerResponse, url: string): Promise<void> {
  const headers = Object.entries(request.headers).map(([name, value]): [string, string] => [name, String(value)]);
  const { connection: _, ...kept } = Object.fromEntries(headers);
  const answer = await fetch(url + request.url, { headers: { ...kept, authorization: `Bearer ${KEY}` } });
  response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' }).end(await answer.text());
}

describe('a product that calls another through the gateway, which calls it back for its answer', () => {
  it('is called until the way is as long as the gateway lets it be; who asks then is told 508, and all answer', async () => {
    await using pilots = await fakeProduct(pilot);
    await using aviations = await fakeProduct(aviation);
    await using gateway = await testGateway({ products: [pilots, aviations], consumers: [wantToBeAPilot] });
    const clock = handClock();
    await using sample = await running(wantToBeAPilotProduct(gateway.url, clock));
    const uses = { plan: pilot.getPlan.reads({ theoryUnavailable: true }) };
    const plans = client({ consumer: 'aviation-infinity', baseUrl: gateway.url, uses, clock });
    const told: unknown[] = [];
    pilots.raw((request, response) => void forward(request, response, sample.url));
    aviations.raw((request, response) => {
      if (aviations.calls.length > 9) return void response.writeHead(500).end(); // nobody ended it
      void plans.plan({ userId: 'u-0001' }, { answering: request.headers }).then((answer) => {
        told.push(answer);
        response.writeHead(404).end();
      });
    });
    expect(await gateway.get('/products/want-to-be-a-pilot/v1/users/u-0001/plan')).toMatchObject({
      status: 200,
      body: { theoryUnavailable: null },
    });
    expect(told).toEqual([
      { ok: true, value: { theoryUnavailable: 'error' } },
      { ok: true, value: { theoryUnavailable: null } },
    ]);
    expect(await gateway.metric('interline_responses_total', { category: 'failure_caller_loop' })).toBe(1);
    expect([...pilots.calls, ...aviations.calls].map(({ headers }) => String(headers['cdn-loop']).split(', ').length)).toEqual([
      1, 3, 5, 2, 4,
    ]);
    expect(new Set([...pilots.calls, ...aviations.calls].map(({ headers }) => String(headers.traceparent).split('-')[1])).size).toBe(1);
  });
});
