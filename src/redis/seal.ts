import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';

const FORMAT = 1;
const MAC_BYTES = 16;
const HEAD_BYTES = 1 + MAC_BYTES;

/**
 * The secret that values in Redis are sealed with, equal in every instance: from `key` (REDIS_HMAC_KEY) where there is one,
 * else from the password in the URL. Without either a seal still tells mistakes (two values swapped, a value cut off), but
 * not a forger.
 */
export function sealSecret({ key, url }: { readonly key?: string | undefined; readonly url: string }): Buffer {
  return Buffer.from(hkdfSync('sha256', key ?? new URL(url).password, '', 'interline seal', 32));
}

/** Bytes with a format byte and an HMAC-SHA256 (128 bits of it) over them and `name`, the place they are for. */
export const seal = (secret: Buffer, name: string, bytes: Buffer): Buffer =>
  Buffer.concat([Buffer.from([FORMAT]), macOf(secret, name, bytes), bytes]);

/** What was sealed for this very place; undefined for anything else: another place, format or secret, cut off, garbage. */
export function unseal(secret: Buffer, name: string, sealed: Buffer): Buffer | undefined {
  if (sealed.length < HEAD_BYTES || sealed[0] !== FORMAT) return undefined;
  const bytes = sealed.subarray(HEAD_BYTES);
  return timingSafeEqual(sealed.subarray(1, HEAD_BYTES), macOf(secret, name, bytes)) ? bytes : undefined;
}

function macOf(secret: Buffer, name: string, bytes: Buffer): Buffer {
  const head = `${FORMAT}:${Buffer.byteLength(name)}:${name}`;
  return createHmac('sha256', secret).update(head).update(bytes).digest().subarray(0, MAC_BYTES);
}
