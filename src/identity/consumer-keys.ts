import { z } from 'zod';
import type { KnownKey } from './api-key.js';

/** How many keys of one consumer are valid at once: the one in use, and the one that it changes to. */
const MOST_VALID = 2;

/** One key of a consumer. Of the key itself there is only the SHA-256. */
const ConsumerKey = z.strictObject({
  id: z.string().regex(/^[0-9a-z]{8}$/),
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  consumer: z.string().min(1),
  made: z.iso.datetime(),
  expires: z.iso.datetime().optional(),
});
export type ConsumerKey = z.output<typeof ConsumerKey>;

/** All keys of all consumers, as they are stored. A value: a change makes the next revision. */
export const ConsumerKeys = z
  .strictObject({ format: z.literal(1), revision: z.int().min(0), keys: z.array(ConsumerKey).readonly() })
  .readonly()
  .refine(({ keys }) => new Set(keys.map(({ id }) => id)).size === keys.length, { error: 'expected each id once' });
export type ConsumerKeys = z.output<typeof ConsumerKeys>;

/** No keys yet. */
export const NO_KEYS: ConsumerKeys = { format: 1, revision: 0, keys: [] };

/** What a change came to: the next revision with the keys that it is about, or why there is none. */
export type Changed =
  | { readonly ok: true; readonly next: ConsumerKeys; readonly about: readonly ConsumerKey[] }
  | { readonly ok: false; readonly why: string };

/** Whether a key that ends at `expiresAt` is valid still; both are dates in milliseconds. */
export const isInForce = (expiresAt: number, nowMs: number): boolean => nowMs < expiresAt;

/** The keys that are valid, of one consumer or of all, oldest first. */
export const validKeys = ({ keys }: ConsumerKeys, nowMs: number, consumer?: string): readonly ConsumerKey[] =>
  keys
    .filter((key) => (consumer === undefined || key.consumer === consumer) && isInForce(endOf(key), nowMs))
    .sort((a, b) => Date.parse(a.made) - Date.parse(b.made));

/** Gives a consumer one more key. The ones that it has stay as they are. */
export function addKey(document: ConsumerKeys, key: KnownKey, consumer: string, nowMs: number): Changed {
  const valid = validKeys(document, nowMs, consumer);
  if (valid.length >= MOST_VALID) return tooMany(consumer, valid);
  return changed(document, nowMs, (keys) => [...keys, stored(key, consumer, nowMs)], [key.id]);
}

/** Gives a consumer a key in place of the one that it has, which stays valid for `overlapMs` more, and not longer than it would have. */
export function rotateKey(document: ConsumerKeys, key: KnownKey, consumer: string, nowMs: number, overlapMs: number): Changed {
  const valid = validKeys(document, nowMs, consumer);
  if (valid.length >= MOST_VALID) return tooMany(consumer, valid);
  const [older] = valid;
  if (!older) return { ok: false, why: `${consumer} has no key to rotate: add one` };
  const expires = new Date(Math.min(nowMs + overlapMs, endOf(older))).toISOString();
  return changed(
    document,
    nowMs,
    (keys) => [...keys.map((each) => (each.id === older.id ? { ...each, expires } : each)), stored(key, consumer, nowMs)],
    [key.id, older.id],
  );
}

/** Takes one key back by its id, or all of a consumer by its name: they are valid no more, from this revision on. */
export function revokeKeys(document: ConsumerKeys, nameOrId: string, nowMs: number): Changed {
  const valid = validKeys(document, nowMs);
  const byId = valid.filter(({ id }) => id === nameOrId);
  const revoked = byId.length > 0 ? byId : valid.filter(({ consumer }) => consumer === nameOrId);
  if (revoked.length === 0) return { ok: false, why: `${nameOrId} has no valid key` };
  const { next } = changed(document, nowMs, (keys) => keys.filter((key) => !revoked.some(({ id }) => id === key.id)), []);
  return { ok: true, next, about: revoked };
}

/** The next revision; keys whose time is over are forgotten with it. */
function changed(
  document: ConsumerKeys,
  nowMs: number,
  change: (keys: readonly ConsumerKey[]) => readonly ConsumerKey[],
  about: readonly string[],
): Changed & { readonly ok: true } {
  const keys = change(document.keys.filter((key) => isInForce(endOf(key), nowMs)));
  if (new Set(keys.map(({ id }) => id)).size < keys.length) throw new RangeError('a new key has the id of another one');
  return {
    ok: true,
    next: { format: 1, revision: document.revision + 1, keys },
    about: about.flatMap((id) => keys.filter((key) => key.id === id)),
  };
}

const stored = ({ id, secretHash }: KnownKey, consumer: string, nowMs: number): ConsumerKey => ({
  id,
  hash: secretHash.toString('hex'),
  consumer,
  made: new Date(nowMs).toISOString(),
});

const endOf = ({ expires }: ConsumerKey): number => (expires === undefined ? Infinity : Date.parse(expires));

const tooMany = (consumer: string, valid: readonly ConsumerKey[]): Changed => ({
  ok: false,
  why: `${consumer} has ${valid.length} valid keys, ${valid.map(({ id }) => id).join(' and ')}: revoke one of them first`,
});
