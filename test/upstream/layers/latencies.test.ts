import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { Latencies } from '../../../src/upstream/latencies.js';

describe('how long answers took lately', () => {
  it('is nothing before the first of them', () => {
    expect(new Latencies().p95).toBe(0);
  });

  it('is what nineteen of the last twenty took at most, for any two hundred', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1000, noNaN: true }), { minLength: 1, maxLength: 600 }), (took) => {
        const latencies = new Latencies();
        for (const ms of took) latencies.add(ms);
        const lately = took.slice(-200).sort((a, b) => a - b);
        expect(latencies.p95).toBe(lately[Math.ceil(lately.length * 0.95) - 1]);
      }),
    );
  });
});
