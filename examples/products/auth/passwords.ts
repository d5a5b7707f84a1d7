import { randomBytes, scrypt, scryptSync, timingSafeEqual } from 'node:crypto';

const LENGTH = 32;
/** What a guess costs: some 50 ms and 16 MiB (RFC 7914; N, with r = 8 and p = 1). */
const COST = 2 ** 14;

/** A password as it is kept: `scrypt$<cost>$<salt>$<hash>`. */
export function kept(password: string): string {
  const salt = randomBytes(16);
  return ['scrypt', COST, salt.toString('base64url'), scryptSync(password, salt, LENGTH, { N: COST }).toString('base64url')].join('$');
}

/** What nobody's password is kept as: a guess at a user who is not there takes as long as any other. */
const NOBODYS = kept(randomBytes(16).toString('base64url'));

/** Whether it is the password that is kept so. `undefined`: there is none, and it takes its time to say so. */
export async function isPassword(password: string, keptAs = NOBODYS): Promise<boolean> {
  const [, cost, salt = '', hash = ''] = keptAs.split('$');
  const found = await hashed(password, Buffer.from(salt, 'base64url'), Number(cost));
  return timingSafeEqual(found, Buffer.from(hash, 'base64url'));
}

const hashed = (password: string, salt: Buffer, cost: number): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    scrypt(password, salt, LENGTH, { N: cost }, (error, hash) => (error ? reject(error) : resolve(hash)));
  });
