import { describe, expect, it } from '@jest/globals';
import { makeKey } from '../../src/identity/api-key.js';
import { authenticator } from '../../src/identity/authenticate.js';
import { NO_KEYS, addKey } from '../../src/identity/consumer-keys.js';
import type { Issuer } from '../../src/identity/issuer.js';
import { Keyring } from '../../src/identity/keyring.js';
import { Minter } from '../../src/identity/mint.js';
import { loadSigningKey } from '../../src/identity/signing-key.js';
import { type HandClock, handClock } from '../hand-clock.js';
import { temporaryFolder } from '../policy/temporary-folder.js';
import { FakeIssuer, ISSUER, authenticating, bearing, loaded, pair, settled } from './issuing.js';

/** A keyring with a key for each of these names. */
function keysFor(clock: HandClock, ...names: readonly string[]) {
  const keys: Record<string, string> = {};
  const document = names.reduce((document, name) => {
    const made = makeKey();
    keys[name] = made.key.reveal();
    const changed = addKey(document, made, name, clock.date());
    if (!changed.ok) throw new Error(changed.why);
    return changed.next;
  }, NO_KEYS);
  return { keys, keyring: new Keyring(document) };
}

async function minterOf(clock: HandClock): Promise<Minter> {
  using folder = temporaryFolder();
  return new Minter({ name: 'interline', key: await loadSigningKey({ dataDir: folder.path }), clock });
}

/** A gateway with keys, one issuer, and a minter. */
async function rig(terms: Partial<Issuer> = {}) {
  const clock = handClock();
  const issuer = await loaded(clock, undefined, terms);
  const { keys, keyring } = keysFor(clock, 'web', 'pilot', 'shop', 'forgotten');
  const minter = await minterOf(clock);
  const authenticate = authenticating(clock, [issuer.issuer], { keyring, minter });
  const keyed = (name: string): readonly string[] => ['X-API-Key', keys[name] ?? ''];
  return { clock, issuer, keys, minter, authenticate, keyed, [Symbol.dispose]: () => issuer.jwks.close() };
}

const refusedToken = (detail: string) => ({
  status: 401,
  code: 'invalid_token',
  detail,
  headers: { 'www-authenticate': 'Bearer error="invalid_token"' },
});
const refusedKey = (detail: string) => ({ status: 401, code: 'invalid_key', detail, headers: { 'www-authenticate': 'Bearer' } });
const NOBODY = { consumer: undefined, user: undefined, scopes: undefined };

describe('who calls', () => {
  it('without any credential is nobody in particular, said at once', async () => {
    using gateway = await rig();
    expect(gateway.authenticate(['Host', 'gateway', 'Accept', '*/*'])).toEqual(NOBODY);
  });

  it('with a key is its consumer, said at once, however the header is spelt', async () => {
    using gateway = await rig();
    for (const name of ['x-api-key', 'X-API-Key', 'X-Api-KEY'])
      expect(gateway.authenticate([name, gateway.keys['web'] ?? ''])).toEqual({ ...NOBODY, consumer: 'web' });
  });

  it('with a token is its user through its client, said at once the second time', async () => {
    using gateway = await rig();
    const token = gateway.issuer.token({ client_id: 'web', scope: 'orders:read me me' });
    const caller = { consumer: 'web', user: { issuer: ISSUER, subject: 'u-0001', token }, scopes: ['me', 'orders:read'] };
    const first = gateway.authenticate(bearing(token));
    expect(first).toBeInstanceOf(Promise);
    expect(await first).toEqual(caller);
    expect(gateway.authenticate(bearing(token))).toEqual(caller);
    expect(gateway.authenticate(['authorization', `bearer ${token}`])).toEqual(caller);
  });

  it('is known by azp where there is no client_id, and by no client that is not a consumer', async () => {
    using gateway = await rig();
    const consumerOf = async (claims: object): Promise<unknown> => gateway.authenticate(bearing(gateway.issuer.token({ ...claims })));
    expect(await consumerOf({ azp: 'web' })).toMatchObject({ consumer: 'web' });
    expect(await consumerOf({ azp: 'web', client_id: 'pilot' })).toMatchObject({ consumer: 'pilot' });
    expect(await consumerOf({ client_id: 'stranger' })).toMatchObject({ consumer: undefined, user: { subject: 'u-0001' } });
    expect(await consumerOf({})).toMatchObject({ consumer: undefined, scopes: undefined });
    expect(await consumerOf({ scope: '' })).toMatchObject({ scopes: [] });
  });

  it('with a client’s own token is that consumer, and no user', async () => {
    using gateway = await rig();
    const token = gateway.issuer.token({ sub: 'pilot', client_id: 'pilot', scope: 'me' });
    expect(await gateway.authenticate(bearing(token))).toEqual({ consumer: 'pilot', user: undefined, scopes: ['me'] });
    using consumers = await rig({ names: 'consumers' });
    expect(await consumers.authenticate(bearing(consumers.issuer.token({ sub: 'pilot' })))).toMatchObject({
      consumer: 'pilot',
      user: undefined,
    });
    using users = await rig({ names: 'users' });
    const user = users.issuer.token({ sub: 'pilot', client_id: 'pilot' });
    expect(await users.authenticate(bearing(user))).toMatchObject({ consumer: 'pilot', user: { subject: 'pilot' } });
  });

  it('with a key and a token of another client is the key’s consumer, for the token’s user', async () => {
    using gateway = await rig();
    const token = gateway.issuer.token({ client_id: 'web' });
    expect(await gateway.authenticate([...gateway.keyed('pilot'), ...bearing(token)])).toMatchObject({
      consumer: 'pilot',
      user: { subject: 'u-0001' },
    });
  });

  it('is told apart where two issuers name a user alike', async () => {
    const clock = handClock();
    using one = await loaded(clock);
    using other = await loaded(clock, [pair('k1')], { name: 'https://other.test' });
    const authenticate = authenticating(clock, [one.issuer, other.issuer]);
    expect(await authenticate(bearing(one.token()))).toMatchObject({ user: { issuer: ISSUER, subject: 'u-0001' } });
    expect(await authenticate(bearing(other.token()))).toMatchObject({ user: { issuer: 'https://other.test', subject: 'u-0001' } });
    const forged = one.token({ iss: 'https://other.test' });
    expect(await authenticate(bearing(forged))).toEqual(refusedToken('its signature is not that of its issuer'));
  });
});

describe('a credential that is presented and bad', () => {
  it.each<readonly [string, readonly string[], string]>([
    [
      'two Authorization headers',
      ['Authorization', 'Bearer a.b.c', 'authorization', 'Bearer a.b.c'],
      'expected one Authorization header, got two',
    ],
    ['another scheme', ['Authorization', 'Basic dXNlcjpwYXNz'], 'expected Authorization: Bearer, and a token'],
    ['no scheme', ['Authorization', 'a.b.c'], 'expected Authorization: Bearer, and a token'],
    ['an empty header', ['Authorization', ''], 'expected Authorization: Bearer, and a token'],
    ['an empty token', ['Authorization', 'Bearer'], 'expected Authorization: Bearer, and a token'],
    ['a token of spaces', ['Authorization', 'Bearer   '], 'expected Authorization: Bearer, and a token'],
    ['two tokens', ['Authorization', 'Bearer a.b.c d.e.f'], 'expected Authorization: Bearer, and a token'],
    ['no token of ours', ['Authorization', 'Bearer abc'], 'expected a token in the compact form'],
  ])('%s is refused, though anonymous would do', async (_, headers, detail) => {
    using gateway = await rig();
    expect(gateway.authenticate(headers)).toEqual(refusedToken(detail));
    expect(gateway.authenticate([...gateway.keyed('web'), ...headers])).toEqual(refusedToken(detail));
  });

  it('a key that is unknown, empty, mistyped, double, or of a consumer that is known no more is refused', async () => {
    using gateway = await rig();
    const key = gateway.keys['web'] ?? '';
    for (const bad of [makeKey().key.reveal(), '', key.slice(1), `${key}x`])
      expect(gateway.authenticate(['x-api-key', bad])).toEqual(refusedKey('the key is not one in force'));
    expect(gateway.authenticate(['x-api-key', key, 'X-Api-Key', key])).toEqual(refusedKey('expected one x-api-key header, got two'));
    expect(gateway.authenticate(gateway.keyed('forgotten'))).toEqual(refusedKey('the key is not one in force'));
  });

  it('a bad key is refused beside a good token, and a bad token beside a good key', async () => {
    using gateway = await rig();
    const good = gateway.issuer.token();
    expect(gateway.authenticate(['x-api-key', makeKey().key.reveal(), ...bearing(good)])).toMatchObject({
      status: 401,
      code: 'invalid_key',
    });
    const bad = gateway.issuer.token({ aud: 'babonbo' });
    expect(await gateway.authenticate([...gateway.keyed('web'), ...bearing(bad)])).toEqual(
      refusedToken('it is meant for somebody else (aud)'),
    );
  });

  it('is a key that was good until it was taken back', async () => {
    const clock = handClock();
    const { keys, keyring } = keysFor(clock, 'web');
    const authenticate = authenticating(clock, [], { keyring });
    expect(authenticate(['x-api-key', keys['web'] ?? ''])).toEqual({ ...NOBODY, consumer: 'web' });
    keyring.replace({ ...NO_KEYS, revision: 2 });
    expect(authenticate(['x-api-key', keys['web'] ?? ''])).toMatchObject({ status: 401 });
  });

  it('can not be told while the issuer’s keys were never loaded: 503, and come again', async () => {
    const clock = handClock();
    using issuer = new FakeIssuer(clock);
    issuer.goesAway();
    await settled();
    const authenticate = authenticating(clock, [issuer.issuer]);
    expect(await authenticate(bearing(issuer.token()))).toEqual({
      status: 503,
      code: 'auth_unavailable',
      detail: "its issuer's keys could not be loaded",
      headers: {},
      retryAfter: 5,
    });
    expect(authenticate([])).toEqual(NOBODY);
  });
});

describe('a token that the gateway minted', () => {
  const purpose = { audience: 'pilot', user: { issuer: ISSUER, subject: 'u-0001' }, consumer: 'web', scopes: ['me'] };

  it('is accepted from the product that it was minted for, as the user’s own issuer’s, to be minted anew for the next', async () => {
    using gateway = await rig();
    const token = await gateway.minter.mint(purpose);
    expect(await gateway.authenticate([...gateway.keyed('pilot'), ...bearing(token)])).toEqual({
      consumer: 'pilot',
      user: { issuer: ISSUER, subject: 'u-0001', token },
      scopes: ['me'],
    });
  });

  it('is refused from everybody else: another product, its first consumer, nobody', async () => {
    using gateway = await rig();
    const token = await gateway.minter.mint(purpose);
    const refused = refusedToken('it was minted for somebody else, or its product did not present its key');
    for (const key of [gateway.keyed('shop'), gateway.keyed('web'), []])
      expect(await gateway.authenticate([...key, ...bearing(token)])).toEqual(refused);
    await gateway.authenticate([...gateway.keyed('pilot'), ...bearing(token)]);
    for (const key of [gateway.keyed('shop'), gateway.keyed('web'), []])
      expect(await gateway.authenticate([...key, ...bearing(token)])).toEqual(refused);
  });

  it('is not taken for one by another gateway of the same name, nor after five minutes', async () => {
    using gateway = await rig();
    const foreign = await (await minterOf(gateway.clock)).mint(purpose);
    expect(await gateway.authenticate([...gateway.keyed('pilot'), ...bearing(foreign)])).toEqual(
      refusedToken('its issuer has no such key (kid)'),
    );
    const token = await gateway.minter.mint(purpose);
    gateway.clock.advance(300_000 + 60_000);
    expect(await gateway.authenticate([...gateway.keyed('pilot'), ...bearing(token)])).toEqual(refusedToken('it has expired (exp)'));
  });

  it('stays a user’s where the user is called like the consumer', async () => {
    using gateway = await rig();
    const token = await gateway.minter.mint({ ...purpose, user: { issuer: ISSUER, subject: 'web' } });
    expect(await gateway.authenticate([...gateway.keyed('pilot'), ...bearing(token)])).toMatchObject({
      user: { issuer: ISSUER, subject: 'web' },
    });
  });
});

describe('issuers', () => {
  const terms = { keyring: new Keyring(), minter: undefined, clock: handClock(), isKnown: () => true };
  const issuer: Issuer = {
    name: ISSUER,
    audience: ['interline'],
    algorithms: ['ES256'],
    keys: { epoch: 0, keyOf: () => 'unknown' },
    names: 'both',
  };

  it.each([
    ['there are two of one name', [issuer, issuer], `the issuer "${ISSUER}" is there twice`],
    ['one has no name', [{ ...issuer, name: '' }], 'an issuer: expected a name'],
    ['one has no audience', [{ ...issuer, audience: [] }], `the issuer "${ISSUER}": expected an audience`],
    ['one pins nothing', [{ ...issuer, algorithms: [] }], 'expected algorithms of ES256'],
    ['one takes none', [{ ...issuer, algorithms: ['none' as 'ES256'] }], 'got "none"'],
    ['one takes shared secrets', [{ ...issuer, algorithms: ['ES256', 'HS256' as 'ES256'] as const }], 'got "HS256"'],
  ])('are refused where %s', (_, issuers, said) => {
    expect(() => authenticator({ ...terms, issuers })).toThrow(said);
  });

  it('are refused where one has the gateway’s own name', async () => {
    const minter = await minterOf(handClock());
    expect(() => authenticator({ ...terms, minter, issuers: [{ ...issuer, name: 'interline' }] })).toThrow(
      'the issuer "interline" is there twice',
    );
  });
});
