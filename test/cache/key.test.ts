import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import type { AnyOperation } from '#contracts/kernel/index.js';
import { Call } from '../../src/upstream/call.js';
import { tuple, unkeyed } from '../../src/upstream/key.js';
import { callOf as shopCall, request, shop } from '../upstream/layers/calls.js';
import { Shelves, callOf, library, says } from './shelves.js';

// Texts that would melt into each other, were they only joined.
const PIECES = [
  '',
  'a',
  'b',
  'ab',
  'a:b',
  ':',
  '1:a',
  '2:ab',
  'A',
  '\u00e4',
  'a\u0308',
  '0',
  '1',
  'user',
  'public',
  '%61',
  'a/b',
  'a?b',
  '\u0000',
  '\ud83d\ude00',
];

describe('a tuple', () => {
  it('is its pieces, each with its length before it', () => {
    expect(tuple(['a', '', 'bc'])).toBe('1:a0:2:bc');
  });

  it('is another text for every other tuple: none of 8,000 is like another', () => {
    const texts = new Set(PIECES.flatMap((a) => PIECES.flatMap((b) => PIECES.map((c) => tuple([a, b, c])))));
    expect(texts.size).toBe(8_000);
  });

  it('is another text for a tuple of another length', () => {
    const piece = fc.constantFrom(...PIECES);
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 4 }), fc.array(piece, { maxLength: 4 }), (one, other) => {
        expect(tuple(one) === tuple(other)).toBe(JSON.stringify(one) === JSON.stringify(other));
      }),
    );
  });
});

describe('a key', () => {
  const { caches } = new Shelves();
  const rate = (name: string, who = {}) => caches.keyOf(shopCall(shop.getRate, { name }, request(who)));
  const cart = (who: object) => caches.keyOf(shopCall(shop.getCart, { name: 'a' }, request(who)));

  it('is short, and the same for the same, whichever request asks under whichever policy', () => {
    expect(rate('eur')).toMatch(/^[\w-]{22}$/);
    expect(rate('eur', { user: 'u-1', consumer: 'web', revision: '2', requestId: 'x' })).toBe(rate('eur'));
    expect(cart({ user: 'u-1', consumer: 'web' })).toBe(cart({ user: 'u-1', consumer: 'web', revision: '2' }));
  });

  it('is another one for another path, without folding case or Unicode', () => {
    const keys = ['a', 'A', '\u00e4', 'a\u0308', 'a b', 'a+b'].map((name) => rate(name));
    expect(new Set(keys).size).toBe(6);
  });

  it('is another one for another header, operation or query', () => {
    const book = (input: object) => caches.keyOf(callOf(library.getBook, { id: 'b-1', ...input }, request()));
    const list = (input: object) => caches.keyOf(callOf(library.listBooks, { ...input }, request()));
    const keys = [
      book({}),
      book({ language: 'de' }),
      book({ language: 'fr' }),
      book({ language: '' }),
      list({}),
      list({ page: 1 }),
      list({ page: 2 }),
    ];
    expect(new Set(keys).size).toBe(7);
  });

  it('is another one for who came another way', () => {
    const by = request();
    const ways = [
      by.passage,
      { ...by.passage, via: '1.1 elsewhere, 1.1 interline' },
      { ...by.passage, 'cdn-loop': 'interline, interline' },
    ];
    expect(new Set(ways.map((passage) => caches.keyOf(callOf(library.getBook, { id: 'b-1' }, { ...by, passage })))).size).toBe(3);
  });

  it('is another one for another product or version, at the same path and in the same shape', () => {
    const { endpoint, input, outgoing, scope, cancellation } = callOf(library.getBook, { id: 'b-1' }, request());
    const keys = ['library.v1.getBook', 'library.v2.getBook', 'archive.v1.getBook'].map((id) =>
      caches.keyOf(new Call({ ...endpoint, id }, input, outgoing, scope, undefined, cancellation)),
    );
    expect(new Set(keys).size).toBe(3);
  });

  it('is another one for each who has an answer of his own, and none for who is not known', () => {
    const known = [
      { user: 'a' },
      { user: 'a', consumer: '' },
      { user: 'a', consumer: 'b' },
      { user: 'ab' },
      { user: 'b', consumer: 'a' },
      { user: 'a:b' },
      { user: '' },
    ];
    expect(new Set(known.map(cart)).size).toBe(known.length);
    expect([cart({}), cart({ consumer: 'web' })]).toEqual([undefined, undefined]);
    const terms = (who: object) => caches.keyOf(shopCall(shop.getTerms, { name: 'a' }, request(who)));
    expect([terms({}), terms({ user: 'u-1' })]).toEqual([undefined, undefined]);
    expect(terms({ consumer: 'web', user: 'u-1' })).toBe(terms({ consumer: 'web', user: 'u-2' }));
    expect(terms({ consumer: 'web' })).not.toBe(terms({ consumer: 'app' }));
  });

  it('is another one for whom another issuer vouches, and for who may do other things, in any order', () => {
    const known = [
      {},
      { issuer: '' },
      { issuer: 'https://a.test' },
      { issuer: 'https://b.test' },
      { scopes: [] },
      { scopes: [''] },
      { scopes: ['read'] },
      { scopes: ['write'] },
      { scopes: ['read', 'write'] },
      { issuer: 'https://a.test', scopes: ['read'] },
    ].map((more) => ({ user: 'a', ...more }));
    expect(new Set(known.map(cart)).size).toBe(known.length);
    expect(cart({ user: 'a', scopes: ['write', 'read'] })).toBe(cart({ user: 'a', scopes: ['read', 'write'] }));
  });

  it('is another one where the contract gives the answer another shape', () => {
    const { endpoint, input, outgoing, scope, cancellation } = callOf(library.getPrices, {}, request({ consumer: 'web' }));
    const keyOf = (more: object) => {
      const operation: AnyOperation = { ...library.getPrices, ...more };
      return caches.keyOf(new Call({ ...endpoint, operation }, input, outgoing, scope, undefined, cancellation));
    };
    const keys = [{}, { output: library.getBook.output }, { errors: { gone: 410 } }, { absent: 'gone' }].map(keyOf);
    expect(new Set(keys).size).toBe(4);
    expect(keyOf({})).toBe(keys[0]);
  });
});

describe('an answer', () => {
  it.each([...unkeyed].map((name) => [name]))('that varies by %s, which is another one each time, is not kept', async (name) => {
    const shelves = new Shelves();
    expect(await shelves.book(says(1, { vary: name }))).toMatchObject({ from: { state: 'miss', stored: false, why: 'vary' } });
  });
});
