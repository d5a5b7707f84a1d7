import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { SignJWT } from 'jose';
import { z } from 'zod';
import { PublicKey, TOKEN_ISSUER, type Token } from '#contracts/products/auth/v1.js';
import { type Database, json } from '../../kit/index.js';

const LIFETIME_S = 3600;
const PublicRow = z.object({ jwk: json(PublicKey) });
const PrivateRow = z.object({ jwk: json(PublicKey.extend({ d: z.string() })) });
const NEWEST_FIRST = 'SELECT jwk FROM keys ORDER BY made_at DESC';

/** Makes a key pair and keeps it. With the salt of the passwords the one thing in a seed that differs from machine to machine, as a secret has to. */
export function makeKey(db: Database): void {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const kid = randomUUID();
  const jwk = JSON.stringify({ ...privateKey.export({ format: 'jwk' }), kid, alg: 'ES256', use: 'sig' });
  db.run('INSERT INTO keys (kid, jwk, made_at) VALUES ($kid, $jwk, $at)', { kid, jwk, at: new Date().toISOString() });
}

/** Every key that may have signed a token, without its private half. */
export const publicKeys = (db: Database): z.output<typeof PublicKey>[] => db.all(PublicRow, NEWEST_FIRST).map(({ jwk }) => jwk);

/** Who a token is for, which consumer got it, and who shall take it. */
interface Grant {
  readonly user: string;
  readonly client: string;
  readonly audience: readonly string[];
}

/** A token, signed with the newest key. */
export async function issueToken(db: Database, { user, client, audience }: Grant): Promise<z.output<typeof Token>> {
  const row = db.one(PrivateRow, NEWEST_FIRST);
  if (row === undefined) throw new Error('there is no key to sign with');
  const issuedAt = Math.floor(Date.now() / 1000);
  const expiresAt = issuedAt + LIFETIME_S;
  const token = await new SignJWT({ client_id: client })
    .setProtectedHeader({ alg: 'ES256', kid: row.jwk.kid })
    .setIssuer(TOKEN_ISSUER)
    .setSubject(user)
    .setAudience([...audience])
    .setIssuedAt(issuedAt)
    .setExpirationTime(expiresAt)
    .sign(row.jwk);
  return { token, expiresAt: new Date(expiresAt * 1000).toISOString() };
}
