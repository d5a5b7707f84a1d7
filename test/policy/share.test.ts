import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { partOfEdge, partOfNumber, partOfProduct } from '../../src/policy/share.js';
import { parse } from '../../src/policy/load.js';

const workers = (of: number) => Array.from({ length: of }, (_, i) => ({ of, worker: i + 1 }));
const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0);

describe('the shares of workers', () => {
  it('add up to the whole, wherever there is enough for each', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 64 }), fc.integer({ min: 0, max: 100_000 }), (of, more) => {
        const total = of + more;
        const parts = workers(of).map((share) => partOfNumber(total, share));
        expect(sum(parts)).toBe(total);
        expect(Math.max(...parts) - Math.min(...parts)).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('are one each where there is less than that, since a worker with none could do nothing', () => {
    expect(workers(4).map((share) => partOfNumber(2, share))).toEqual([1, 1, 1, 1]);
    expect(workers(4).map((share) => partOfNumber(2, share, 0))).toEqual([1, 1, 0, 0]);
  });

  it('keep what is promised to a product', () => {
    const limit = { perSecond: 10, burst: 5 };
    const product = { limit, bulkhead: { concurrent: 7, queue: 1, waitMs: 100 }, isolated: true };
    const parts = workers(2).map((share) => partOfProduct(product, share));
    expect(parts).toEqual([
      { limit: { perSecond: 5, burst: 3 }, bulkhead: { concurrent: 4, queue: 1, waitMs: 100 }, isolated: true },
      { limit: { perSecond: 5, burst: 2 }, bulkhead: { concurrent: 3, queue: 0, waitMs: 100 }, isolated: true },
    ]);
    const unlimited = partOfProduct({ ...product, limit: { perSecond: Infinity, burst: 20 } }, { of: 2, worker: 1 });
    expect(unlimited.limit.perSecond).toBe(Infinity);
  });

  it('bound what the machine takes on, and nothing that is no number of things', () => {
    const { edge } = parse(
      'edge: { shed: { inFlight: 9, delay: 90ms }, connections: { most: 5, perAddress: 3 } }\nproducts: {}\n',
      'gateway.yaml',
    ).config;
    expect(partOfEdge(edge, { of: 2, worker: 1 })).toEqual({
      ...edge,
      shed: { inFlight: 5, delay: 90 },
      connections: { most: 3, perAddress: 2 },
    });
    expect(partOfEdge(edge, { of: 2, worker: 2 })).toMatchObject({ shed: { inFlight: 4 }, connections: { most: 2, perAddress: 1 } });
    expect(partOfEdge(edge, { of: 1, worker: 1 })).toBe(edge);
  });
});
