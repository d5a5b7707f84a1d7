import { describe, expect } from '@jest/globals';
import { type Admission, Limiter } from '../../src/redis/limiter.js';
import { freePort, type RedisServer, redisTests } from '../redis-server.js';
import { type Rig, connected } from './rig.js';

async function instance(server: RedisServer): Promise<Rig & { readonly limiter: Limiter }> {
  const rig = await connected(server.url);
  return { ...rig, limiter: new Limiter(rig.redis, 'il:1:limit:') };
}

/** So slow that no test lasts long enough for one more. */
const SLOW = 0.001;
const admitted = (all: readonly (Admission | undefined)[]): number => all.filter((one) => one?.admitted).length;

describe('the limiter', () => {
  redisTests({
    'admits the burst, counts down, and says when there is more': async (server) => {
      await using one = await instance(server);
      const first = await one.limiter.admit('a', SLOW, 3);
      expect(first).toEqual({ admitted: true, remaining: 2, retryAfterMs: 0, resetMs: 1_000_000 });
      expect(await one.limiter.admit('a', SLOW, 3)).toMatchObject({ admitted: true, remaining: 1, retryAfterMs: 0 });
      const last = await one.limiter.admit('a', SLOW, 3);
      expect(last).toMatchObject({ admitted: true, remaining: 0 });
      expect(last?.retryAfterMs).toBeGreaterThan(900_000);
      const refused = await one.limiter.admit('a', SLOW, 3);
      expect(refused).toMatchObject({ admitted: false, remaining: 0 });
      expect(refused?.retryAfterMs).toBeGreaterThan(900_000);
      expect(refused?.retryAfterMs).toBeLessThanOrEqual(1_000_000);
      expect(refused?.resetMs).toBeLessThanOrEqual(3_000_000);
      expect(await one.limiter.admit('b', SLOW, 1)).toMatchObject({ admitted: true });
    },

    'admits again as its rate refills it': async (server) => {
      await using one = await instance(server);
      expect(await one.limiter.admit('a', SLOW, 1)).toMatchObject({ admitted: true });
      const paid = Number(await server.command('GET', 'il:1:limit:a'));
      await server.command('SET', 'il:1:limit:a', String(paid - 1_000_000_000)); // as if 1,000 s had passed
      expect(await one.limiter.admit('a', SLOW, 1)).toMatchObject({ admitted: true });
      expect(await one.limiter.admit('a', SLOW, 1)).toMatchObject({ admitted: false });
    },

    'admits no more than the limit of 2,000 parallel requests through two instances': async (server) => {
      await using one = await instance(server);
      await using two = await instance(server);
      const limit = 500;
      const all = await Promise.all(Array.from({ length: 2_000 }, (_, i) => (i % 2 === 0 ? one : two).limiter.admit('a', SLOW, limit)));
      expect(all).not.toContain(undefined);
      expect(admitted(all)).toBe(limit);
    },

    'obeys a limit that changes from call to call': async (server) => {
      await using one = await instance(server);
      for (let i = 0; i < 10; i++) expect(await one.limiter.admit('a', SLOW, 10)).toMatchObject({ admitted: true });
      expect(await one.limiter.admit('a', SLOW, 2)).toMatchObject({ admitted: false });
      const lowered = await one.limiter.admit('a', SLOW, 2);
      expect(lowered?.resetMs).toBeLessThanOrEqual(2_000_000); // not the ten of before
      expect(await one.limiter.admit('a', SLOW, 12)).toMatchObject({ admitted: true, remaining: 1 });
    },

    'takes garbage for nothing, and a time far ahead for a burst used up': async (server) => {
      await using one = await instance(server);
      const key = 'il:1:limit:a';
      const puts: readonly (() => Promise<unknown>)[] = [
        () => server.command('SET', key, 'garbage'),
        () => server.command('SET', key, 'nan'),
        async () => [await server.command('DEL', key), await server.command('LPUSH', key, 'x')],
      ];
      for (const put of puts) {
        await put();
        expect(await one.limiter.admit('a', SLOW, 2)).toMatchObject({ admitted: true, remaining: 1 });
      }
      for (const ahead of ['9e99', 'inf']) {
        await server.command('SET', key, ahead);
        expect(await one.limiter.admit('a', SLOW, 2)).toMatchObject({ admitted: false, remaining: 0 });
        expect((await one.limiter.admit('a', 1_000_000, 2))?.resetMs).toBeLessThanOrEqual(1);
      }
    },

    'sets every key the end of its use': async (server) => {
      await using one = await instance(server);
      await one.limiter.admit('a', SLOW, 2);
      const ms = Number(await server.command('PTTL', 'il:1:limit:a'));
      expect(ms).toBeGreaterThan(0);
      expect(ms).toBeLessThanOrEqual(1_000_000);
    },

    'does without its script being known, as after a restart of the server': async (server) => {
      await using one = await instance(server);
      await one.limiter.admit('a', SLOW, 2);
      await server.command('SCRIPT', 'FLUSH');
      expect(await one.limiter.admit('a', SLOW, 2)).toMatchObject({ admitted: true, remaining: 0 });
      expect(one.heard.troubles).toEqual([]);
    },

    'says nothing where Redis is stopped, read-only, full or gone': async (server) => {
      await using one = await instance(server);
      await server.command('REPLICAOF', '127.0.0.1', String(await freePort()));
      expect(await one.limiter.admit('a', SLOW, 2)).toBeUndefined();
      await server.command('REPLICAOF', 'NO', 'ONE');
      await server.command('SET', 'filler', Buffer.alloc(1_000_000));
      await server.command('CONFIG', 'SET', 'maxmemory-policy', 'noeviction');
      await server.command('CONFIG', 'SET', 'maxmemory', '1mb');
      expect(await one.limiter.admit('a', SLOW, 2)).toBeUndefined();
      await server.command('CONFIG', 'SET', 'maxmemory', '0');
      expect(await one.limiter.admit('a', SLOW, 2)).toMatchObject({ admitted: true });
      server.freeze();
      const waiting = one.limiter.admit('a', SLOW, 2);
      one.clock.advance(50);
      expect(await waiting).toBeUndefined();
      await server.kill();
      expect(await one.limiter.admit('a', SLOW, 2)).toBeUndefined();
    },
  });
});
