import { describe, expect } from '@jest/globals';
import { z } from 'zod';
import { systemClock } from '../../src/clock.js';
import { OpsPort } from '../ops/operator.js';
import { type RedisServer, freePort, redisTests } from '../redis-server.js';
import { until } from '../until.js';
import { Load } from './load.js';
import { type Replica, bookshelf, replica } from './replicas.js';

/** A trouble that Redis can be in. */
interface Outage {
  begin(server: RedisServer): unknown;
  end(server: RedisServer): unknown;
  /** Whether Redis counts as gone, or answers with errors to those who write. */
  readonly gone: boolean;
}

const outages: Readonly<Record<string, Outage>> = {
  'killed with -9': { begin: (server) => server.kill(), end: (server) => server.restart(), gone: true },
  stopped: { begin: (server) => server.freeze(), end: (server) => server.thaw(), gone: true },
  // It ends by itself: a paused server takes no word of anybody.
  paused: { begin: (server) => server.command('CLIENT', 'PAUSE', '3000', 'ALL'), end: () => undefined, gone: true },
  'unable to serve anybody': {
    begin: async (server) => {
      await server.command('CONFIG', 'SET', 'replica-serve-stale-data', 'no');
      await server.command('REPLICAOF', '127.0.0.1', String(await freePort()));
    },
    end: (server) => server.command('REPLICAOF', 'NO', 'ONE'),
    gone: true,
  },
  full: {
    begin: async (server) => {
      await server.command('SET', 'filler', Buffer.alloc(1_000_000));
      await server.command('CONFIG', 'SET', 'maxmemory-policy', 'noeviction');
      await server.command('CONFIG', 'SET', 'maxmemory', '1mb');
    },
    end: (server) => server.command('CONFIG', 'SET', 'maxmemory', '0'),
    gone: false,
  },
  'read-only': {
    begin: async (server) => server.command('REPLICAOF', '127.0.0.1', String(await freePort())),
    end: (server) => server.command('REPLICAOF', 'NO', 'ONE'),
    gone: false,
  },
};

const FALLBACK = 'interline_limiter_fallback_total';
/** Deadlines that a busy machine keeps, and that a request which waits for Redis does not. */
const deadlines = { deadlineMs: 4_000, routeDeadlineMs: 8_000 };
const wanted = { clock: systemClock, ...deadlines, route: 'limit: { rate: 100000/s, burst: 100000 }', product: 'cache: { fresh: 50ms }' };

const Ready = z.object({ status: z.literal('ready'), redis: z.object({ up: z.boolean() }) });

/** Whether both say of Redis, in their readiness and in their metrics, that it is there, or that it is not; ready they are. */
async function say(gateways: readonly Replica[], up: boolean): Promise<boolean> {
  const said = await Promise.all(
    gateways.map(async (gateway) => {
      const { status, body } = await new OpsPort(gateway.opsUrl).ask('/health/ready');
      expect(status).toBe(200);
      return Ready.parse(body).redis.up === up && (await gateway.metric('interline_redis_up')) === Number(up);
    }),
  );
  return said.every(Boolean);
}

/** Says of both that something of them has become more than it was. */
async function grows(gateways: readonly Replica[], what: (gateway: Replica) => Promise<number>): Promise<void> {
  const before = await Promise.all(gateways.map(what));
  await until(async () => (await Promise.all(gateways.map(what))).every((now, i) => now > (before[i] ?? 0)));
}

describe('two gateways under load, whose Redis is', () => {
  redisTests(
    Object.fromEntries(
      Object.entries(outages).map(([what, { begin, end, gone }]) => [
        `${what}, answer every request, say so, and are as before without a restart`,
        async (server: RedisServer) => {
          await using books = await bookshelf();
          await using one = await replica(server, books, wanted);
          await using two = await replica(server, books, wanted);
          const both = [one, two];
          await using load = new Load(both.map(({ url }) => url));
          await load.answered(200);

          await begin(server);
          await until(() => both.every(({ shared }) => shared.redis.up() !== gone));
          await until(() => say(both, !gone));
          await grows(both, (gateway) => gateway.metric(FALLBACK));
          await load.answered(500);

          await end(server);
          await until(() => both.every(({ shared }) => shared.redis.up() && shared.bus.hears()));
          for (const command of ['limiter.admit', 'tier.set', 'tier.purge', 'bus.publish'])
            await grows(both, (gateway) => gateway.commands(command));
          const { sent, statuses, troubles } = await load.end();
          expect(troubles).toEqual([]);
          expect(statuses).toEqual({ 200: sent });
          await until(() => say(both, true));
        },
      ]),
    ),
  );
});
