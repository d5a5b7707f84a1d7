import { describe, expect, it } from '@jest/globals';
import { client } from '#contracts/client/index.js';
import { web } from '#contracts/consumers/web.js';
import { fakeGateway, problem } from './fake-gateway.js';

describe('a consumer', () => {
  it('is given to the client as it is: the frontend of the samples calls its routes', async () => {
    await using gateway = await fakeGateway(problem(401, 'unauthenticated'));
    const api = client({ consumer: web.name, uses: web.uses, baseUrl: gateway.baseUrl, token: 't-1' });
    expect(await api.orders({})).toMatchObject({ ok: false, failure: { kind: 'refused', status: 401 } });
    expect(gateway.seen[0]).toMatchObject({ url: '/v1/orders', headers: { authorization: 'Bearer t-1' } });
  });
});
