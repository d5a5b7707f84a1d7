import { assert, array, nat, property } from 'fast-check';
import { describe, expect, it } from '@jest/globals';
import { Recent } from '../src/recent.js';

describe('what came lately', () => {
  it('is remembered as it was said last, at least so much of it, and never more than twice that', () => {
    assert(
      property(array(nat(12), { maxLength: 60 }), (keys) => {
        const recent = new Recent<number>(3);
        keys.forEach((key, nth) => recent.set(String(key), nth));
        const newest = [...new Set(keys.toReversed())];
        const known = newest.filter((key) => recent.get(String(key)) !== undefined);
        expect(newest.slice(0, 3)).toEqual(known.slice(0, Math.min(3, newest.length)));
        expect(known.length).toBeLessThanOrEqual(6);
        for (const key of known) expect(recent.get(String(key))).toBe(keys.lastIndexOf(key));
      }),
      { numRuns: 2000 },
    );
  });
});
