import { describe, expect, it } from '@jest/globals';
import { didYouMean, nearest } from '#contracts/kernel/index.js';
import * as fc from 'fast-check';

describe('nearest', () => {
  it.each([
    ['limt', 'limit'],
    ['Limit', 'limit'],
    ['emial', 'email'],
    ['descripton', 'description'],
    ['customer', 'customerId'],
  ])('takes %s for %s', (word, meant) => {
    expect(nearest(word, ['id', 'limit', 'email', 'description', 'customerId'])).toBe(meant);
  });

  it('says nothing where no name is near', () => {
    expect(nearest('utm_source', ['limit', 'email'])).toBeUndefined();
    expect(nearest('limit', [])).toBeUndefined();
    expect(didYouMean('utm_source', ['limit'])).toBe('');
  });

  it('says it in words', () => {
    expect(didYouMean('limt', ['limit'])).toBe(' (did you mean "limit"?)');
  });

  it('finds a known name whatever its case, and the first of two that are as near', () => {
    expect(nearest('ab', ['aB', 'AB'])).toBe('aB');
  });

  it('finds a known name with any one letter lost, and only ever names a known one', () => {
    const known = ['customerId', 'placedAt', 'delivery', 'payment'];
    fc.assert(
      fc.property(fc.constantFrom(...known), fc.nat(), (name, at) => {
        const lost = at % name.length;
        expect(nearest(name.slice(0, lost) + name.slice(lost + 1), known)).toBe(name);
      }),
    );
    fc.assert(fc.property(fc.string(), (word) => [undefined, ...known].includes(nearest(word, known))));
  });

  it('looks at a long name to its end', () => {
    const known = ['cache.stale', 'cache.staleIfError'].map(
      (knob) => `products.aviation-infinity.operations.listCertificationTypes.${knob}`,
    );
    expect(nearest('products.aviation-infinity.operations.listCertificationTypes.cache.staleIfEror', known)).toBe(known[1]);
  });

  it('answers at once for a very long word', () => {
    expect(nearest('x'.repeat(1_000_000), ['limit'])).toBeUndefined();
  });
});
