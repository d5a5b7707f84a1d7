import { once } from 'node:events';
import { createServer } from 'node:http';
import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { isRefused } from '../../src/identity/authenticate.js';
import { issuersOf } from '../../src/identity/issuer.js';
import { verifyToken } from '../../src/identity/token.js';
import { VerifiedTokens } from '../../src/identity/verified.js';
import { handClock } from '../hand-clock.js';
import {
  AUDIENCE,
  type FakeIssuer,
  ISSUER,
  authenticating,
  base64url,
  bearing,
  hmacSigned,
  loaded,
  pair,
  published,
  signature,
  signed,
} from './issuing.js';

const ec = pair('k1');
const rsa = pair('r1', 'RS256');
/** The attacker's own keys, under ids of the issuer's and of its own. */
const evil = pair('k1');
const evilRsa = pair('r1', 'RS256');
const weak = generateKeyPairSync('rsa', { modulusLength: 2048 });

let listener: { readonly url: string; hits: number; close(): void };

beforeAll(async () => {
  const server = createServer((_, response) => {
    listener.hits++;
    response.end(JSON.stringify({ keys: [published(evil)] }));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('expected a port');
  listener = { url: `http://127.0.0.1:${address.port}/keys`, hits: 0, close: () => server.close() };
});

afterAll(() => {
  expect(listener.hits).toBe(0);
  listener.close();
});

type Attack = (issuer: FakeIssuer) => string;
const pem = String(rsa.publicKey.export({ format: 'pem', type: 'spki' }));

/** A good token but for these members of its header. */
const header =
  (more: Readonly<Record<string, unknown>>, by = ec): Attack =>
  (issuer) =>
    signed({ ...issuer.header(by), ...more }, issuer.claims(), by);
/** A good token but for these claims; undefined leaves one out. */
const claims =
  (more: Readonly<Record<string, unknown>>): Attack =>
  (issuer) =>
    issuer.token(more);
/** A token with a payload of its own making, really signed. */
const payload =
  (make: (claims: Record<string, unknown>) => unknown): Attack =>
  (issuer) =>
    signed(issuer.header(), make(issuer.claims()), ec);
/** A good token that is changed afterwards. */
const changed =
  (change: (header: string, payload: string, signature: string) => string): Attack =>
  (issuer) => {
    const [first = '', second = '', third = ''] = issuer.token().split('.');
    return change(first, second, third);
  };
const kidOf = (kid: unknown, by = evil): Attack => header({ kid }, by);
const hmac =
  (secret: string | Buffer, more: Readonly<Record<string, unknown>> = {}, hash = 'sha256'): Attack =>
  (issuer) =>
    hmacSigned({ alg: 'HS256', kid: 'r1', ...more }, issuer.claims(), secret, hash);
/** The same claims with one of them written as this text, which JSON.stringify would not write. */
const written = (claim: string, text: string): Attack =>
  payload((all) => JSON.stringify({ ...all, [claim]: '?' }).replace(`"${claim}":"?"`, `"${claim}":${text}`));

const now = handClock().date() / 1000;
const latin = (text: string): Buffer => Buffer.from(text, 'latin1');
const withBom = (value: unknown): Buffer => Buffer.from(`\uFEFF${JSON.stringify(value)}`);

const attacks: Readonly<Record<string, Attack>> = {
  // the algorithm
  'none, no signature': (issuer) => `${base64url('{"alg":"none","kid":"k1"}')}.${base64url(JSON.stringify(issuer.claims()))}.`,
  'none, no kid, no signature': (issuer) => `${base64url('{"alg":"none"}')}.${base64url(JSON.stringify(issuer.claims()))}.`,
  'none, a real signature': header({ alg: 'none' }),
  None: header({ alg: 'None' }),
  NONE: header({ alg: 'NONE' }),
  nOnE: header({ alg: 'nOnE' }),
  'no algorithm': header({ alg: undefined }),
  'an empty algorithm': header({ alg: '' }),
  'null for an algorithm': header({ alg: null }),
  'a list of algorithms': header({ alg: ['ES256'] }),
  'a number for an algorithm': header({ alg: 256 }),
  'an object for an algorithm': header({ alg: { name: 'ES256' } }),
  es256: header({ alg: 'es256' }),
  'ES256 with a NUL': header({ alg: 'ES256\0' }),
  'ES256 with a space': header({ alg: 'ES256 ' }),
  ES256K: header({ alg: 'ES256K' }),
  'ES384, which is not pinned': header({ alg: 'ES384' }),
  'EdDSA, which is not pinned': (issuer) => {
    const ed = pair('k1', 'EdDSA');
    return signed({ alg: 'EdDSA', kid: 'k1' }, issuer.claims(), ed);
  },
  'PS256, which is not pinned, with the real RSA key': (issuer) =>
    signed({ alg: 'PS256', kid: 'r1' }, issuer.claims(), { ...rsa, alg: 'PS256' }),
  'RS256 with the id of the EC key': header({ kid: 'k1' }, rsa),
  'ES256 with the id of the RSA key': header({ kid: 'r1' }),
  'ES256, signed by RSA': header({ alg: 'ES256' }, rsa),
  'HS256 with the public key as PEM': hmac(pem),
  'HS256 with the public key as PEM without its last line break': hmac(pem.trimEnd()),
  'HS256 with the public key as DER': hmac(rsa.publicKey.export({ format: 'der', type: 'spki' })),
  'HS256 with the public key as PKCS #1': hmac(String(rsa.publicKey.export({ format: 'pem', type: 'pkcs1' }))),
  'HS256 with the public key as a JWK': hmac(JSON.stringify(published(rsa))),
  'HS256 with the modulus': hmac(Buffer.from(String(rsa.publicKey.export({ format: 'jwk' }).n), 'base64url')),
  'HS256 with the EC key as PEM': hmac(String(ec.publicKey.export({ format: 'pem', type: 'spki' })), { kid: 'k1' }),
  'HS256 with nothing': hmac(''),
  'HS256 that says RS256': hmac(pem, { alg: 'RS256' }),
  HS384: hmac(pem, { alg: 'HS384' }, 'sha384'),
  HS512: hmac(pem, { alg: 'HS512' }, 'sha512'),
  'a key of another, under the id of the issuer’s': (issuer) => issuer.token({}, evil),
  'an RSA key of another, under the id of the issuer’s': (issuer) => issuer.token({}, evilRsa),

  // keys and addresses of keys that it brings itself
  'its own key in jwk': header({ jwk: published(evil) }, evil),
  'its own key in jwk, and no kid': header({ jwk: published(evil), kid: undefined }, evil),
  'its own key in jwk, under another kid': header({ jwk: published({ ...evil, kid: 'mine' }), kid: 'mine' }, evil),
  'the issuer’s key in jwk, really signed': header({ jwk: published(ec) }),
  jku: (issuer) => header({ jku: listener.url }, evil)(issuer),
  'jku, under another kid': (issuer) => header({ jku: listener.url, kid: 'mine' }, evil)(issuer),
  'jku, really signed': (issuer) => header({ jku: listener.url })(issuer),
  'jku of the issuer with another behind @': (issuer) => header({ jku: `${ISSUER}@${listener.url.slice(7)}` }, evil)(issuer),
  'a list for jku': (issuer) => header({ jku: [listener.url] }, evil)(issuer),
  x5u: (issuer) => header({ x5u: listener.url }, evil)(issuer),
  'x5u, really signed': (issuer) => header({ x5u: listener.url })(issuer),
  x5c: header({ x5c: [weak.publicKey.export({ format: 'der', type: 'spki' }).toString('base64')] }, evil),
  'an issuer whose name is an address': (issuer) => claims({ iss: listener.url })(issuer),

  // the id of the key
  'a kid that is a path to nothing': hmac('', { kid: '/dev/null' }),
  'a kid that leaves the folder': kidOf('../../../../../../dev/null'),
  'a kid that is SQL': kidOf("k1' UNION SELECT 'secret"),
  'a kid that is true SQL': kidOf("' OR '1'='1"),
  'a kid that is a command': kidOf('k1|sleep 10'),
  'a kid that is an address': (issuer) => kidOf(listener.url)(issuer),
  'kid __proto__': kidOf('__proto__'),
  'kid constructor': kidOf('constructor'),
  'kid toString': kidOf('toString'),
  'kid size, of the Map': kidOf('size'),
  'another case of the kid, really signed': kidOf('K1', ec),
  'a space before the kid, really signed': kidOf(' k1', ec),
  'a space after the kid, really signed': kidOf('k1 ', ec),
  'a NUL after the kid, really signed': kidOf('k1\0', ec),
  'the beginning of the kid, really signed': kidOf('k', ec),
  'an empty kid, really signed': kidOf('', ec),
  'no kid, really signed': kidOf(undefined, ec),
  'null for a kid, really signed': kidOf(null, ec),
  'a list for a kid, really signed': kidOf(['k1'], ec),
  'an object for a kid, really signed': kidOf({ toString: 'k1' }, ec),
  'a number for a kid': kidOf(1),
  'a kid without end': kidOf('k'.repeat(3000), ec),

  // what changes how it is read
  'crit and b64 false': header({ crit: ['b64'], b64: false }),
  'b64 false with the payload as it is': (issuer) => {
    const first = base64url(JSON.stringify({ ...issuer.header(), b64: false, crit: ['b64'] }));
    const plain = base64url(JSON.stringify(issuer.claims()));
    return `${first}.${plain}.${base64url(signature(`${first}.${plain}`, ec))}`;
  },
  'b64 false alone': header({ b64: false }),
  'b64 true': header({ b64: true }),
  'an empty crit': header({ crit: [] }),
  'crit of a claim': header({ crit: ['exp'], exp: 1 }),
  'crit of something unknown': header({ crit: ['http://x'], 'http://x': true }),
  'null for crit': header({ crit: null }),
  'a nested token': header({ cty: 'JWT' }),
  'a compressed one': header({ zip: 'DEF' }),
  'typ of an id token': header({ typ: 'id+jwt' }),
  'typ of a proof': header({ typ: 'dpop+jwt' }),
  'typ of a logout token': header({ typ: 'logout+jwt' }),
  'a number for a typ': header({ typ: 1 }),
  'null for a typ': header({ typ: null }),
  'a header that is a list': (issuer) => signed([issuer.header()], issuer.claims(), ec),
  'a header that is a text': (issuer) => signed('"ES256"', issuer.claims(), ec),
  'a header that is null': (issuer) => signed('null', issuer.claims(), ec),
  'a header with a byte order mark': (issuer) => signed(withBom(issuer.header()), issuer.claims(), ec),
  'a header that is no UTF-8': (issuer) => signed(latin(JSON.stringify({ ...issuer.header(), x: 'é' })), issuer.claims(), ec),
  'a header that is cut off': (issuer) => signed('{"alg":"ES256","kid":"k1"', issuer.claims(), ec),
  'a header with something after it': (issuer) => signed('{"alg":"ES256","kid":"k1"}{}', issuer.claims(), ec),
  'a header that says alg twice': (issuer) => signed('{"alg":"ES256","kid":"k1","alg":"none"}', issuer.claims(), ec),
  'a header whose members are its prototype’s': (issuer) => signed('{"__proto__":{"alg":"ES256","kid":"k1"}}', issuer.claims(), ec),

  // the signature and the form
  'an empty signature': changed((first, second) => `${first}.${second}.`),
  'no signature': changed((first, second) => `${first}.${second}`),
  'a signature cut off': changed((first, second, third) => `${first}.${second}.${third.slice(0, -4)}`),
  'a signature with more behind it': changed((first, second, third) => `${first}.${second}.${third}AAAA`),
  'a signature of zeros': changed((first, second) => `${first}.${second}.${base64url(Buffer.alloc(64))}`),
  'a signature of ones': changed((first, second) => `${first}.${second}.${base64url(Buffer.alloc(64, 255))}`),
  'a signature as DER': (issuer) => {
    const input = issuer.token().split('.').slice(0, 2).join('.');
    const raw = signature(input, ec);
    const half = (bytes: Buffer): Buffer => Buffer.concat([Buffer.from([2, 33, 0]), bytes]);
    return `${input}.${base64url(Buffer.concat([Buffer.from([0x30, 70]), half(raw.subarray(0, 32)), half(raw.subarray(32))]))}`;
  },
  'the signature of another token': (issuer) => {
    const other = issuer.token({ sub: 'u-0002' }).split('.')[2] ?? '';
    return `${issuer.token().split('.').slice(0, 2).join('.')}.${other}`;
  },
  'the payload of another user': (issuer) =>
    changed((first, _, third) => `${first}.${base64url(JSON.stringify(issuer.claims({ sub: 'u-0002' })))}.${third}`)(issuer),
  padding: changed((first, second, third) => `${first}.${second}.${third}==`),
  'a last letter with other spare bits': changed((first, second, third) => {
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    return `${first}.${second}.${third.slice(0, -1)}${alphabet[alphabet.indexOf(third.at(-1) ?? '') + 1]}`;
  }),
  'a length that base64url can not have': changed((first, second, third) => `${first}.${second}.${third}A`),
  'a line break after it': (issuer) => `${issuer.token()}\n`,
  'a space before it': (issuer) => ` ${issuer.token()}`,
  'a line break within': changed((first, second, third) => `${first}.${second}.${third.slice(0, 9)}\n${third.slice(9)}`),
  'letters of plain base64': changed((first, second, third) => `${first}.${second}.+/${third.slice(2)}`),
  'a dot more': changed((first, second, third) => `${first}.${second}.${third}.`),
  'a dot before': changed((first, second, third) => `.${first}.${second}.${third}`),
  'five pieces': changed((first, second, third) => `${first}.${second}.${third}.${second}.${third}`),
  'the JSON form': changed((first, second, third) => JSON.stringify({ protected: first, payload: second, signature: third })),
  'an escaped dot': changed((first, second, third) => `${first}%2E${second}.${third}`),
  'two tokens': (issuer) => `${issuer.token()},${issuer.token()}`,
  'nothing but dots': () => '..',
  nothing: () => '',
  'more than 8 KiB': claims({ more: 'x'.repeat(9000) }),

  // claims
  'no iss': claims({ iss: undefined }),
  'another iss': claims({ iss: 'https://evil.test' }),
  'iss with a slash more': claims({ iss: `${ISSUER}/` }),
  'another case of iss': claims({ iss: ISSUER.toUpperCase() }),
  'iss with a space': claims({ iss: `${ISSUER} ` }),
  'a list for iss': claims({ iss: [ISSUER] }),
  'iss __proto__': claims({ iss: '__proto__' }),
  'no aud': claims({ aud: undefined }),
  'another aud': claims({ aud: 'babonbo' }),
  'a list of other auds': claims({ aud: ['babonbo', 'clickai'] }),
  'an empty list of auds': claims({ aud: [] }),
  'an empty aud': claims({ aud: '' }),
  'our aud beside a number': claims({ aud: [AUDIENCE, 5] }),
  'an object for aud': claims({ aud: { [AUDIENCE]: true } }),
  'a list within the list of auds': claims({ aud: [[AUDIENCE]] }),
  'the beginning of our aud': claims({ aud: AUDIENCE.slice(0, -1) }),
  'our aud with more': claims({ aud: `${AUDIENCE}.evil.test` }),
  'another case of our aud': claims({ aud: AUDIENCE.toUpperCase() }),
  'true for aud': claims({ aud: true }),
  'no exp': claims({ exp: undefined }),
  'null for exp': claims({ exp: null }),
  'a text for exp': claims({ exp: String(now + 3600) }),
  'a list for exp': claims({ exp: [now + 3600] }),
  'an object for exp': claims({ exp: { valueOf: now + 3600 } }),
  'true for exp': claims({ exp: true }),
  'an endless exp': written('exp', '1e400'),
  'an exp of no calendar': claims({ exp: 1e300 }),
  'an exp below zero': claims({ exp: -1 }),
  'exp as long ago as clocks may differ': claims({ exp: now - 60 }),
  'exp in milliseconds': claims({ exp: (now + 3600) * 1000 }),
  'exp twice, the last one past': payload((all) => `{"exp":${now + 3600},${JSON.stringify({ ...all, exp: now - 3600 }).slice(1)}`),
  'nbf far ahead': claims({ nbf: now + 3600 }),
  'nbf just further ahead than clocks may differ': claims({ nbf: now + 61 }),
  'a text for nbf': claims({ nbf: '0' }),
  'null for nbf': claims({ nbf: null }),
  'iat far ahead': claims({ iat: now + 3600 }),
  'a text for iat': claims({ iat: 'now' }),
  'no sub': claims({ sub: undefined }),
  'an empty sub': claims({ sub: '' }),
  'a number for sub': claims({ sub: 1 }),
  'a list for sub': claims({ sub: ['u-0001'] }),
  'null for sub': claims({ sub: null }),
  'a sub that is half a character': claims({ sub: 'u-\uD800' }),
  'a sub with a line break': claims({ sub: 'u-0001\r\nx-user: u-0002' }),
  'a sub without end': claims({ sub: 'u'.repeat(257) }),
  'a list for scope': claims({ scope: ['read'] }),
  'a number for client_id': claims({ client_id: 7 }),
  'a list for azp': claims({ azp: ['web'] }),
  'claims in the prototype': payload((all) => `{"__proto__":${JSON.stringify(all)}}`),
  'a payload that is a list': payload((all) => [all]),
  'a payload that is a text': payload((all) => JSON.stringify(JSON.stringify(all))),
  'a payload that is null': payload(() => 'null'),
  'a payload that is a number': payload(() => '42'),
  'a payload that is no JSON': payload(() => 'sub=u-0001'),
  'a payload that is cut off': payload((all) => JSON.stringify(all).slice(0, -1)),
  'a payload with a byte order mark': payload(withBom),
  'a payload that is no UTF-8': payload((all) => latin(JSON.stringify({ ...all, name: 'é' }))),
  'a payload with another one behind it': payload((all) => JSON.stringify(all) + JSON.stringify(all)),
};

/** An issuer with an EC and an RSA key, and what the gateway makes of a token. */
async function rig() {
  const clock = handClock();
  const issuer = await loaded(clock, [ec, rsa]);
  const authenticate = authenticating(clock, [issuer.issuer]);
  return { clock, issuer, authenticate, issuers: issuersOf([issuer.issuer]), [Symbol.dispose]: () => issuer.jwks.close() };
}

describe('a token', () => {
  it('that is good is accepted, in each form that is allowed: what follows is refused for what it says', async () => {
    using gateway = await rig();
    const { issuer, authenticate } = gateway;
    const good = [
      issuer.token(),
      issuer.token({}, rsa),
      header({ typ: 'JWT' })(issuer),
      header({ typ: 'at+jwt' })(issuer),
      header({ x5t: 'abc' })(issuer),
      issuer.token({ aud: ['babonbo', AUDIENCE] }),
      issuer.token({ nbf: now + 60, iat: now + 60, exp: now - 59 }),
      issuer.token({ iat: undefined, nbf: undefined }),
      issuer.token({ sub: 'ü-\u{1F6EB}' }),
      payload((all) => `{"exp":1,${JSON.stringify(all).slice(1)}`)(issuer),
    ];
    for (const token of good) {
      const caller = await authenticate(bearing(token));
      expect(isRefused(caller) ? caller.detail : caller.user?.issuer).toBe(ISSUER);
    }
  });

  it(`is refused in each of ${Object.keys(attacks).length} wrong forms, and none of them makes the gateway fetch anything`, async () => {
    using gateway = await rig();
    const { clock, issuer, issuers, authenticate } = gateway;
    expect(Object.keys(attacks).length).toBeGreaterThan(150);
    const answers: Record<string, unknown> = {};
    for (const [name, attack] of Object.entries(attacks)) {
      const token = attack(issuer);
      const verdict = await verifyToken(token, issuers, clock.date());
      const caller = await authenticate(bearing(token));
      answers[name] = [verdict.ok ? 'accepted' : verdict.why, isRefused(caller) ? [caller.status, caller.headers] : 'accepted'];
    }
    const refused = ['invalid_token', [401, { 'www-authenticate': 'Bearer error="invalid_token"' }]];
    expect(answers).toEqual(Object.fromEntries(Object.keys(attacks).map((name) => [name, refused])));
    expect([issuer.fetches, listener.hits]).toEqual([1, 0]);
  });

  it('is refused where the key that it names is published for another algorithm, though the issuer signs by both', async () => {
    const clock = handClock();
    const pinned = await loaded(clock, [rsa], { algorithms: ['RS256', 'PS256'] });
    using _keys = pinned.jwks;
    const issuers = issuersOf([pinned.issuer]);
    expect((await verifyToken(pinned.token(), issuers, clock.date())).ok).toBe(true);
    const other = signed({ alg: 'PS256', kid: 'r1' }, pinned.claims(), { ...rsa, alg: 'PS256' });
    expect(await verifyToken(other, issuers, clock.date())).toMatchObject({ ok: false, why: 'invalid_token' });
  });

  it('causes no fetch for an unknown key where anything else of it is wrong, also when one would be due', async () => {
    using gateway = await rig();
    const { clock, issuer, authenticate } = gateway;
    clock.advance(60_000);
    for (const wrong of [{ aud: 'babonbo' }, { exp: 1 }, { iss: 'https://evil.test' }, { sub: 7 }])
      expect(await authenticate(bearing(signed({ alg: 'ES256', kid: 'new' }, issuer.claims(wrong), evil)))).toMatchObject({ status: 401 });
    for (const alg of ['none', 'HS256', 'ES384'])
      expect(await authenticate(bearing(signed({ alg, kid: 'new' }, issuer.claims(), evil)))).toMatchObject({ status: 401 });
    expect(issuer.fetches).toBe(1);
  });

  it('is not repeated by what is said of it', async () => {
    using gateway = await rig();
    const { issuer, authenticate } = gateway;
    for (const attack of Object.values(attacks)) {
      const token = attack(issuer);
      const said = JSON.stringify(await authenticate(bearing(token)));
      const repeated = token.split('.').filter((piece) => piece.length > 8 && said.includes(piece));
      expect(repeated).toEqual([]);
      expect(said).not.toMatch(/u-0001|evil/);
    }
  });

  it('is refused with any one character changed, left out or put in, also while the good one is remembered', async () => {
    using gateway = await rig();
    const { clock, issuer, issuers } = gateway;
    const tokens = new VerifiedTokens(issuers, clock);
    const good = issuer.token();
    expect((await tokens.verify(good)).ok).toBe(true);
    const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=+/ \n\0é'.split('');
    const place = fc.nat(good.length - 1);
    await fc.assert(
      fc.asyncProperty(place, fc.constantFrom('', ...letters), fc.boolean(), async (at, letter, more) => {
        const changed = good.slice(0, at) + letter + good.slice(more ? at : at + 1);
        fc.pre(changed !== good);
        expect(await tokens.verify(changed)).toMatchObject({ ok: false, why: 'invalid_token' });
      }),
      { numRuns: 500 },
    );
  });
});
