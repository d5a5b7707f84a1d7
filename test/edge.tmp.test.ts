import { expect, it } from '@jest/globals';
import { auth } from '#contracts/products/auth/v1.js';
import { aviation } from '#contracts/products/aviation-infinity/v2.js';
import { shop } from '#contracts/products/new-pilot-shop/v1.js';
import { pilot } from '#contracts/products/want-to-be-a-pilot/v1.js';
import { studentDashboard } from '../src/compositions/student-dashboard.js';
import { fakeProduct } from './fake-product.js';
import { testGateway } from './gateway.js';

it('names the part that timed out', async () => {
  await using a = await fakeProduct(auth);
  await using b = await fakeProduct(aviation);
  await using c = await fakeProduct(shop);
  await using d = await fakeProduct(pilot);
  await using gateway = await testGateway({ products: [a, b, c, d], compositions: [studentDashboard] });
  b.hangs();
  const got = gateway.get('/v1/students/u-0001/dashboard');
  await b.arrived(1);
  await gateway.clock.downTo(2);
  gateway.clock.advance(500);
  const x = await got;
  expect(x).toMatchObject({ status: 200, body: { complete: false, parts: { progress: { state: 'failed', reason: 'timeout' } } } });
  expect(await gateway.metric('interline_product_calls_total', { product: 'auth' })).toBe(1);
  await b.hungUp(1);
});
