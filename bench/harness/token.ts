import { generateKeyPairSync, sign } from 'node:crypto';

const KID = 'accounts-1';

/** An issuer for one run: its public keys as JSON, and the token of a user of the shop's frontend, good for a day. */
export function issuer(): { readonly jwks: string; readonly token: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const now = Math.floor(Date.now() / 1000);
  const claims = { iss: 'accounts', sub: 'u-0001', aud: 'interline', client_id: 'shop-front', iat: now, exp: now + 86_400 };
  const input = [{ alg: 'ES256', kid: KID }, claims].map((piece) => Buffer.from(JSON.stringify(piece)).toString('base64url')).join('.');
  const signature = sign('sha256', Buffer.from(input), { key: privateKey, dsaEncoding: 'ieee-p1363' });
  return {
    jwks: JSON.stringify({ keys: [{ ...publicKey.export({ format: 'jwk' }), kid: KID, alg: 'ES256', use: 'sig' }] }),
    token: `${input}.${signature.toString('base64url')}`,
  };
}
