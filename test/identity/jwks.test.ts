import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { describe, expect, it } from '@jest/globals';
import { systemClock } from '../../src/clock.js';
import { verificationKey } from '../../src/identity/algorithms.js';
import { fetchJwks } from '../../src/identity/fetch-jwks.js';
import { Credential } from '../../src/policy/credential.js';
import { handClock } from '../hand-clock.js';
import { FakeIssuer, loaded, pair, published, settled } from './issuing.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const one = pair('k1');
const two = pair('k2');

/** What asking for a key comes to, in a word. */
async function found(issuer: FakeIssuer, kid: string): Promise<string> {
  const key = await issuer.jwks.keyOf(kid);
  return typeof key === 'string' ? key : 'found';
}

describe('the keys of an issuer', () => {
  it('are fetched once at the start; who asks meanwhile waits for them, and nobody waits afterwards', async () => {
    using issuer = new FakeIssuer(handClock(), [one]);
    const asked = issuer.jwks.keyOf('k1');
    expect(asked).toBeInstanceOf(Promise);
    expect(await asked).toMatchObject({ kid: 'k1' });
    expect(issuer.jwks.keyOf('k1')).toMatchObject({ kid: 'k1' });
    expect(issuer.fetches).toBe(1);
  });

  it('are fetched anew in the background before they are ten minutes old, not by all replicas together', async () => {
    const clock = handClock();
    using early = new FakeIssuer(clock, [one], {}, 0.999);
    using late = new FakeIssuer(clock, [one], {}, 0);
    await settled();
    clock.advance(8 * MINUTE + 1000);
    await settled();
    expect([early.fetches, late.fetches]).toEqual([2, 1]);
    clock.advance(2 * MINUTE - 1000);
    await settled();
    expect(late.fetches).toBe(2);
  });

  it('go on while the issuer is away, for a day, and are unavailable then, until it is back', async () => {
    const clock = handClock();
    using issuer = await loaded(clock, [one]);
    issuer.goesAway();
    for (let minutes = 0; minutes < 24 * 60; minutes++) {
      clock.advance(MINUTE);
      await new Promise((resolve) => setImmediate(resolve));
      expect(issuer.jwks.keyOf('k1')).toMatchObject({ kid: 'k1' });
    }
    const { epoch } = issuer.jwks;
    clock.advance(1);
    expect(await found(issuer, 'k1')).toBe('unavailable');
    expect(issuer.jwks.epoch).not.toBe(epoch);
    issuer.comesBack();
    clock.advance(MINUTE);
    await settled();
    expect(await found(issuer, 'k1')).toBe('found');
  });

  it('that never came are unavailable at once, asked for by nobody’s request, and tried for again soon and then seldom', async () => {
    const clock = handClock();
    using issuer = new FakeIssuer(clock, [one], {}, 0.5);
    issuer.goesAway();
    await settled();
    const fetches = [issuer.fetches];
    for (const seconds of [1, 2, 4, 8, 16, 30, 30]) {
      clock.advance(seconds * 1100 - 1);
      for (let i = 0; i < 100; i++) expect(await issuer.jwks.keyOf('k1')).toBe('unavailable');
      fetches.push(issuer.fetches);
      clock.advance(1);
      await settled();
    }
    expect(fetches).toEqual([1, 1, 2, 3, 4, 5, 6, 7]);
    issuer.comesBack();
    clock.advance(33_000);
    await settled();
    expect(await found(issuer, 'k1')).toBe('found');
  });

  it('are fetched at most once in 30 s, however many unknown ids are asked for', async () => {
    const clock = handClock();
    using issuer = await loaded(clock, [one]);
    for (let asked = 0; asked < 10_000; asked++) {
      expect(await issuer.jwks.keyOf(`unknown-${asked}`)).toBe('unknown');
      if (asked % 20 === 0) clock.advance(1000);
    }
    const elapsedS = clock.now() / 1000;
    expect(elapsedS).toBe(500);
    expect(issuer.fetches).toBeGreaterThan(10);
    expect(issuer.fetches).toBeLessThanOrEqual(1 + elapsedS / 30);
  });

  it('are fetched no more often for unknown ids while the issuer is away or does not answer', async () => {
    const clock = handClock();
    using issuer = await loaded(clock, [one]);
    issuer.goesAway();
    for (let asked = 0; asked < 10_000; asked++) {
      expect(await issuer.jwks.keyOf(`unknown-${asked}`)).toBe('unknown');
      if (asked % 20 === 0) clock.advance(1000);
    }
    expect(issuer.fetches).toBeLessThanOrEqual(1 + 500 / 30);
    const before = issuer.fetches;
    issuer.answer = undefined;
    clock.advance(MINUTE);
    const waiting = Array.from({ length: 1000 }, (_, i) => issuer.jwks.keyOf(`unknown-${i}`));
    expect(waiting.every((asked) => asked instanceof Promise)).toBe(true);
    expect(issuer.fetches).toBe(before + 1);
    expect(issuer.jwks.keyOf('k1')).toMatchObject({ kid: 'k1' }); // who has a known key waits for nothing
  });

  it('that are new are found with the first token that names them, by all that wait for one fetch; old ones go', async () => {
    const clock = handClock();
    using issuer = await loaded(clock, [one]);
    issuer.pairs = [two];
    expect(await found(issuer, 'k2')).toBe('unknown'); // fetched a moment ago
    clock.advance(30_000);
    const { epoch } = issuer.jwks;
    expect(await Promise.all(Array.from({ length: 100 }, () => found(issuer, 'k2')))).toEqual(Array.from({ length: 100 }, () => 'found'));
    expect(issuer.fetches).toBe(2);
    expect(issuer.jwks.epoch).toBe(epoch + 1);
    expect(await found(issuer, 'k1')).toBe('unknown');
  });

  it('keep their epoch where a fetch brings the same ones', async () => {
    const clock = handClock();
    using issuer = await loaded(clock, [one]);
    const { epoch } = issuer.jwks;
    clock.advance(10 * MINUTE);
    await settled();
    expect([issuer.fetches, issuer.jwks.epoch]).toEqual([2, epoch]);
  });

  it.each([
    ['a redirect', { status: 302, body: '{"keys":[]}' }],
    ['an error', { status: 500, body: '{"keys":[]}' }],
    ['no JSON', { status: 200, body: '<h1>sorry</h1>' }],
    ['no set', { status: 200, body: '{"key":[]}' }],
    ['a list', { status: 200, body: '[]' }],
    ['nothing', { status: 200, body: '' }],
  ])('stay as they are where the issuer answers with %s, and that is told', async (_, { status, body }) => {
    const clock = handClock();
    using issuer = await loaded(clock, [one]);
    issuer.answer = () => ({ status, body: Buffer.from(body) });
    clock.advance(10 * MINUTE);
    await settled();
    expect([issuer.fetches, issuer.troubles.length, await found(issuer, 'k1')]).toEqual([2, 1, 'found']);
  });

  it('are none where the issuer says that it has none: all are taken back', async () => {
    const clock = handClock();
    using issuer = await loaded(clock, [one]);
    issuer.pairs = [];
    clock.advance(10 * MINUTE);
    await settled();
    expect(await found(issuer, 'k1')).toBe('unknown');
  });

  it('are fetched no more once it is closed', async () => {
    const clock = handClock();
    const issuer = await loaded(clock, [one]);
    issuer.jwks.close();
    clock.advance(25 * HOUR);
    expect(await found(issuer, 'k1')).toBe('unavailable');
    expect([issuer.fetches, clock.pending]).toEqual([1, 0]);
  });

  it('with one id twice: the first counts', async () => {
    using issuer = await loaded(handClock(), [{ ...two, kid: 'k1' }, one]);
    const key = await issuer.jwks.keyOf('k1');
    expect(typeof key === 'object' && key.key.equals(two.publicKey)).toBe(true);
  });
});

describe('a published key', () => {
  const good = published(one);
  const rsa = pair('r1', 'RS256');

  it('is of use for the algorithms that are pinned and that it is for', () => {
    expect(verificationKey(good, ['ES256', 'RS256'])?.algorithms).toEqual(new Set(['ES256']));
    expect(verificationKey({ ...published(rsa), alg: undefined }, ['RS256', 'PS256', 'ES256'])?.algorithms).toEqual(
      new Set(['RS256', 'PS256']),
    );
    expect(verificationKey(published(pair('e1', 'EdDSA')), ['EdDSA'])?.kid).toBe('e1');
    expect(verificationKey({ ...good, alg: undefined, use: undefined, key_ops: ['verify'] }, ['ES256'])?.kid).toBe('k1');
  });

  it.each<readonly [string, unknown]>([
    ['a private one', { ...good, d: one.privateKey.export({ format: 'jwk' }).d }],
    ['a private RSA one', { ...rsa.privateKey.export({ format: 'jwk' }), kid: 'r1' }],
    ['a symmetric one', { kty: 'oct', kid: 'k1', k: 'c2VjcmV0', alg: 'HS256' }],
    ['one with a symmetric key beside', { ...good, k: 'c2VjcmV0' }],
    ['one without an id', { ...good, kid: undefined }],
    ['one with an empty id', { ...good, kid: '' }],
    ['one with a number for an id', { ...good, kid: 1 }],
    ['one for encryption', { ...good, use: 'enc' }],
    ['one that signs', { ...good, key_ops: ['sign'] }],
    ['one for an algorithm that is not pinned', { ...good, alg: 'ES384' }],
    ['one for no algorithm that there is', { ...good, alg: 'none' }],
    ['one of another curve than it says', { ...good, crv: 'P-384' }],
    ['one of a curve that is not pinned', { ...good, crv: 'secp256k1' }],
    ['one whose point is not on the curve', { ...good, x: good['y'] }],
    ['an RSA one without an exponent', { ...published(rsa), e: undefined }],
    ['a text', 'k1'],
    ['null', null],
    ['a list', [good]],
  ])('is ignored where it is %s', (_, odd) => {
    expect(verificationKey(odd, ['ES256', 'RS256'])).toBeUndefined();
  });

  it('is ignored where it is RSA of 1024 bits, beside others that are not', async () => {
    const { generateKeyPairSync } = await import('node:crypto');
    const weak = { ...rsa, kid: 'weak', ...generateKeyPairSync('rsa', { modulusLength: 1024 }) };
    using issuer = await loaded(handClock(), [weak, rsa]);
    expect([await found(issuer, 'weak'), await found(issuer, 'r1')]).toEqual(['unknown', 'found']);
  });
});

describe('fetching keys', () => {
  /** A server of one test. */
  async function serving(listener: RequestListener) {
    const server = createServer(listener).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new TypeError('expected a port');
    const close = async (): Promise<void> => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    };
    return { url: `http://127.0.0.1:${address.port}`, [Symbol.asyncDispose]: close };
  }

  it('sends the issuer’s credential, and gives status and bytes as they are', async () => {
    const asked: unknown[] = [];
    await using server = await serving(({ headers: { authorization, accept } }, response) => {
      asked.push([authorization, accept]);
      response.end('{"keys":[]}');
    });
    const fetch = fetchJwks({ clock: systemClock, credential: new Credential('secret') });
    expect(await fetch(server.url)).toEqual({ status: 200, body: Buffer.from('{"keys":[]}') });
    await fetchJwks({ clock: systemClock })(server.url);
    expect(asked).toEqual([
      ['Bearer secret', 'application/json, application/jwk-set+json'],
      [undefined, 'application/json, application/jwk-set+json'],
    ]);
  });

  it('does not follow a redirect', async () => {
    let hits = 0;
    await using other = await serving((_, response) => {
      hits++;
      response.end('{"keys":[]}');
    });
    await using server = await serving((_, response) => response.writeHead(302, { location: other.url }).end());
    const fetched = await fetchJwks({ clock: systemClock, credential: new Credential('secret') })(server.url);
    expect([fetched.status, hits]).toEqual([302, 0]);
  });

  it('gives up on a set that never ends once it is too large', async () => {
    await using server = await serving((_, response) => {
      const more = (): void => {
        while (!response.destroyed && response.write('x'.repeat(65_536)));
      };
      response.on('drain', more);
      more();
    });
    await expect(fetchJwks({ clock: systemClock })(server.url)).rejects.toThrow('expected keys in 262144 bytes or less');
  });

  it.each([
    ['before it answers', false],
    ['in the middle of its answer', true],
  ])('gives up after five seconds on a server that hangs %s', async (_, begins) => {
    const clock = handClock();
    const arrived = Promise.withResolvers<void>();
    await using server = await serving((_, response) => {
      if (begins) response.write('{"keys":');
      arrived.resolve();
    });
    const fetched = fetchJwks({ clock })(server.url);
    await Promise.race([arrived.promise, fetched]);
    clock.advance(5000);
    await expect(fetched).rejects.toThrow('no keys within 5000 ms');
    expect(clock.pending).toBe(0);
  });
});
