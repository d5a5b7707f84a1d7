import type { Reach } from './resolve.js';
import type { GatewayConfig } from './schema.js';
import type { ProductPolicy } from './snapshot.js';

/**
 * What a process has of the whole gateway: `gateway.yaml` speaks of the whole, however many workers it has on this machine,
 * and each worker keeps its share. So what is promised to a product or to the machine's memory holds for all of them together.
 */
export interface Share {
  /** Of so many equal workers. */
  readonly of: number;
  /** Which of them, from 1. */
  readonly worker: number;
}

/** One process alone. */
export const WHOLE: Share = { of: 1, worker: 1 };

/** A worker's part of a whole number. The parts add up to it; where it is less than `least` for each, every worker has that. */
export function partOfNumber(total: number, { of, worker }: Share, least = 1): number {
  const part = Math.floor(total / of) + (worker <= total % of ? 1 : 0);
  return Math.max(part, least);
}

/** How a worker treats a product, so that all of them together treat it as was said. */
export function partOfProduct(product: ProductPolicy, share: Share): ProductPolicy {
  if (share.of === 1) return product;
  const { limit, bulkhead } = product;
  return {
    ...product,
    limit: { perSecond: limit.perSecond / share.of, burst: partOfNumber(limit.burst, share) },
    bulkhead: {
      ...bulkhead,
      concurrent: partOfNumber(bulkhead.concurrent, share),
      queue: partOfNumber(bulkhead.queue, share, 0),
    },
  };
}

/** How a worker reaches a product. */
export const partOfReach = (reach: Reach, share: Share): Reach => ({ ...reach, connections: partOfNumber(reach.connections, share) });

/** What a worker's edge takes on. The limit of an address is not divided: all workers count it together. */
export function partOfEdge(edge: GatewayConfig['edge'], share: Share): GatewayConfig['edge'] {
  if (share.of === 1) return edge;
  const { shed, connections } = edge;
  return {
    ...edge,
    shed: { ...shed, inFlight: partOfNumber(shed.inFlight, share) },
    connections: { most: partOfNumber(connections.most, share), perAddress: partOfNumber(connections.perAddress, share) },
  };
}
