import { describe, expect, it } from '@jest/globals';
import { createLocalJWKSet, jwtVerify } from 'jose';
import { z } from 'zod';
import { ANY_PRODUCT, PublicKey, TOKEN_ISSUER, Token, User } from '#contracts/products/auth/v1.js';
import { authProduct } from '../../../examples/products/auth/product.js';
import { running, temporaryFolder } from '../kit-fixture.js';

const Users = z.object({ users: z.array(User) });
const Keys = z.object({ keys: z.array(PublicKey) });
const ids = (from: number, to: number): string =>
  Array.from({ length: to - from + 1 }, (_, i) => `ids=u-${String(from + i).padStart(4, '0')}`).join('&');

describe('auth', () => {
  it('has 240 users with an address each, the same on every machine', async () => {
    const everybody = async (): Promise<z.output<typeof User>[]> => {
      await using auth = await running(authProduct);
      const pages = await Promise.all([ids(1, 100), ids(101, 200), ids(201, 300)].map((query) => auth.get(`/v1/users?${query}`)));
      return pages.flatMap(({ body }) => Users.parse(body).users);
    };
    const users = await everybody();
    expect(users).toHaveLength(240);
    expect(new Set(users.map((user) => user.email)).size).toBe(240);
    expect(await everybody()).toEqual(users);
  });

  it('gives one user, and an absence by name', async () => {
    await using auth = await running(authProduct);
    expect(User.parse((await auth.get('/v1/users/u-0001')).body).id).toBe('u-0001');
    expect(await auth.get('/v1/users/u-9999')).toMatchObject({ status: 404, body: { code: 'userNotFound' } });
  });

  it('leaves out of a list who is not there, and refuses more than a hundred', async () => {
    await using auth = await running(authProduct);
    expect((await auth.get('/v1/users?ids=u-0002&ids=u-9999')).body).toMatchObject({ users: [{ id: 'u-0002' }] });
    expect(await auth.get(`/v1/users?${ids(1, 101)}`)).toMatchObject({ status: 400, body: { errors: [{ in: 'query', path: 'ids' }] } });
  });

  it('issues a token that the published key verifies', async () => {
    await using auth = await running(authProduct);
    const issued = await auth.send('POST', '/v1/tokens', { userId: 'u-0003', audience: ['babonbo', 'clickai'] });
    expect(issued.status).toBe(201);
    const { token, expiresAt } = Token.parse(issued.body);
    const keys = createLocalJWKSet(Keys.parse((await auth.get('/v1/.well-known/jwks.json')).body));
    const { payload, protectedHeader } = await jwtVerify(token, keys, { issuer: TOKEN_ISSUER, audience: 'babonbo', algorithms: ['ES256'] });
    expect(payload).toMatchObject({ sub: 'u-0003', aud: ['babonbo', 'clickai'], exp: Date.parse(expiresAt) / 1000 });
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(3600);
    expect(protectedHeader.kid).toEqual(expect.any(String));
    await expect(jwtVerify(token, keys, { issuer: TOKEN_ISSUER, audience: 'inventory' })).rejects.toMatchObject({
      code: 'ERR_JWT_CLAIM_VALIDATION_FAILED',
    });
  });

  it('issues a token for all products where none is named, and none for nobody', async () => {
    await using auth = await running(authProduct);
    const { token } = Token.parse((await auth.send('POST', '/v1/tokens', { userId: 'u-0003' })).body);
    const keys = createLocalJWKSet(Keys.parse((await auth.get('/v1/.well-known/jwks.json')).body));
    expect((await jwtVerify(token, keys, { audience: ANY_PRODUCT })).payload.sub).toBe('u-0003');
    expect(await auth.send('POST', '/v1/tokens', { userId: 'u-9999' })).toMatchObject({ status: 404, body: { code: 'userNotFound' } });
  });

  it('publishes no private half of a key', async () => {
    await using auth = await running(authProduct);
    const { body } = await auth.get('/v1/.well-known/jwks.json');
    expect(Object.keys(z.object({ keys: z.array(z.looseObject({})).length(1) }).parse(body).keys[0] ?? {}).toSorted()).toEqual([
      'alg',
      'crv',
      'kid',
      'kty',
      'use',
      'x',
      'y',
    ]);
  });

  it('keeps its key over a restart, and has another one on another machine', async () => {
    using folder = temporaryFolder();
    const keys = async (dataDir?: string): Promise<unknown> => {
      await using auth = await running(authProduct, dataDir);
      return (await auth.get('/v1/.well-known/jwks.json')).body;
    };
    const before = await keys(folder.path);
    expect(await keys(folder.path)).toEqual(before);
    expect(await keys()).not.toEqual(before);
  });
});
