import { describe, expect, it } from '@jest/globals';
import { median, quantile, randomFrom, slope } from '../../../scripts/soak/figures.ts';

describe('the figures of a soak', () => {
  it('are the value below which a share of the values lies, in whatever order they came', () => {
    const values = Array.from({ length: 100 }, (_, i) => ((i * 37) % 100) + 1);
    expect([0, 0.01, 0.5, 0.99, 1].map((share) => quantile(values, share))).toEqual([1, 1, 50, 99, 100]);
    expect(median([9, 1, 5])).toBe(5);
    expect(median([9, 1])).toBe(1);
    expect(quantile([], 0.5)).toBeNaN();
  });

  it('sort by size, not by spelling', () => {
    expect(quantile([10, 9, 100], 1)).toBe(100);
  });

  it('are the growth from each value to the next', () => {
    expect(slope([3, 3, 3])).toBe(0);
    expect(slope([1, 3, 5, 7])).toBe(2);
    expect(slope([10, 0, 10, 0])).toBeCloseTo(-2);
  });

  it('come from the same chance in every run', () => {
    const [one, other] = [randomFrom(7), randomFrom(7)];
    const drawn = Array.from({ length: 1000 }, one);
    expect(Array.from({ length: 1000 }, other)).toEqual(drawn);
    expect(drawn.every((value) => value >= 0 && value < 1)).toBe(true);
    expect(new Set(drawn).size).toBeGreaterThan(990);
  });
});
