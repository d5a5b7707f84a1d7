import { describe, expect, it } from '@jest/globals';
import { createLocalJWKSet, jwtVerify } from 'jose';
import { z } from 'zod';
import { GATEWAY, PublicKey, TOKEN_ISSUER, Token, User } from '#contracts/products/auth/v1.js';
import type { Migration } from '../../../examples/kit/migrate.js';
import { authProduct } from '../../../examples/products/auth/product.js';
import { makeKey } from '../../../examples/products/auth/tokens.js';
import { type Answered, type Calls, KEY, call, running, temporaryFolder } from '../kit-fixture.js';
import { seeded } from './seeded.js';

const Users = z.object({ users: z.array(User) });
const Keys = z.object({ keys: z.array(PublicKey) });
const ids = (from: number, to: number): string =>
  Array.from({ length: to - from + 1 }, (_, i) => `ids=u-${String(from + i).padStart(4, '0')}`).join('&');

const emailOf = async (auth: Calls, id: string): Promise<string> => User.parse((await auth.get(`/v1/users/${id}`)).body).email;
const login = (auth: Calls, input: object): Promise<Answered> => auth.send('POST', '/v1/tokens', input);

/** A user of the days before passwords, and the key that auth signs with. */
const early: Migration = (db) => {
  db.run("INSERT INTO users (id, name, email, language, member_since) VALUES ('u-0900', 'E', 'early@example.org', 'en', '2019-01-07')");
  makeKey(db);
};

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

  it('logs a user in: a token for whom it was asked, that the published key verifies', async () => {
    await using auth = await running(authProduct);
    const email = await emailOf(auth, 'u-0003');
    const issued = await login(auth, { email, password: 'flying', client: 'kiosk', audience: ['babonbo', 'clickai'] });
    expect(issued.status).toBe(201);
    const { token, expiresAt } = Token.parse(issued.body);
    const keys = createLocalJWKSet(Keys.parse((await auth.get('/v1/.well-known/jwks.json')).body));
    const { payload, protectedHeader } = await jwtVerify(token, keys, { issuer: TOKEN_ISSUER, audience: 'babonbo', algorithms: ['ES256'] });
    expect(payload).toMatchObject({ sub: 'u-0003', aud: ['babonbo', 'clickai'], client_id: 'kiosk', exp: Date.parse(expiresAt) / 1000 });
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(3600);
    expect(protectedHeader.kid).toEqual(expect.any(String));
    for (const audience of ['inventory', GATEWAY])
      await expect(jwtVerify(token, keys, { issuer: TOKEN_ISSUER, audience })).rejects.toMatchObject({
        code: 'ERR_JWT_CLAIM_VALIDATION_FAILED',
      });
  });

  it('issues a token for the frontend and the gateway where nothing else is asked for, whatever case the address is in', async () => {
    await using auth = await running(authProduct);
    const email = (await emailOf(auth, 'u-0003')).toUpperCase();
    const { token } = Token.parse((await login(auth, { email, password: 'flying' })).body);
    const keys = createLocalJWKSet(Keys.parse((await auth.get('/v1/.well-known/jwks.json')).body));
    const { payload } = await jwtVerify(token, keys, { issuer: TOKEN_ISSUER, audience: GATEWAY });
    expect(payload).toMatchObject({ sub: 'u-0003', aud: ['interline'], client_id: 'web' });
  });

  it.each([
    ['a wrong password', { password: 'walking' }],
    ['a longer password', { password: 'flying ' }],
    ['a user who is not there', { email: 'nobody@example.org' }],
  ])('logs nobody in with %s, and does not say what was wrong', async (_what, wrong) => {
    await using auth = await running(authProduct);
    const email = await emailOf(auth, 'u-0003');
    const failed = await login(auth, { email, password: 'flying', ...wrong });
    expect(failed).toMatchObject({ status: 401, body: { code: 'loginFailed' } });
    expect(failed.body).not.toHaveProperty('detail');
  });

  it('needs no user for a login, nor for its keys', async () => {
    await using auth = await running(authProduct);
    const body = { email: await emailOf(auth, 'u-0003'), password: 'flying' };
    expect(await call(`${auth.url}/v1/tokens`, { method: 'POST', key: KEY, body })).toMatchObject({ status: 201 });
    expect(await call(`${auth.url}/v1/.well-known/jwks.json`, { key: KEY })).toMatchObject({ status: 200 });
  });

  it('keeps no password, and lets those log in who were there before there were any', async () => {
    using one = seeded(authProduct);
    const Row = z.object({ password: z.string() });
    const kept = one.db.all(Row, 'SELECT DISTINCT password FROM users');
    expect(kept).toEqual([{ password: expect.stringMatching(/^scrypt\$16384\$[\w-]{22}\$[\w-]{43}$/) }]);
    await using auth = await running({
      ...authProduct,
      seed: () => undefined,
      migrations: [...authProduct.migrations.slice(0, 2), early, ...authProduct.migrations.slice(2)],
    });
    expect(await login(auth, { email: 'early@example.org', password: 'flying' })).toMatchObject({ status: 201 });
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
