import { z } from 'zod';
import type { Topic } from './peers.js';
import { ProductsAnswer } from './schemas.js';

const Product = ProductsAnswer.shape.products.element;

/** A product as one worker sees it: what is shown of a cache is made of counts that can be added up. */
const ProductReading = Product.omit({ cache: true }).extend({
  cache: z.object({ entries: z.int(), bytes: z.int(), saved: z.int(), answers: z.int() }).nullable(),
});
export type ProductReading = z.output<typeof ProductReading>;

const ProductsReading = z.object({ revision: z.string(), products: z.array(ProductReading) });
type ProductsReading = z.output<typeof ProductsReading>;

/** What workers ask each other for the state of products by. */
export const PRODUCTS: Topic<ProductsReading> = { name: 'products', schema: ProductsReading };

/**
 * The products as all workers see them together: what is in flight, kept, spent and allowed is added up; of a breaker the one
 * that is furthest from closed is shown, and the soonest trial.
 */
export function together(readings: readonly ProductsReading[]): z.output<typeof ProductsAnswer> {
  const all = Map.groupBy(
    readings.flatMap(({ products }) => products),
    ({ product }) => product,
  );
  return { revision: readings[0]?.revision ?? '', products: [...all.values()].flatMap((of) => one(of)) };
}

function one(of: readonly ProductReading[]): z.output<typeof Product>[] {
  const [first] = of;
  if (!first) return [];
  const { policy, limit } = first;
  const bulkheads = of.flatMap(({ bulkhead }) => bulkhead ?? []);
  const caches = of.flatMap(({ cache }) => cache ?? []);
  const [saved, answers] = [sum(caches, (cache) => cache.saved), sum(caches, (cache) => cache.answers)];
  const bulkhead = { inFlight: sum(bulkheads, (one) => one.inFlight), waiting: sum(bulkheads, (one) => one.waiting) };
  const cache = {
    entries: sum(caches, (one) => one.entries),
    bytes: sum(caches, (one) => one.bytes),
    hitRate: answers === 0 ? null : saved / answers,
  };
  const breakers = Map.groupBy(
    of.flatMap((one) => one.breakers),
    ({ operation }) => operation,
  );
  return [
    {
      ...first,
      policy: {
        limit: {
          perSecond: policy.limit.perSecond === null ? null : rounded(sum(of, (one) => one.policy.limit.perSecond ?? 0)),
          burst: sum(of, (one) => one.policy.limit.burst),
        },
        bulkhead: {
          concurrent: sum(of, (one) => one.policy.bulkhead.concurrent),
          queue: sum(of, (one) => one.policy.bulkhead.queue),
          waitMs: policy.bulkhead.waitMs,
        },
      },
      inFlight: sum(of, ({ inFlight }) => inFlight),
      addresses: first.addresses.map((address) => ({
        ...address,
        inFlight: sum(
          of.flatMap(({ addresses }) => addresses.filter(({ version, url }) => version === address.version && url === address.url)),
          ({ inFlight }) => inFlight,
        ),
      })),
      breakers: [...breakers.values()].flatMap((each) => furthest(each)),
      bulkhead: bulkheads.length === 0 ? null : bulkhead,
      limit: { remaining: sum(of, (one) => one.limit.remaining), heldMs: Math.max(limit.heldMs, ...of.map((one) => one.limit.heldMs)) },
      cache: caches.length === 0 ? null : cache,
    },
  ];
}

type Breaker = ProductReading['breakers'][number];

const FROM_CLOSED = ['closed', 'half-open', 'open'] as const;

function furthest(of: readonly Breaker[]): Breaker[] {
  const [first] = of;
  if (!first) return [];
  const state = FROM_CLOSED.findLast((each) => of.some((one) => one.state === each)) ?? first.state;
  const trials = of.filter((one) => one.state === 'open').map(({ trialInMs }) => trialInMs);
  const inState = (each: Breaker['state']): number => of.filter((one) => one.state === each).length;
  return [
    {
      operation: first.operation,
      state,
      calls: sum(of, ({ calls }) => calls),
      failures: sum(of, ({ failures }) => failures),
      trialInMs: trials.length === 0 ? 0 : Math.min(...trials),
      ...(inState(state) < of.length && {
        workers: { closed: inState('closed'), 'half-open': inState('half-open'), open: inState('open') },
      }),
    },
  ];
}

const sum = <T>(of: readonly T[], number: (one: T) => number): number => of.reduce((all, one) => all + number(one), 0);

/** Thirds of a rate are a whole again. */
const rounded = (rate: number): number => Number(rate.toPrecision(12));
