import { describe, expect, it } from '@jest/globals';
import { issuersOf } from '../../src/identity/issuer.js';
import { LONGEST_TOKEN, verifyToken } from '../../src/identity/token.js';
import { handClock } from '../hand-clock.js';
import { type FakeIssuer, loaded, pair, signed } from './issuing.js';

const key = pair('k1');
const YEAR_9999 = 253_402_300_799;

/** What is said of a token: `good`, or why not. */
async function said(make: (issuer: FakeIssuer) => string, by = key, terms: Parameters<typeof loaded>[2] = {}): Promise<string> {
  const issuer = await loaded(handClock(), [by], terms);
  using _keys = issuer.jwks;
  const verdict = await verifyToken(make(issuer), issuersOf([issuer.issuer]), issuer.clock.date());
  return verdict.ok ? 'good' : verdict.detail;
}

const claims =
  (more: Readonly<Record<string, unknown>>) =>
  (issuer: FakeIssuer): string =>
    issuer.token(more);

/** A good token of exactly this many characters. */
function long(issuer: FakeIssuer, length: number): string {
  const tokenWith = (x: string): string => signed({ ...issuer.header(), y: '1' }, issuer.claims({ x }), key);
  const more = Math.floor(((length - tokenWith('').length) * 3) / 4);
  return [more - 1, more, more + 1].map((bytes) => tokenWith('x'.repeat(bytes))).find((token) => token.length === length) ?? '';
}

describe('the longest and the least of a token', () => {
  it.each([
    [256, 'good'],
    [257, 'its header is not understood (kid)'],
    [1, 'good'],
  ])('a key id of %i characters', async (length, outcome) => {
    const by = pair('k'.repeat(length));
    expect(await said((issuer) => issuer.token({}, by), by)).toBe(outcome);
  });

  const many = (count: number): readonly string[] => ['interline', ...Array.from({ length: count - 1 }, (_, nth) => `other-${nth}`)];
  it.each([
    ['a subject of one character', { sub: 'u' }, 'good'],
    ['a subject of 256', { sub: 'u'.repeat(256) }, 'good'],
    ['a subject of 257', { sub: 'u'.repeat(257) }, 'expected a token with a well formed sub'],
    ['an audience of one', { aud: many(1) }, 'good'],
    ['an audience of 64', { aud: many(64) }, 'good'],
    ['an audience of 65', { aud: many(65) }, 'expected a token with a well formed aud'],
    ['scopes of 4096 characters', { scope: 's'.repeat(4096) }, 'good'],
    ['scopes of 4097', { scope: 's'.repeat(4097) }, 'expected a token with a well formed scope'],
    ['the last second of the year 9999', { exp: YEAR_9999 }, 'good'],
    ['the second after it', { exp: YEAR_9999 + 1 }, 'expected a token with a well formed exp'],
    ['issued in 1970', { iat: 0, nbf: 0 }, 'good'],
    ['issued before it', { iat: -1 }, 'expected a token with a well formed iat'],
  ])('%s', async (_, more, outcome) => {
    expect(await said(claims(more))).toBe(outcome);
  });

  it.each([
    [0, 'good'],
    [1, 'it is too long'],
  ])('%i characters more than the longest', async (more, outcome) => {
    expect(await said((issuer) => long(issuer, LONGEST_TOKEN + more))).toBe(outcome);
    expect(LONGEST_TOKEN).toBe(8192);
  });
});

describe('why a token is refused', () => {
  it.each([
    [
      'a member of its header that nobody reads here',
      (issuer: FakeIssuer) => signed({ ...issuer.header(), crit: ['exp'] }, issuer.claims(), key),
      'its header is not understood (crit)',
    ],
    ['a header that is no object', (issuer: FakeIssuer) => signed('7', issuer.claims(), key), 'its header is not understood'],
    [
      'a payload that is no object',
      (issuer: FakeIssuer) => signed(issuer.header(), '7', key),
      'expected a token with a well formed payload',
    ],
    ['a piece that is not canonical', (issuer: FakeIssuer) => `${issuer.token().slice(0, -1)}B`, 'expected base64url as it is written'],
  ])('%s', async (_, make, outcome) => {
    expect(await said(make)).toBe(outcome);
  });

  it('a token made for products that does not say whose user it is', async () => {
    const terms = { audience: 'caller' as const };
    expect(await said(claims({}), key, terms)).toBe('expected a token with a well formed idp');
    expect(await said(claims({ idp: 'https://auth.test' }), key, terms)).toBe('good');
  });
});

describe('whom a token names', () => {
  it.each([
    ['both', { sub: 'web', client_id: 'web' }, ['consumer', 'web']],
    ['both', { sub: 'u-1', client_id: 'web' }, ['user', 'web']],
    ['both', { sub: 'u-1' }, ['user', undefined]],
    ['users', { sub: 'web', client_id: 'web' }, ['user', 'web']],
    ['users', { sub: 'u-1', azp: 'web' }, ['user', 'web']],
    ['consumers', { sub: 'web' }, ['consumer', 'web']],
    ['consumers', { sub: 'u-1', client_id: 'web' }, ['consumer', 'web']],
  ] as const)('an issuer of %s, %j', async (names, more, outcome) => {
    const issuer = await loaded(handClock(), [key], { names });
    using _keys = issuer.jwks;
    const verdict = await verifyToken(issuer.token(more), issuersOf([issuer.issuer]), issuer.clock.date());
    expect(verdict.ok && [verdict.claims.kind, verdict.claims.client]).toEqual(outcome);
  });
});
