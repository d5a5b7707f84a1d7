import type { ServerResponse } from 'node:http';
import { expect, it } from '@jest/globals';
import { auth } from '#contracts/products/auth/v1.js';
import { fakeProduct } from '../fake-product.js';
import { GatewayProcess, configuration } from '../process/gateway-process.js';

/** Loaded before the gateway: leaves a rejected promise behind while it is asked for one address. */
const FORGETFUL = `
import { subscribe } from 'node:diagnostics_channel';
subscribe('http.server.request.start', ({ request }) => {
  if (request.url === '/v1/forgetful') void Promise.reject(new Error('nobody waits for this'));
});`;

it('a promise that a route forgot is a line of the log, and ends nobody`s request', async () => {
  await using users = await fakeProduct(auth);
  let held: ServerResponse | undefined;
  users.raw((_, response) => void (held = response));
  const env = { NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(FORGETFUL)}` };
  await using gateway = new GatewayProcess(configuration({ auth: users.url }), env);
  const { url } = await gateway.listening();
  const waiting = fetch(`${url}/products/auth/v1/users/u-0001`);
  await users.arrived(1);
  expect((await fetch(`${url}/v1/forgetful`)).status).toBe(404);
  expect(await gateway.said('a promise was rejected and nobody waited for it')).toMatchObject({
    level: 50,
    err: { message: 'nobody waits for this' },
  });
  held?.writeHead(404, { 'content-type': 'application/problem+json' }).end('{"code":"userNotFound"}');
  expect((await waiting).status).toBe(404);
  expect((await fetch(`${url}/health/ready`)).status).toBe(200);
}, 30_000);
