import { generateKeyPairSync } from 'node:crypto';
import { readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { createLocalJWKSet, jwtVerify } from 'jose';
import { Minter, type Purpose } from '../../src/identity/mint.js';
import { type SigningKey, loadSigningKey } from '../../src/identity/signing-key.js';
import { type HandClock, handClock } from '../hand-clock.js';
import { temporaryFolder } from '../policy/temporary-folder.js';
import { pair } from './issuing.js';

const NAME = 'interline';
const purpose: Purpose = {
  audience: 'shop',
  user: { issuer: 'https://auth.test', subject: 'u-0001' },
  consumer: 'web',
  scopes: ['orders:read', 'me'],
};

async function newKey(): Promise<SigningKey> {
  using folder = temporaryFolder();
  return await loadSigningKey({ dataDir: folder.path });
}

const minter = async (clock: HandClock): Promise<Minter> => new Minter({ name: NAME, key: await newKey(), clock });

/** What a product makes of a token, by the gateway's published keys. */
async function read(token: string, minter: Minter, audience: string, clock: HandClock) {
  const keys = createLocalJWKSet({ keys: minter.publicJwks().keys.map((jwk) => ({ ...jwk, kty: jwk['kty'] ?? '' })) });
  return jwtVerify(token, keys, { issuer: NAME, audience, currentDate: new Date(clock.date()), algorithms: ['ES256'] });
}

describe('a minted token', () => {
  it('is one that its product verifies by the published keys, and no other product accepts', async () => {
    const clock = handClock();
    const gateway = await minter(clock);
    const token = await gateway.mint(purpose);
    const { payload, protectedHeader } = await read(token, gateway, 'shop', clock);
    const iat = clock.date() / 1000;
    expect(payload).toEqual({
      iss: NAME,
      sub: 'u-0001',
      aud: 'shop',
      client_id: 'web',
      scope: 'orders:read me',
      idp: 'https://auth.test',
      iat,
      exp: iat + 300,
      jti: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    expect(protectedHeader).toEqual({ alg: 'ES256', kid: gateway.publicJwks().keys[0]?.['kid'], typ: 'at+jwt' });
    await expect(read(token, gateway, 'auth', clock)).rejects.toThrow('unexpected "aud"');
  });

  it('says nothing of a consumer or of scopes where there are none', async () => {
    const clock = handClock();
    const gateway = await minter(clock);
    const { payload } = await read(await gateway.mint({ ...purpose, consumer: undefined, scopes: undefined }), gateway, 'shop', clock);
    expect(Object.keys(payload).sort()).toEqual(['aud', 'exp', 'iat', 'idp', 'iss', 'jti', 'sub']);
    const none = await read(await gateway.mint({ ...purpose, scopes: [] }), gateway, 'shop', clock);
    expect(none.payload['scope']).toBe('');
  });

  it('is handed out again for four fifths of its life, without a promise, and is another one then', async () => {
    const clock = handClock();
    const gateway = await minter(clock);
    const token = await gateway.mint(purpose);
    expect(gateway.mint({ ...purpose, scopes: ['me', 'orders:read'] })).toBe(token);
    clock.advance(239_999);
    expect(gateway.mint(purpose)).toBe(token);
    clock.advance(1);
    const next = await gateway.mint(purpose);
    expect(next).not.toBe(token);
    expect((await read(next, gateway, 'shop', clock)).payload.exp).toBe(clock.date() / 1000 + 300);
  });

  it('is signed once for all who want it at the same time', async () => {
    const gateway = await minter(handClock());
    expect(new Set(await Promise.all(Array.from({ length: 100 }, async () => gateway.mint(purpose)))).size).toBe(1);
  });

  it('is never shared by two purposes that differ in anything', async () => {
    const gateway = await minter(handClock());
    const purposes: readonly Partial<Purpose>[] = [
      {},
      { audience: 'auth' },
      { user: { issuer: 'https://auth.test', subject: 'u-0002' } },
      { user: { issuer: 'https://other.test', subject: 'u-0001' } },
      { user: { issuer: 'https://auth.testu', subject: '-0001' } },
      { consumer: 'pilot' },
      { consumer: '' },
      { consumer: undefined },
      { consumer: undefined, scopes: ['me', 'orders:read', 'web'] },
      { scopes: ['me'] },
      { scopes: [] },
      { scopes: undefined },
      { scopes: ['1'] },
      { scopes: ['me', 'orders:reads'] },
    ];
    const tokens = await Promise.all(purposes.map(async (other) => gateway.mint({ ...purpose, ...other })));
    expect(new Set(tokens).size).toBe(purposes.length);
  });
});

describe('the key that the gateway signs with', () => {
  it('is made at the first start, for its owner alone, and is the same at the next', async () => {
    using folder = temporaryFolder();
    const first = await loadSigningKey({ dataDir: join(folder.path, 'data') });
    const again = await loadSigningKey({ dataDir: join(folder.path, 'data') });
    expect(again.publicJwk).toEqual(first.publicJwk);
    expect(readdirSync(join(folder.path, 'data'))).toEqual(['signing-key.json']);
    expect(statSync(join(folder.path, 'data', 'signing-key.json')).mode & 0o777).toBe(0o600);
  });

  it('is one, where many start at the same time on one folder', async () => {
    using folder = temporaryFolder();
    const keys = await Promise.all(Array.from({ length: 20 }, () => loadSigningKey({ dataDir: folder.path })));
    expect(new Set(keys.map(({ kid }) => kid)).size).toBe(1);
    expect(readdirSync(folder.path)).toEqual(['signing-key.json']);
  });

  it('is the one that it is given, of any kind that signs, and nothing is kept then', async () => {
    using folder = temporaryFolder();
    const made = [pair('e', 'EdDSA'), pair('r', 'RS256'), pair('p', 'ES256')].map(({ privateKey }) => privateKey.export({ format: 'jwk' }));
    const keys = await Promise.all(made.map((jwk) => loadSigningKey({ text: JSON.stringify(jwk), dataDir: folder.path })));
    expect(keys.map(({ algorithm }) => algorithm)).toEqual(['EdDSA', 'RS256', 'ES256']);
    const named = { ...pair('p', 'RS256').privateKey.export({ format: 'jwk' }), kid: 'mine', alg: 'PS256' };
    expect(await loadSigningKey({ text: JSON.stringify(named), dataDir: folder.path })).toMatchObject({ kid: 'mine', algorithm: 'PS256' });
    expect(readdirSync(folder.path)).toEqual([]);
  });

  it('is published without its private half, whatever its JWK holds', async () => {
    const jwk = { ...pair('k', 'RS256').privateKey.export({ format: 'jwk' }), secret: 'canary' };
    const key = await loadSigningKey({ text: JSON.stringify(jwk), dataDir: '' });
    const clock = handClock();
    const previous = pair('old').privateKey.export({ format: 'jwk' });
    const { keys } = new Minter({ name: NAME, key, clock, previous: [{ ...previous, kid: 'old', secret: 'canary' }] }).publicJwks();
    expect(keys.map((published) => Object.keys(published).sort())).toEqual([
      ['alg', 'e', 'kid', 'kty', 'n', 'use'],
      ['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y'],
    ]);
  });

  it('stays published and accepted after it was changed for another', async () => {
    const clock = handClock();
    const before = new Minter({ name: NAME, key: await newKey(), clock });
    const after = new Minter({ name: NAME, key: await newKey(), clock, previous: before.publicJwks().keys });
    const token = await before.mint(purpose);
    expect((await read(token, after, 'shop', clock)).payload.sub).toBe('u-0001');
    expect(after.publicJwks().keys).toHaveLength(2);
    expect(await read(await after.mint(purpose), after, 'shop', clock)).toBeDefined();
  });

  it.each([
    ['no JSON', 'secret-canary'],
    ['a public key', JSON.stringify({ ...pair('k').publicKey.export({ format: 'jwk' }), note: 'secret-canary' })],
    ['a shared secret', JSON.stringify({ kty: 'oct', k: 'secret-canary' })],
    ['a weak one', JSON.stringify(generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey.export({ format: 'jwk' }))],
    ['a curve that nobody signs with', JSON.stringify(generateKeyPairSync('x25519').privateKey.export({ format: 'jwk' }))],
    ['another algorithm than it is for', JSON.stringify({ ...pair('k').privateKey.export({ format: 'jwk' }), alg: 'RS256' })],
    ['no algorithm', JSON.stringify({ ...pair('k').privateKey.export({ format: 'jwk' }), alg: 'none' })],
  ])('is refused where it is %s, without repeating it', async (_, text) => {
    const refused = 'expected a private key as a JWK (RFC 7517), EC, Ed25519 or RSA of 2048 bits or more';
    await expect(loadSigningKey({ text, dataDir: '' })).rejects.toMatchObject({
      name: 'SigningKeyError',
      message: `the signing key: ${refused}`,
    });
    using folder = temporaryFolder();
    const file = join(folder.path, 'signing-key.json');
    writeFileSync(file, text);
    await expect(loadSigningKey({ dataDir: folder.path })).rejects.toThrow(`${file}: ${refused}`);
    expect(readFileSync(file, 'utf8')).toBe(text);
  });

  it('is refused where it can not be kept', async () => {
    using folder = temporaryFolder();
    writeFileSync(join(folder.path, 'data'), '');
    await expect(loadSigningKey({ dataDir: join(folder.path, 'data') })).rejects.toThrow(
      /signing-key\.json: can't keep a key to sign with there \(ENOTDIR\)/,
    );
  });

  it('is refused as a previous one where it is none', async () => {
    const key = await newKey();
    for (const odd of [null, 'k1', {}, { kty: 'oct', kid: 'k', k: 'c2VjcmV0' }, { ...pair('k').publicKey.export({ format: 'jwk' }) }])
      expect(() => new Minter({ name: NAME, key, clock: handClock(), previous: [odd] })).toThrow(
        'a previous signing key: expected a JWK (RFC 7517) with its kid',
      );
  });
});
