import { describe, expect } from '@jest/globals';
import { redisTests } from '../redis-server.js';
import { until } from '../until.js';
import { type Replica, replicas } from './replicas.js';

const LIMIT = 500;
const FALLBACK = 'interline_limiter_fallback_total';
const limited = (burst: number) => ({ route: `limit: { rate: 0.01/h, burst: ${burst} }` });

/** Sends so many requests at once through each. @returns how often each status came back */
async function storm(gateways: readonly Replica[], each: number): Promise<Readonly<Record<number, number>>> {
  const got = await Promise.all(
    gateways.flatMap((gateway) => Array.from({ length: each }, (_, i) => gateway.get(`/v1/books/b-${i % 10}`))),
  );
  const counts: Record<number, number> = {};
  for (const { status } of got) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}

describe('a limit that two gateways keep together', () => {
  redisTests({
    'admits the limit and no more of 1,000 requests at once through each': async (server) => {
      await using subject = await replicas(server, limited(LIMIT));
      const { both } = subject;
      expect(await storm(both, 1_000)).toEqual({ 200: LIMIT, 429: 2_000 - LIMIT });
      for (const gateway of both) expect(await gateway.metric(FALLBACK)).toBe(0);
      expect(subject.books.calls.length).toBeLessThanOrEqual(LIMIT); // a request that is refused calls nobody
    },

    'is said alike by both': async (server) => {
      await using subject = await replicas(server, limited(10));
      const { one, two } = subject;
      const left: unknown[] = [];
      for (const gateway of [one, two, one]) left.push((await gateway.get('/v1/books/b-1')).headers.get('ratelimit')?.split(';')[1]);
      expect(left).toEqual(['r=9', 'r=8', 'r=7']);
    },

    'is halved by each while Redis is killed, and whole again afterwards without a restart': async (server) => {
      await using subject = await replicas(server, limited(100));
      const { both, clock } = subject;
      await server.kill();
      await until(() => both.every(({ shared }) => !shared.redis.up()));
      expect(await storm(both, 200)).toEqual({ 200: 100, 429: 300 });
      for (const gateway of both) expect(await gateway.metric(FALLBACK)).toBe(200);
      await server.restart();
      clock.advance(1_000);
      await until(() => both.every(({ shared }) => shared.redis.up()));
      expect(await storm(both, 200)).toEqual({ 200: 100, 429: 300 });
      for (const gateway of both) expect(await gateway.metric(FALLBACK)).toBe(200);
    },

    'is halved by each while Redis is stopped': async (server) => {
      await using subject = await replicas(server, limited(100));
      const { both, clock } = subject;
      server.freeze();
      const waiting = storm(both, 200);
      await until(() => both.every(({ shared }) => shared.redis.state().pending > 0));
      clock.advance(50); // Redis' time is up
      await until(() => both.every(({ shared }) => !shared.redis.up()));
      clock.advance(50); // for what asked it a moment before that, too; nobody asks it any more
      expect(await waiting).toEqual({ 200: 100, 429: 300 });
      expect(await storm(both, 50)).toEqual({ 429: 100 });
      server.thaw();
      await until(() => both.every(({ shared }) => shared.redis.up()));
    },

    'is halved by each while Redis is full, and while it is read-only': async (server) => {
      await using subject = await replicas(server, limited(100));
      const { both } = subject;
      await server.command('SET', 'filler', Buffer.alloc(1_000_000));
      await server.command('CONFIG', 'SET', 'maxmemory', '1mb');
      expect(await storm(both, 200)).toEqual({ 200: 100, 429: 300 });
      await server.command('CONFIG', 'SET', 'maxmemory', '0');
      await server.command('REPLICAOF', '127.0.0.1', '1');
      expect(await storm(both, 50)).toEqual({ 429: 100 });
      for (const gateway of both) expect(await gateway.metric(FALLBACK)).toBe(250);
      await server.command('REPLICAOF', 'NO', 'ONE');
      expect(await storm(both, 200)).toEqual({ 200: 100, 429: 300 });
    },
  });
});
