import { describe, expect, it } from '@jest/globals';
import { array, assert, constantFrom, integer, property, tuple } from 'fast-check';
import { Passing } from '../src/passing.js';

describe('a map for what comes and goes', () => {
  it('is a map, however much came and went', () => {
    const steps = array(tuple(constantFrom('set', 'set', 'delete'), integer({ min: 0, max: 30 })), { minLength: 3000, maxLength: 5000 });
    assert(
      property(steps, (all) => {
        const passing = new Passing<number>();
        const map = new Map<string, number>();
        for (const [i, [what, n]] of all.entries()) {
          const key = `key-${n}`;
          if (what === 'set') {
            passing.set(key, i);
            map.set(key, i);
          } else {
            passing.delete(key);
            map.delete(key);
          }
          expect([passing.get(key), passing.size]).toEqual([map.get(key), map.size]);
        }
        for (let n = 0; n <= 30; n++) expect(passing.get(`key-${n}`)).toBe(map.get(`key-${n}`));
      }),
      { numRuns: 20 },
    );
  });

  it('keeps what stays, while thousands pass', () => {
    const passing = new Passing<number>();
    passing.set('stays', 1);
    for (let i = 0; i < 10_000; i++) {
      passing.set(`passes-${i}`, i);
      passing.delete(`passes-${i}`);
    }
    expect([passing.get('stays'), passing.size]).toEqual([1, 1]);
  });
});
