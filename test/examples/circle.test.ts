import type { IncomingMessage, ServerResponse } from 'node:http';
import { describe, expect, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import { client } from '#contracts/client/index.js';
import { wantToBeAPilot } from '#contracts/consumers/want-to-be-a-pilot.js';
import { consumer } from '#contracts/kernel/index.js';
import { aviation } from '#contracts/products/aviation-infinity/v2.js';
import { pilot } from '#contracts/products/want-to-be-a-pilot/v1.js';
import { wantToBeAPilotProduct } from '../../examples/products/want-to-be-a-pilot/product.js';
import { fakeProduct } from '../fake-product.js';
import { fakeGateway as issuerAt } from '../client/fake-gateway.js';
import { testGateway } from '../gateway.js';
import { handClock } from '../hand-clock.js';
import { pair, published, signed } from '../identity/issuing.js';
import type { Verify } from '../../examples/kit/user.js';
import { KEY, running } from './kit-fixture.js';

/** Has a product answer what came for it elsewhere: it is started once the gateway's address is known. */
async function forward(request: IncomingMessage, response: ServerResponse, url: string): Promise<void> {
  const headers = Object.entries(request.headers).map(([name, value]): [string, string] => [name, String(value)]);
  const { connection: _, ...kept } = Object.fromEntries(headers);
  const answer = await fetch(url + request.url, { headers: { ...kept, authorization: `Bearer ${KEY}` } });
  response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' }).end(await answer.text());
}

/** What the token says: the gateway's clock is moved by hand, so no product can tell whether it is still good. */
const asItSays: Verify = async (token) => ({ ok: true, user: decodeJwt(token).sub ?? 'nobody' });

describe('a product that calls another through the gateway, which calls it back for its answer', () => {
  it('is called until the way is as long as the gateway lets it be; who asks then is told 508, and all answer', async () => {
    await using pilots = await fakeProduct(pilot);
    await using aviations = await fakeProduct(aviation);
    const key = pair('k1');
    await using issuer = await issuerAt({ json: { keys: [published(key)] } });
    await using gateway = await testGateway({
      products: [pilots, aviations],
      policies: { 'want-to-be-a-pilot': 'identity: minted', 'aviation-infinity': 'identity: minted' },
      consumers: [wantToBeAPilot, consumer('aviation-infinity', {})],
      yaml: `identity: { issuers: { auth: { issuer: auth, jwks: '${issuer.baseUrl}', algorithms: [ES256] } } }`,
    });
    const clock = handClock();
    const own = { url: gateway.url, key: gateway.keyOf('want-to-be-a-pilot'), clock };
    await using sample = await running(wantToBeAPilotProduct(own), undefined, asItSays);
    const uses = { plan: pilot.getPlan.reads({ theoryUnavailable: true }) };
    const plans = client({
      consumer: 'aviation-infinity',
      baseUrl: gateway.url,
      key: gateway.keyOf('aviation-infinity'),
      uses,
      clock,
    });
    const told: unknown[] = [];
    pilots.raw((request, response) => void forward(request, response, sample.url));
    aviations.raw((request, response) => {
      if (aviations.calls.length > 9) return void response.writeHead(500).end(); // nobody ended it
      void plans.plan({ userId: 'u-0001' }, { answering: request.headers }).then((answer) => {
        told.push(answer);
        response.writeHead(404).end();
      });
    });
    const now = gateway.clock.date() / 1000;
    const token = signed({ alg: 'ES256', kid: 'k1' }, { iss: 'auth', sub: 'u-0001', aud: 'interline', exp: now + 60 }, key);
    const headers = { authorization: `Bearer ${token}` };
    expect(await gateway.get('/products/want-to-be-a-pilot/v1/users/u-0001/plan', { headers })).toMatchObject({
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
    const tokens = [...pilots.calls, ...aviations.calls].map(({ headers }) => decodeJwt(String(headers['x-user-token'])));
    expect(tokens.map(({ aud, sub, client_id }) => [aud, sub, client_id])).toEqual([
      ['want-to-be-a-pilot', 'u-0001', undefined],
      ['want-to-be-a-pilot', 'u-0001', 'aviation-infinity'],
      ['want-to-be-a-pilot', 'u-0001', 'aviation-infinity'],
      ['aviation-infinity', 'u-0001', 'want-to-be-a-pilot'],
      ['aviation-infinity', 'u-0001', 'want-to-be-a-pilot'],
    ]);
    expect(new Set([...pilots.calls, ...aviations.calls].map(({ headers }) => String(headers.traceparent).split('-')[1])).size).toBe(1);
  });
});
