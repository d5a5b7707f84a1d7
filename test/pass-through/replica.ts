import type { Shared } from '../../src/redis/shared.js';
import type { TestGateway, Wanted } from '../gateway.js';
import type { RedisServer } from '../redis-server.js';
import { until } from '../until.js';
import { type Monolith, gatewayOver } from './monolith.js';

/** A gateway that shares a Redis with others, and what it said to that. */
export interface Replica extends AsyncDisposable {
  readonly gateway: TestGateway;
  readonly shared: Shared;
  /** Resolves once that many commands of a name have succeeded: entries are stored, and purged, while nobody waits. */
  did(command: string, times: number): Promise<void>;
}

/** Starts one; it may share its clock too. */
export async function replica(redis: RedisServer, monolith: Monolith, wanted: Partial<Wanted> = {}): Promise<Replica> {
  const gateway = await gatewayOver(monolith, '', { ...wanted, redis: redis.url });
  const { shared } = gateway.running.gateway.terms;
  if (!shared) throw new TypeError('expected a gateway that shares a Redis');
  return {
    gateway,
    shared,
    did: (command, times) =>
      until(async () => (await gateway.metric('interline_redis_commands_total', { command, outcome: 'ok' })) >= times),
    [Symbol.asyncDispose]: () => gateway[Symbol.asyncDispose](),
  };
}
