import { describe, expect, it } from '@jest/globals';
import { auth } from '#contracts/products/auth/v1.js';
import { aviation } from '#contracts/products/aviation-infinity/v2.js';
import { babonbo } from '#contracts/products/babonbo/v1.js';
import { clickai } from '#contracts/products/clickai/v1.js';
import { shop } from '#contracts/products/new-pilot-shop/v1.js';
import { pilot } from '#contracts/products/want-to-be-a-pilot/v1.js';
import { me } from '../../src/compositions/me.js';
import { fakeGateway as issuerAt } from '../client/fake-gateway.js';
import { fakeProduct } from '../fake-product.js';
import { type Got, testGateway } from '../gateway.js';
import { pair, published, signed } from '../identity/issuing.js';

/** What each caller gets, by the subject of its token, and what products were asked. */
async function asking(...callers: readonly { readonly sub?: string; readonly path?: string }[]) {
  await using users = await fakeProduct(auth);
  await using theory = await fakeProduct(aviation);
  await using plans = await fakeProduct(pilot);
  await using orders = await fakeProduct(shop);
  await using bookings = await fakeProduct(babonbo);
  await using sites = await fakeProduct(clickai);
  const products = [users, theory, plans, orders, bookings, sites];
  users.answers('getUser', { id: 'u-0007', name: 'Ada', email: 'ada@example.org', language: 'sv' });
  const key = pair('k1');
  await using issuer = await issuerAt({ json: { keys: [published(key)] } });
  await using gateway = await testGateway({
    products,
    compositions: [me],
    yaml: `identity: { issuers: { auth: { issuer: auth, jwks: '${issuer.baseUrl}', algorithms: [ES256] } } }`,
  });
  const now = gateway.clock.date() / 1000;
  const answers: Got[] = [];
  for (const { sub, path = '/v1/me' } of callers) {
    const token = signed({ alg: 'ES256', kid: 'k1' }, { iss: 'auth', sub, aud: 'interline', exp: now + 60 }, key);
    answers.push(await gateway.get(path, sub === undefined ? {} : { headers: { authorization: `Bearer ${token}` } }));
  }
  return { answers, calls: products.flatMap(({ calls }) => calls.map(({ operation, input }) => [operation, input])) };
}

describe('GET /v1/me', () => {
  it('is about the user of the token, in every product', async () => {
    const { answers, calls } = await asking({ sub: 'u-0007' });
    expect(answers).toMatchObject([{ status: 200, body: { data: { user: { name: 'Ada' } }, parts: { user: { state: 'ok' } } } }]);
    expect(calls).toMatchObject([
      ['getUser', { id: 'u-0007' }],
      ['getProgress', { userId: 'u-0007' }],
      ['getPlan', { userId: 'u-0007' }],
      ['listOrders', { customerId: 'u-0007' }],
      ['listBookings', { travellerId: 'u-0007' }],
      ['listSites', { ownerId: 'u-0007' }],
    ]);
  });

  it('finds nobody without a token, and none whom auth does not know; it asks no product then', async () => {
    const { answers, calls } = await asking({}, { sub: 'somebody@elsewhere' });
    for (const answer of answers) expect(answer).toMatchObject({ status: 404, body: { code: 'userNotFound' } });
    expect(answers).toHaveLength(2);
    expect(calls).toEqual([]);
  });

  it('can not be asked about somebody else', async () => {
    const { answers, calls } = await asking({ sub: 'u-0007', path: '/v1/me?userId=u-0001' });
    expect(answers).toMatchObject([{ status: 400, body: { errors: [{ in: 'query', path: 'userId' }] } }]);
    expect(calls).toEqual([]);
  });
});
