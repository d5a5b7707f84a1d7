import { type KeyObject, generateKeyPairSync, sign } from 'node:crypto';

const KID = 'users-1';

/** For how long the gateway takes a token after its end, in milliseconds. */
const TOLERATED_MS = 60_000;

/** How long a token is taken: of most users for an hour, of some for so few seconds that it ends while it is used. */
const [LONG_MS, SHORT_MS] = [3_600_000, 4000];

/** How long a user goes on with a token that is taken no more, in milliseconds. */
const STUBBORN_MS = 500;

/** A user's token, and until when it is taken. */
export interface Token {
  readonly text: string;
  readonly takenUntilMs: number;
}

/** An issuer with a key pair of its own, and its users. Each fifth has tokens that end soon. */
export class Users {
  /** What it says in `iss`. */
  readonly issuer = 'auth';
  readonly names: readonly string[];
  /** Its public keys, as JSON. */
  readonly jwks: string;
  readonly #privateKey: KeyObject;
  readonly #tokens = new Map<string, Token>();

  constructor(count: number) {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    this.names = Array.from({ length: count }, (_, i) => `u-${String(i + 1).padStart(4, '0')}`);
    this.jwks = JSON.stringify({ keys: [{ ...publicKey.export({ format: 'jwk' }), kid: KID, alg: 'ES256', use: 'sig' }] });
    this.#privateKey = privateKey;
  }

  /** The token that a user has now: it gets another one a while after its own is taken no more. */
  tokenOf(name: string): Token {
    const now = Date.now();
    let token = this.#tokens.get(name);
    if (!token || token.takenUntilMs + STUBBORN_MS < now) this.#tokens.set(name, (token = this.#made(name, now)));
    return token;
  }

  #made(sub: string, now: number): Token {
    const lasts = this.names.indexOf(sub) % 5 === 4 ? SHORT_MS : LONG_MS;
    const exp = Math.floor((now + lasts - TOLERATED_MS) / 1000);
    const claims = { iss: this.issuer, sub, aud: 'interline', iat: exp - 7200, exp };
    const input = [{ alg: 'ES256', kid: KID }, claims].map((piece) => Buffer.from(JSON.stringify(piece)).toString('base64url')).join('.');
    const signature = sign('sha256', Buffer.from(input), { key: this.#privateKey, dsaEncoding: 'ieee-p1363' });
    return { text: `${input}.${signature.toString('base64url')}`, takenUntilMs: exp * 1000 + TOLERATED_MS };
  }
}
