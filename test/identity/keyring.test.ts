import { describe, expect, it } from '@jest/globals';
import { makeKey } from '../../src/identity/api-key.js';
import {
  type Changed,
  type ConsumerKeys,
  ConsumerKeys as Document,
  NO_KEYS,
  addKey,
  revokeKeys,
  rotateKey,
  validKeys,
} from '../../src/identity/consumer-keys.js';
import { Keyring } from '../../src/identity/keyring.js';
import { handClock } from '../hand-clock.js';

const HOUR = 3_600_000;

function done(changed: Changed): ConsumerKeys {
  if (!changed.ok) throw new Error(changed.why);
  return Document.parse(JSON.parse(JSON.stringify(changed.next)));
}

describe('the keys of a consumer', () => {
  it('tell who calls, and nobody else’s do', () => {
    const clock = handClock();
    const [web, pilot, stranger] = [makeKey(), makeKey(), makeKey()];
    const keyring = new Keyring(done(addKey(done(addKey(NO_KEYS, web, 'web', clock.date())), pilot, 'pilot', clock.date())));
    const asked = [web, pilot, stranger].map(({ key }) => keyring.consumerOf(key.reveal(), clock.date()));
    expect(asked).toEqual(['web', 'pilot', undefined]);
    expect(keyring.revision).toBe(2);
  });

  it('with the id of one and the secret of another are none', () => {
    const clock = handClock();
    const web = makeKey();
    const keyring = new Keyring(done(addKey(NO_KEYS, { ...makeKey(), id: web.id }, 'web', clock.date())));
    expect(keyring.consumerOf(web.key.reveal(), clock.date())).toBeUndefined();
  });

  it('overlap while they are rotated: both are valid, then the new one alone, from the very millisecond', () => {
    const clock = handClock();
    const [old, fresh] = [makeKey(), makeKey()];
    const keyring = new Keyring(done(rotateKey(done(addKey(NO_KEYS, old, 'web', clock.date())), fresh, 'web', clock.date(), HOUR)));
    const valid = (): (string | undefined)[] => [old, fresh].map(({ key }) => keyring.consumerOf(key.reveal(), clock.date()));
    clock.advance(HOUR - 1);
    expect(valid()).toEqual(['web', 'web']);
    clock.advance(1);
    expect(valid()).toEqual([undefined, 'web']);
  });

  it('are never more than two at once: a third is refused until one has ended or is taken back', () => {
    const clock = handClock();
    const old = makeKey();
    const one = done(addKey(NO_KEYS, old, 'web', clock.date()));
    const two = done(rotateKey(one, makeKey(), 'web', clock.date(), HOUR));
    for (const third of [addKey(two, makeKey(), 'web', clock.date()), rotateKey(two, makeKey(), 'web', clock.date(), HOUR)])
      expect(third).toEqual({ ok: false, why: expect.stringMatching(/^web has 2 valid keys, \w{8} and \w{8}: revoke one of them first$/) });
    expect(addKey(two, makeKey(), 'pilot', clock.date()).ok).toBe(true);
    expect(addKey(done(revokeKeys(two, old.id, clock.date())), makeKey(), 'web', clock.date()).ok).toBe(true);
    clock.advance(HOUR);
    const three = done(rotateKey(two, makeKey(), 'web', clock.date(), HOUR));
    expect(three.keys).toHaveLength(2); // the one whose time was over is forgotten
    expect(three.keys.some(({ id }) => id === old.id)).toBe(false);
  });

  it('are taken back one by one by id, or all by the name', () => {
    const clock = handClock();
    const [one, two, other] = [makeKey(), makeKey(), makeKey()];
    const all = [one, two].reduce((document, key) => done(addKey(document, key, 'web', clock.date())), NO_KEYS);
    const document = done(addKey(all, other, 'pilot', clock.date()));
    const left = (changed: Changed): string[] => validKeys(done(changed), clock.date()).map(({ id }) => id);
    expect(left(revokeKeys(document, one.id, clock.date()))).toEqual([two.id, other.id]);
    expect(left(revokeKeys(document, 'web', clock.date()))).toEqual([other.id]);
    expect(revokeKeys(document, 'shop', clock.date())).toEqual({ ok: false, why: 'shop has no valid key' });
  });

  it('can not be rotated where there is none, and a rotation never makes one live longer', () => {
    const clock = handClock();
    expect(rotateKey(NO_KEYS, makeKey(), 'web', clock.date(), HOUR)).toEqual({ ok: false, why: 'web has no key to rotate: add one' });
    const expires = new Date(clock.date() + 5000).toISOString();
    const [key] = done(addKey(NO_KEYS, makeKey(), 'web', clock.date())).keys;
    const ending: ConsumerKeys = { format: 1, revision: 1, keys: key ? [{ ...key, expires }] : [] };
    expect(done(rotateKey(ending, makeKey(), 'web', clock.date(), HOUR)).keys[0]?.expires).toBe(expires);
  });

  it('are changed by making another document: the one before stays as it was', () => {
    const clock = handClock();
    const before = done(addKey(NO_KEYS, makeKey(), 'web', clock.date()));
    const text = JSON.stringify(before);
    rotateKey(before, makeKey(), 'web', clock.date(), HOUR);
    revokeKeys(before, 'web', clock.date());
    expect(JSON.stringify(before)).toBe(text);
  });

  it('never hold a key itself', () => {
    const made = makeKey();
    const text = JSON.stringify(done(addKey(NO_KEYS, made, 'web', 0)));
    expect(text).toContain(made.id);
    expect(text).not.toContain(made.key.reveal().slice(12, 44));
  });

  it.each([
    ['an id twice', (key: object) => ({ format: 1, revision: 1, keys: [key, key] })],
    ['a member that is not known', (key: object) => ({ format: 1, revision: 1, keys: [{ ...key, key: 'ik_' }] })],
    ['a hash that is none', (key: object) => ({ format: 1, revision: 1, keys: [{ ...key, hash: 'ab' }] })],
    ['another format', (key: object) => ({ format: 2, revision: 1, keys: [key] })],
    ['a revision below zero', (key: object) => ({ format: 1, revision: -1, keys: [key] })],
  ])('with %s are no keys', (_, make) => {
    const [key] = done(addKey(NO_KEYS, makeKey(), 'web', 0)).keys;
    expect(Document.safeParse(make(key ?? {})).success).toBe(false);
  });
});
