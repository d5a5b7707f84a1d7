import { type KeyObject, constants, createHmac, generateKeyPairSync, sign } from 'node:crypto';
import type { Algorithm } from '../../src/identity/algorithms.js';
import { type Authenticate, authenticator } from '../../src/identity/authenticate.js';
import type { Issuer } from '../../src/identity/issuer.js';
import { Jwks } from '../../src/identity/jwks.js';
import { Keyring } from '../../src/identity/keyring.js';
import type { Minter } from '../../src/identity/mint.js';
import { type HandClock, handClock } from '../hand-clock.js';

/** A key pair of a test, made anew each time. */
export interface Pair {
  readonly kid: string;
  readonly alg: Algorithm;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

/** Makes one for this algorithm. */
export function pair(kid: string, alg: Algorithm = 'ES256'): Pair {
  if (alg === 'ES256') return { kid, alg, ...generateKeyPairSync('ec', { namedCurve: 'P-256' }) };
  if (alg === 'EdDSA') return { kid, alg, ...generateKeyPairSync('ed25519') };
  return { kid, alg, ...generateKeyPairSync('rsa', { modulusLength: 2048 }) };
}

/** Its public half, as an issuer publishes it. */
export const published = ({ kid, alg, publicKey }: Pair): Record<string, unknown> => ({
  ...publicKey.export({ format: 'jwk' }),
  kid,
  alg,
  use: 'sig',
});

export const base64url = (data: string | Buffer): string => Buffer.from(data).toString('base64url');

/** Any JSON, or a text that is sent as it is, or bytes. */
export type Piece = unknown;

const textOf = (piece: Piece): string | Buffer => (typeof piece === 'string' || Buffer.isBuffer(piece) ? piece : JSON.stringify(piece));

/** A signature of these bytes as JWS wants it. */
export function signature(input: string, { alg, privateKey }: Pair): Buffer {
  const data = Buffer.from(input);
  if (alg === 'ES256') return sign('sha256', data, { key: privateKey, dsaEncoding: 'ieee-p1363' });
  if (alg === 'EdDSA') return sign(null, data, privateKey);
  if (alg === 'PS256') return sign('sha256', data, { key: privateKey, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 });
  return sign('sha256', data, privateKey);
}

/** A token with any header and any payload, really signed. */
export function signed(header: Piece, payload: Piece, by: Pair): string {
  const input = `${base64url(textOf(header))}.${base64url(textOf(payload))}`;
  return `${input}.${base64url(signature(input, by))}`;
}

/** The same, "signed" with a secret. */
export function hmacSigned(header: Piece, payload: Piece, secret: string | Buffer, hash = 'sha256'): string {
  const input = `${base64url(textOf(header))}.${base64url(textOf(payload))}`;
  return `${input}.${createHmac(hash, secret).update(input).digest('base64url')}`;
}

export const ISSUER = 'https://auth.test';
export const AUDIENCE = 'interline';

/** An issuer whose keys and outages a test decides, with the gateway's view of it. */
export class FakeIssuer implements Disposable {
  fetches = 0;
  /** What it answers to who asks for its keys; undefined: it does not answer at all. */
  answer: (() => { readonly status: number; readonly body: Buffer }) | undefined;
  pairs: readonly Pair[];
  readonly jwks: Jwks;
  readonly issuer: Issuer;
  readonly troubles: unknown[] = [];

  constructor(
    readonly clock: HandClock,
    pairs: readonly Pair[] = [pair('k1')],
    terms: Partial<Issuer> = {},
    random = 0,
  ) {
    this.pairs = pairs;
    this.comesBack();
    const algorithms = terms.algorithms ?? [...new Set(pairs.map(({ alg }) => alg))];
    this.jwks = new Jwks({
      url: `${terms.name ?? ISSUER}/keys`,
      algorithms,
      clock,
      random: () => random,
      fetch: () => {
        this.fetches++;
        return Promise.resolve().then(() => (this.answer ? this.answer() : new Promise(() => undefined)));
      },
      fetched: (trouble) => {
        if (trouble !== undefined) this.troubles.push(trouble);
      },
    });
    this.issuer = { name: ISSUER, audience: [AUDIENCE], names: 'both', ...terms, algorithms, keys: this.jwks };
  }

  goesAway(): void {
    this.answer = () => {
      throw new Error('connection refused');
    };
  }

  comesBack(): void {
    this.answer = () => ({ status: 200, body: Buffer.from(JSON.stringify({ keys: this.pairs.map(published) })) });
  }

  /** The header and the claims of a good token of now. */
  header(by = this.#first()): Record<string, unknown> {
    return { alg: by.alg, kid: by.kid };
  }

  claims(more: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
    const now = this.clock.date() / 1000;
    return { iss: this.issuer.name, sub: 'u-0001', aud: AUDIENCE, iat: now, exp: now + 3600, ...more };
  }

  /** A good token, with other claims where they are given: undefined leaves one out. */
  token(more: Readonly<Record<string, unknown>> = {}, by = this.#first()): string {
    return signed(this.header(by), this.claims(more), by);
  }

  [Symbol.dispose](): void {
    this.jwks.close();
  }

  #first(): Pair {
    const [first] = this.pairs;
    if (!first) throw new RangeError('an issuer without keys signs nothing');
    return first;
  }
}

/** An issuer that has told its keys. */
export async function loaded(clock = handClock(), pairs?: readonly Pair[], terms?: Partial<Issuer>): Promise<FakeIssuer> {
  const issuer = new FakeIssuer(clock, pairs, terms);
  await settled();
  return issuer;
}

/** Lets everything happen that waits for nothing but its turn. */
export async function settled(): Promise<void> {
  for (let i = 0; i < 4; i++) await new Promise((resolve) => setImmediate(resolve));
}

const KNOWN: ReadonlySet<string> = new Set(['web', 'pilot', 'shop']);

/** What tells callers of a gateway with these issuers and keys apart. */
export const authenticating = (
  clock: HandClock,
  issuers: readonly Issuer[],
  { keyring = new Keyring(), minter }: { readonly keyring?: Keyring; readonly minter?: Minter } = {},
): Authenticate => authenticator({ keyring, issuers, minter, clock, isKnown: (name) => KNOWN.has(name) });

/** The raw headers that carry a token. */
export const bearing = (token: string): readonly string[] => ['Host', 'gateway', 'Authorization', `Bearer ${token}`];
