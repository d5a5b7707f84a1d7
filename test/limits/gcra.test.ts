import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { Gcra, type Rate } from '../../src/limits/gcra.js';

const ten: Rate = { perSecond: 10, burst: 3 };

describe('a key', () => {
  it('has its burst at once, and then one for each interval of its rate, not a millisecond sooner', () => {
    const gcra = new Gcra(10);
    expect([1, 2, 3].map(() => gcra.admit('a', ten, 0))).toEqual([
      { admitted: true, remaining: 2, retryAfterMs: 0, resetMs: 100 },
      { admitted: true, remaining: 1, retryAfterMs: 0, resetMs: 200 },
      { admitted: true, remaining: 0, retryAfterMs: 0, resetMs: 300 },
    ]);
    expect(gcra.admit('a', ten, 0)).toEqual({ admitted: false, remaining: 0, retryAfterMs: 100, resetMs: 300 });
    expect(gcra.admit('a', ten, 99)).toEqual({ admitted: false, remaining: 0, retryAfterMs: 1, resetMs: 201 });
    expect(gcra.admit('a', ten, 100)).toEqual({ admitted: true, remaining: 0, retryAfterMs: 0, resetMs: 300 });
    expect(gcra.admit('a', ten, 400)).toEqual({ admitted: true, remaining: 2, retryAfterMs: 0, resetMs: 100 });
  });

  it('saves up no more than its burst', () => {
    const gcra = new Gcra(10);
    gcra.admit('a', ten, 0);
    expect(gcra.admit('a', ten, 1_000_000)).toEqual({ admitted: true, remaining: 2, retryAfterMs: 0, resetMs: 100 });
  });

  it('is not held up by what another one spends', () => {
    const gcra = new Gcra(10);
    for (let n = 0; n < 5; n++) gcra.admit('a', ten, 0);
    expect(gcra.admit('b', ten, 0)).toMatchObject({ admitted: true, remaining: 2 });
  });

  it('keeps what it spent when its rate and burst change', () => {
    const gcra = new Gcra(10);
    for (let n = 0; n < 3; n++) gcra.admit('a', ten, 0);
    expect(gcra.admit('a', { perSecond: 10, burst: 5 }, 0)).toMatchObject({ admitted: true, remaining: 1 });
    expect(gcra.admit('a', { perSecond: 1, burst: 2 }, 0)).toEqual({ admitted: false, remaining: 0, retryAfterMs: 3000, resetMs: 4000 });
  });

  it('gains nothing by a time that runs backwards', () => {
    const gcra = new Gcra(10);
    for (let n = 0; n < 3; n++) gcra.admit('a', ten, 1000);
    expect(gcra.admit('a', ten, 500)).toMatchObject({ admitted: false, retryAfterMs: 100 });
    expect(gcra.remaining('a', ten, 500)).toBe(0);
    expect(gcra.admit('a', ten, 1099)).toMatchObject({ admitted: false, retryAfterMs: 1 });
  });

  it('of an infinite rate is always admitted and not remembered', () => {
    const gcra = new Gcra(10);
    const all = { perSecond: Infinity, burst: 1 };
    for (let n = 0; n < 5; n++)
      expect(gcra.admit('a', all, 0)).toEqual({ admitted: true, remaining: Infinity, retryAfterMs: 0, resetMs: 0 });
    expect(gcra.size).toBe(0);
    gcra.admit('a', ten, 0);
    expect(gcra.remaining('a', all, 0)).toBe(1);
  });

  it('can be looked at without being spent', () => {
    const gcra = new Gcra(10);
    expect([gcra.remaining('a', ten, 0), gcra.size]).toEqual([3, 0]);
    for (let n = 0; n < 3; n++) gcra.admit('a', ten, 0);
    expect([
      gcra.remaining('a', ten, 0),
      gcra.remaining('a', ten, 99),
      gcra.remaining('a', ten, 250),
      gcra.remaining('a', ten, 9999),
    ]).toEqual([0, 0, 2, 3]);
    expect(gcra.remaining('a', { perSecond: 10, burst: 1 }, 0)).toBe(0);
    expect(gcra.admit('a', ten, 100)).toMatchObject({ admitted: true });
  });
});

/** The algorithm in its other form, virtual scheduling, in whole numbers: times are scaled by the rate. */
class VirtualScheduling {
  #tat = 0n;
  admit(perSecond: bigint, burst: bigint, now: bigint): boolean {
    const scaled = now * perSecond;
    const tat = this.#tat > scaled ? this.#tat : scaled;
    if (tat + 1000n - scaled > burst * 1000n) return false;
    this.#tat = tat + 1000n;
    return true;
  }
}

describe('any sequence of requests', () => {
  const gaps = fc.array(fc.oneof(fc.constant(0), fc.nat(3), fc.nat(400)), { minLength: 1, maxLength: 200 });
  const rates = fc.record({ perSecond: fc.integer({ min: 1, max: 3000 }), burst: fc.integer({ min: 1, max: 20 }) });

  it('is decided as by virtual scheduling, the other form of the algorithm', () => {
    fc.assert(
      fc.property(rates, gaps, fc.nat(1e9), (rate, times, start) => {
        const gcra = new Gcra(1);
        const reference = new VirtualScheduling();
        let now = start;
        for (const gap of times) {
          now += gap;
          expect(gcra.admit('a', rate, now).admitted).toBe(reference.admit(BigInt(rate.perSecond), BigInt(rate.burst), BigInt(now)));
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('is told the truth: what remains is admitted, and what is refused is admitted after its wait and no whole millisecond sooner', () => {
    fc.assert(
      fc.property(rates, gaps, (rate, times) => {
        const gcra = new Gcra(1);
        let now = 0;
        for (const gap of times) {
          now += gap;
          const before = gcra.remaining('a', rate, now);
          const { admitted, remaining, retryAfterMs } = gcra.admit('a', rate, now);
          expect([before > 0, remaining]).toEqual([admitted, admitted ? before - 1 : 0]);
          expect(gcra.remaining('a', rate, now)).toBe(remaining);
          if (admitted) continue;
          expect(gcra.remaining('a', rate, now + retryAfterMs)).toBeGreaterThan(0);
          expect(gcra.remaining('a', rate, now + retryAfterMs - 1)).toBe(0);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('keys beyond number', () => {
  it('are remembered up to a bound; the one least recently asked for goes first', () => {
    const once: Rate = { perSecond: 1e-9, burst: 1 };
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5 }),
        fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g'), { maxLength: 200 }),
        (most, keys) => {
          const gcra = new Gcra(most);
          let recent: string[] = [];
          for (const key of keys) {
            expect(gcra.admit(key, once, 0).admitted).toBe(!recent.includes(key));
            recent = [...recent.filter((other) => other !== key), key].slice(-most);
            expect(gcra.size).toBe(recent.length);
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  it('cost a bounded memory', () => {
    const gcra = new Gcra(1000);
    for (let n = 0; n < 100_000; n++) gcra.admit(`key-${n}`, ten, n);
    expect(gcra.size).toBe(1000);
  });
});
