import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { verifier } from '../../examples/kit/user.js';
import { type Pair, base64url, hmacSigned, pair, published, signed } from '../identity/issuing.js';
import { KEY, call, running, tokenOf } from './kit-fixture.js';
import { library } from './library.js';

const GATEWAY_KEYS = '/.well-known/jwks.json';
const AUTH_KEYS = '/products/auth/v1/.well-known/jwks.json';

/** A gateway that publishes its own keys, and auth's; it notes who asks. */
async function keysAt(gateway: Pair, auth: Pair) {
  const asked: string[] = [];
  const sets = new Map([
    [GATEWAY_KEYS, gateway],
    [AUTH_KEYS, auth],
  ]);
  let status = 200;
  const server = createServer((request, response) => {
    asked.push(String(request.url));
    const found = sets.get(String(request.url));
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ keys: found ? [published(found)] : [] }));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    fails: () => (status = 503),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

const gateway = pair('g-1');
const auth = pair('a-1');
const now = Math.floor(Date.now() / 1000);
const claims = { iss: 'interline', sub: 'u-0001', aud: 'library', iat: now, exp: now + 300 };
const byGateway = (more: Readonly<Record<string, unknown>> = {}, by = gateway): string =>
  signed({ alg: by.alg, kid: by.kid, typ: 'at+jwt' }, { ...claims, ...more }, by);
const byAuth = (more: Readonly<Record<string, unknown>> = {}, by = auth): string =>
  signed({ alg: by.alg, kid: by.kid }, { ...claims, iss: 'auth', ...more }, by);
const { exp: _, ...endless } = claims;
const { sub: _sub, ...nobodys } = claims;

describe('the user for whom a product is called', () => {
  it.each([
    ['the gateway minted it', byGateway()],
    ['auth issued it', byAuth()],
    ['others may take it too', byAuth({ aud: ['babonbo', 'library'] })],
  ])('is the one that a token for this product names: %s', async (_why, token) => {
    await using keys = await keysAt(gateway, auth);
    expect(await verifier('library', keys.url)(token)).toEqual({ ok: true, user: 'u-0001' });
  });

  it.each([
    ['it is for the gateway', byAuth({ aud: ['interline'] })],
    ['it is for another product', byGateway({ aud: 'babonbo' })],
    ['it is for nobody', byGateway({ aud: undefined })],
    ['its time is over', byGateway({ exp: now - 1 })],
    ['it never ends', signed({ alg: 'ES256', kid: 'g-1' }, endless, gateway)],
    ['it names nobody', signed({ alg: 'ES256', kid: 'g-1' }, nobodys, gateway)],
    ['its subject is empty', byGateway({ sub: '' })],
    ['somebody else issued it', byGateway({ iss: 'https://login.example.org' })],
    ['nobody says who issued it', byGateway({ iss: undefined })],
    ['auth issued it in the name of the gateway', byAuth({ iss: 'interline' })],
    ['the gateway signed it in the name of auth', byGateway({ iss: 'auth' })],
    ['another key signed it under the same name', byGateway({}, pair('g-1'))],
    ['nobody signed it', `${base64url('{"alg":"none"}')}.${base64url(JSON.stringify(claims))}.`],
    ['the public key served as a secret', hmacSigned({ alg: 'HS256', kid: 'g-1' }, claims, JSON.stringify(published(gateway)))],
    ['it is none', 'token'],
    ['it is empty', ''],
  ])('is nobody where the token is not good: %s', async (_why, token) => {
    await using keys = await keysAt(gateway, auth);
    expect(await verifier('library', keys.url)(token)).toMatchObject({ ok: false, status: 401 });
  });

  it('takes the keys of each issuer once, and does not look for unknown ones again and again', async () => {
    await using keys = await keysAt(gateway, auth);
    const verify = verifier('library', keys.url);
    for (let i = 0; i < 20; i++) await verify(byGateway());
    for (let i = 0; i < 20; i++) await verify(byGateway({}, pair(`unknown-${i}`)));
    expect(keys.asked).toEqual([GATEWAY_KEYS]);
  });

  it('is not known for now where the keys can not be had', async () => {
    const keys = await keysAt(gateway, auth);
    keys.fails();
    expect(await verifier('library', keys.url)(byGateway())).toMatchObject({ ok: false, status: 503 });
    await keys[Symbol.asyncDispose]();
    expect(await verifier('library', keys.url)(byGateway())).toMatchObject({ ok: false, status: 503 });
  });
});

describe('an operation that depends on a user', () => {
  it('is refused without a token of the user, and with one that is not good', async () => {
    await using product = await running(library);
    const path = `${product.url}/v1/books/b-0001`;
    expect(await call(path, { key: KEY })).toMatchObject({ status: 401, body: { code: 'user-unknown' } });
    expect(await call(path, { key: KEY, token: 'forged' })).toMatchObject({ status: 401, body: { code: 'user-unknown' } });
    expect(await call(path, { key: KEY, token: tokenOf('u-0001') })).toMatchObject({ status: 200 });
    expect(await call(path, { key: 'another', token: tokenOf('u-0001') })).toMatchObject({ status: 401, body: { code: 'unauthorized' } });
  });

  it('is told who the user is; one that is the same for all needs none', async () => {
    await using product = await running(library);
    expect(await call(`${product.url}/v1/reader`, { key: KEY, token: tokenOf('u-0007') })).toMatchObject({ body: { reader: 'u-0007' } });
    expect(await call(`${product.url}/v1/hours`, { key: KEY })).toMatchObject({ status: 200, body: { reader: null } });
    expect(await call(`${product.url}/v1/hours`, { key: KEY, token: 'forged' })).toMatchObject({ status: 200, body: { reader: null } });
  });
});
