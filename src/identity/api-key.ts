import { hash, randomBytes, timingSafeEqual } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { Credential } from '../policy/credential.js';

/** Crockford's base 32: no letter that is read as a digit, and nothing that a shell takes for an option. */
const ID_ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
const ID_LENGTH = 8;
const SECRET_BYTES = 24;

/** `ik_<id>_<secret>_<checksum>`. Parts have fixed lengths: base64url holds `_` itself. */
const KEY = /^(ik_([0-9a-hjkmnp-tv-z]{8})_[A-Za-z0-9_-]{32})_([A-Za-z0-9_-]{6})$/;

/** A key as it is known: by an id that may be shown, and the SHA-256 of the whole. */
export interface KnownKey {
  readonly id: string;
  readonly secretHash: Buffer;
}

/** A new key. Its text is shown once, to who asked for it, and kept nowhere. */
export interface MadeKey extends KnownKey {
  readonly key: Credential;
}

/** Makes a key with 192 random bits. */
export function makeKey(): MadeKey {
  const id = Array.from(randomBytes(ID_LENGTH), (byte) => ID_ALPHABET[byte % ID_ALPHABET.length]).join('');
  const rest = `ik_${id}_${randomBytes(SECRET_BYTES).toString('base64url')}`;
  const text = `${rest}_${checksum(rest)}`;
  return { id, secretHash: digestOf(text), key: new Credential(text) };
}

/**
 * Reads a key that somebody presents; undefined where it is none: another form, cut off, mistyped. It says nothing of
 * whether the key is in force.
 */
export function readKey(text: string): KnownKey | undefined {
  const [, rest = '', id = '', check] = KEY.exec(text) ?? [];
  return check !== undefined && check === checksum(rest) ? { id, secretHash: digestOf(text) } : undefined;
}

/** Whether two hashes are equal, in a time that does not tell where they differ. */
export const sameHash = (a: Buffer, b: Buffer): boolean => a.length === b.length && timingSafeEqual(a, b);

const digestOf = (text: string): Buffer => hash('sha256', text, 'buffer');

function checksum(rest: string): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(crc32(rest));
  return bytes.toString('base64url');
}
