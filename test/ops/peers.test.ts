import { describe, expect, it } from '@jest/globals';
import { ACCESS, latest } from '../../src/ops/access.js';
import { alone } from '../../src/ops/peers.js';
import { type ProductReading, together } from '../../src/ops/products.js';

/** A product as one of two workers sees it that nobody has called yet. */
const reading = (more: Partial<ProductReading> = {}): { readonly revision: string; readonly products: ProductReading[] } => ({
  revision: '0.0-a',
  products: [
    {
      product: 'library',
      policy: { limit: { perSecond: 100 / 3, burst: 4 }, bulkhead: { concurrent: 5, queue: 6, waitMs: 100 } },
      isolated: null,
      inFlight: 0,
      addresses: [{ version: 1, url: 'http://a', inFlight: 0 }],
      breakers: [],
      bulkhead: null,
      limit: { remaining: 4, heldMs: 0 },
      cache: null,
      ...more,
    },
  ],
});

const breaker = (state: 'closed' | 'open' | 'half-open', calls: number, trialInMs = 0) => ({
  operation: 'library.v1.getBook',
  state,
  calls,
  failures: calls - 1,
  trialInMs,
});

describe('the products as three workers see them', () => {
  it('are those of one process: what is allowed, under way and kept is added up', () => {
    const one = reading({
      inFlight: 2,
      addresses: [{ version: 1, url: 'http://a', inFlight: 2 }],
      bulkhead: { inFlight: 2, waiting: 1 },
      limit: { remaining: 0, heldMs: 700 },
      cache: { entries: 2, bytes: 20, saved: 3, answers: 4 },
    });
    const two = reading({ bulkhead: { inFlight: 1, waiting: 0 }, cache: { entries: 1, bytes: 10, saved: 0, answers: 2 } });
    expect(together([one, two, reading()])).toEqual({
      revision: '0.0-a',
      products: [
        {
          product: 'library',
          policy: { limit: { perSecond: 100, burst: 12 }, bulkhead: { concurrent: 15, queue: 18, waitMs: 100 } },
          isolated: null,
          inFlight: 2,
          addresses: [{ version: 1, url: 'http://a', inFlight: 2 }],
          breakers: [],
          bulkhead: { inFlight: 3, waiting: 1 },
          limit: { remaining: 8, heldMs: 700 },
          cache: { entries: 3, bytes: 30, hitRate: 0.5 },
        },
      ],
    });
  });

  it('have the breaker that is furthest from closed, the soonest trial, and in how many it is so where they differ', () => {
    const breakers = (...of: ReturnType<typeof breaker>[]) => together(of.map((one) => reading({ breakers: [one] }))).products[0]?.breakers;
    expect(breakers(breaker('closed', 3), breaker('open', 1, 900), breaker('open', 1, 400))).toEqual([
      { ...breaker('open', 5, 400), failures: 2, workers: { closed: 1, 'half-open': 0, open: 2 } },
    ]);
    expect(breakers(breaker('half-open', 1), breaker('closed', 1))).toEqual([
      { ...breaker('half-open', 2), failures: 0, workers: { closed: 1, 'half-open': 1, open: 0 } },
    ]);
    expect(breakers(breaker('closed', 2), breaker('closed', 2))).toEqual([{ ...breaker('closed', 4), failures: 2 }]);
  });
});

describe('who called what by what two workers know', () => {
  it('is the latest of each, for the routes and consumers that there are', () => {
    const access = (...lastUses: readonly (string | null)[]) => ({
      revision: '1',
      consumers: [],
      routes: [
        {
          route: 'GET /v1/me',
          scopes: [],
          user: 'optional' as const,
          consumers: lastUses.map((lastUse, i) => ({ consumer: `c${i}`, lastUse })),
        },
      ],
    });
    const own = access('2026-11-20', null, '2026-11-02', null);
    const other = access('2026-11-19', '2026-11-20', '2026-11-03', null);
    expect(latest([own, other], own)).toEqual(access('2026-11-20', '2026-11-20', '2026-11-03', null));
    expect(latest([other], own)).toEqual(access('2026-11-20', '2026-11-20', '2026-11-03', null));
  });
});

describe('a process alone', () => {
  it('is asked for itself', async () => {
    const peers = alone();
    const own = { revision: '1', consumers: [], routes: [] };
    peers.answers(ACCESS, async () => own);
    expect(await peers.ask(ACCESS)).toEqual([own]);
  });
});
