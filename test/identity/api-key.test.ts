import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { makeKey, readKey, sameHash } from '../../src/identity/api-key.js';

describe('a key', () => {
  it('is read back as the one that was made, by its id and the hash of the whole', () => {
    const { id, secretHash, key } = makeKey();
    expect(key.reveal()).toMatch(/^ik_[0-9a-z]{8}_[A-Za-z0-9_-]{32}_[A-Za-z0-9_-]{6}$/);
    expect(key.reveal().slice(3, 11)).toBe(id);
    const read = readKey(key.reveal());
    expect(read?.id).toBe(id);
    expect(read && sameHash(read.secretHash, secretHash)).toBe(true);
  });

  it('is another one each time', () => {
    const texts = Array.from({ length: 1000 }, () => makeKey().key.reveal());
    expect(new Set(texts).size).toBe(1000);
    expect(new Set(texts.map((text) => text.slice(12, 44))).size).toBe(1000);
  });

  it('with one character mistyped, left out, put in or two swapped is none', () => {
    const letters = 'abcXYZ019_- é'.split('');
    fc.assert(
      fc.property(fc.nat(50), fc.constantFrom('', ...letters), fc.constantFrom('change', 'put in', 'swap'), (at, letter, how) => {
        const text = makeKey().key.reveal();
        const rest = how === 'put in' ? text.slice(at) : text.slice(at + 1);
        const mistyped =
          how === 'swap' ? `${text.slice(0, at)}${text[at + 1] ?? ''}${text[at]}${text.slice(at + 2)}` : text.slice(0, at) + letter + rest;
        fc.pre(mistyped !== text);
        expect(readKey(mistyped)).toBeUndefined();
      }),
      { numRuns: 2000 },
    );
  });

  it('that is cut off anywhere, or has something around it, is none', () => {
    const text = makeKey().key.reveal();
    for (let length = 0; length < text.length; length++) expect(readKey(text.slice(0, length))).toBeUndefined();
    for (const odd of [` ${text}`, `${text}\n`, `${text}=`, text.toUpperCase(), text + text]) expect(readKey(odd)).toBeUndefined();
  });

  it('does not show itself when it is printed or serialised', () => {
    const made = makeKey();
    const text = made.key.reveal();
    expect([inspect(made), JSON.stringify(made), String(made.key)].filter((said) => said.includes(text.slice(12, 44)))).toEqual([]);
  });

  it('is compared without telling where two differ, and never with one of another length', () => {
    expect(sameHash(Buffer.from('ab'), Buffer.from('ab'))).toBe(true);
    expect(sameHash(Buffer.from('ab'), Buffer.from('ac'))).toBe(false);
    expect(sameHash(Buffer.from('ab'), Buffer.from('abc'))).toBe(false);
  });
});
