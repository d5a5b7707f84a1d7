import { describe, expect, it } from '@jest/globals';
import { issuersOf } from '../../src/identity/issuer.js';
import { VerifiedTokens } from '../../src/identity/verified.js';
import { handClock } from '../hand-clock.js';
import { FakeIssuer, loaded, pair, settled, signed } from './issuing.js';

const SKEW = 60_000;
const MINUTE = 60_000;
const one = pair('k1');
const two = pair('k2');
const evil = pair('k1');

/** An issuer, the tokens of it that are remembered, and how often one had to be verified. */
async function rig(most = { accepted: 100, refused: 100 }) {
  const clock = handClock();
  const issuer = await loaded(clock, [one]);
  let lookedUp = 0;
  const keys = {
    get epoch() {
      return issuer.jwks.epoch;
    },
    keyOf(kid: string) {
      lookedUp++;
      return issuer.jwks.keyOf(kid);
    },
  };
  const tokens = new VerifiedTokens(issuersOf([{ ...issuer.issuer, keys }]), clock, most);
  const subject = async (token: string): Promise<string> => {
    const verdict = await tokens.verify(token);
    return verdict.ok ? verdict.claims.subject : verdict.why;
  };
  return { clock, issuer, tokens, subject, verifications: () => lookedUp, [Symbol.dispose]: () => issuer.jwks.close() };
}

describe('a token that was verified', () => {
  it('is verified once, and known without a promise from then on', async () => {
    using gateway = await rig();
    const token = gateway.issuer.token();
    expect(gateway.tokens.verify(token)).toBeInstanceOf(Promise);
    expect(await gateway.subject(token)).toBe('u-0001');
    for (let i = 0; i < 100; i++) expect(gateway.tokens.verify(token)).toMatchObject({ ok: true });
    expect(gateway.verifications()).toBe(1);
  });

  it('and comes many times at once is verified once', async () => {
    using gateway = await rig();
    const token = gateway.issuer.token();
    expect(new Set(await Promise.all(Array.from({ length: 200 }, () => gateway.subject(token))))).toEqual(new Set(['u-0001']));
    expect(gateway.verifications()).toBe(1);
  });

  it('is gone exactly when it expires, with the time that clocks may differ', async () => {
    using gateway = await rig();
    const { clock, issuer } = gateway;
    const token = issuer.token({ exp: clock.date() / 1000 + 10 });
    await gateway.subject(token);
    clock.advance(10_000 + SKEW - 1);
    expect(gateway.tokens.verify(token)).toMatchObject({ ok: true });
    clock.advance(1);
    expect(gateway.tokens.verify(token)).toMatchObject({ ok: false, why: 'invalid_token', detail: 'it has expired (exp)' });
  });

  it('that expires while keys are waited for is refused', async () => {
    const clock = handClock();
    using issuer = new FakeIssuer(clock, [one]);
    let tell = (): void => undefined;
    const keys = {
      epoch: 0,
      keyOf: () =>
        new Promise<'unknown'>((resolve) => {
          tell = () => resolve('unknown');
        }).then(() => issuer.jwks.keyOf('k1')),
    };
    await settled();
    const tokens = new VerifiedTokens(issuersOf([{ ...issuer.issuer, keys }]), clock);
    const verdict = tokens.verify(issuer.token({ exp: clock.date() / 1000 }));
    clock.advance(SKEW);
    tell();
    expect(await verdict).toMatchObject({ ok: false, detail: 'it has expired (exp)' });
  });

  it('is never taken for another one that begins or ends alike', async () => {
    using gateway = await rig();
    const { issuer } = gateway;
    const long = 'x'.repeat(2000);
    const alike = ['ada', 'bob', 'eve'].map((sub) => signed(issuer.header(), { a: long, ...issuer.claims({ sub }), z: long }, one));
    const prefix = alike[0]?.slice(0, 2500);
    expect(alike.every((token) => prefix !== undefined && token.startsWith(prefix))).toBe(true);
    for (let round = 0; round < 2; round++) expect(await Promise.all(alike.map(gateway.subject))).toEqual(['ada', 'bob', 'eve']);
  });

  it('is refused as soon as its issuer has taken the key back, and another one stays good after both are', async () => {
    using gateway = await rig();
    const { clock, issuer } = gateway;
    issuer.pairs = [one, two];
    clock.advance(10 * MINUTE);
    await settled();
    const [old, fresh] = [issuer.token({ sub: 'old' }, one), issuer.token({ sub: 'fresh' }, two)];
    expect([await gateway.subject(old), await gateway.subject(fresh)]).toEqual(['old', 'fresh']);
    issuer.pairs = [two];
    clock.advance(10 * MINUTE);
    await settled();
    expect([await gateway.subject(old), await gateway.subject(fresh)]).toEqual(['invalid_token', 'fresh']);
  });

  it('stays good while the issuer is away, and is unavailable once its keys are too old', async () => {
    using gateway = await rig();
    const { clock, issuer } = gateway;
    const token = issuer.token({ exp: clock.date() / 1000 + 3 * 86_400 });
    await gateway.subject(token);
    issuer.goesAway();
    clock.advance(86_400_000);
    await settled();
    expect(await gateway.subject(token)).toBe('u-0001');
    clock.advance(1);
    expect(await gateway.subject(token)).toBe('unavailable');
  });
});

describe('a token that was refused', () => {
  it('for its signature costs one verification, however often it comes, at once or one by one, for half a minute', async () => {
    using gateway = await rig();
    const bad = gateway.issuer.token({}, evil);
    await Promise.all(Array.from({ length: 100 }, () => gateway.subject(bad)));
    for (let i = 0; i < 100; i++) expect(await gateway.subject(bad)).toBe('invalid_token');
    expect(gateway.verifications()).toBe(1);
    gateway.clock.advance(30_000);
    await gateway.subject(bad);
    expect(gateway.verifications()).toBe(2);
  });

  it('is accepted as soon as the issuer has the key that signed it', async () => {
    using gateway = await rig();
    const { clock, issuer } = gateway;
    const early = issuer.token({}, evil);
    clock.advance(10 * MINUTE - 10_000);
    expect(await gateway.subject(early)).toBe('invalid_token');
    issuer.pairs = [evil];
    clock.advance(10_000);
    await settled();
    expect(await gateway.subject(early)).toBe('u-0001');
  });

  it('for an unknown key, or because it is early, is not remembered: that changes with time', async () => {
    using gateway = await rig();
    const { clock, issuer } = gateway;
    const unknown = issuer.token({}, two);
    const early = issuer.token({ nbf: clock.date() / 1000 + 61 });
    expect([await gateway.subject(unknown), await gateway.subject(early)]).toEqual(['invalid_token', 'invalid_token']);
    issuer.pairs = [one, two];
    clock.advance(30_000);
    expect([await gateway.subject(unknown), await gateway.subject(early)]).toEqual(['u-0001', 'u-0001']);
  });

  it('displaces none that is good, however many come', async () => {
    using gateway = await rig({ accepted: 2, refused: 2 });
    const { issuer } = gateway;
    const good = issuer.token();
    await gateway.subject(good);
    const [first = '', second = ''] = signed(issuer.header(), issuer.claims(), evil).split('.');
    for (let i = 0; i < 50; i++) await gateway.subject(`${first}.${second}.${Buffer.alloc(64, `${i}.`).toString('base64url')}`);
    expect(gateway.verifications()).toBe(51);
    expect(gateway.tokens.verify(good)).toMatchObject({ ok: true });
    expect(gateway.verifications()).toBe(51);
  });
});
