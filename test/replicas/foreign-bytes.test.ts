import { describe, expect } from '@jest/globals';
import { FORMAT } from '../../src/cache/envelope.js';
import { seal, sealSecret } from '../../src/redis/seal.js';
import { type RedisServer, redisTests } from '../redis-server.js';
import { until } from '../until.js';
import { type Replicas, replica, replicas } from './replicas.js';

const UNDECODABLE = 'interline_cache_undecodable_total';

/** Where the books stand in Redis that one gateway has stored there, in their order. */
async function stored(server: RedisServer, { one }: Replicas, ...ids: readonly string[]): Promise<readonly string[]> {
  const places: string[] = [];
  for (const id of ids) {
    await one.title(id);
    await until(async () => (await one.commands('tier.set')) > places.length);
    const keys = (await server.command('KEYS', 'il:1:entry:*')) as string[];
    places.push(...keys.filter((key) => !places.includes(key)));
  }
  return places;
}

/** What Redis may hold for a key that nobody of ours has put there, as it is now or was in an older version. */
const foreign: Readonly<Record<string, (server: RedisServer, place: string) => Promise<unknown>>> = {
  garbage: (server, place) => server.command('HSET', place, 'b', 'garbage'),
  'nothing at all': (server, place) => server.command('HSET', place, 'b', ''),
  'a part of what was there': (server, place) =>
    server.command('EVAL', "redis.call('HSET', KEYS[1], 'b', string.sub(redis.call('HGET', KEYS[1], 'b'), 1, -20))", '1', place),
  'one bit changed': (server, place) =>
    server.command(
      'EVAL',
      "local b = redis.call('HGET', KEYS[1], 'b'); redis.call('HSET', KEYS[1], 'b', string.sub(b, 1, -2) .. string.char(bit.bxor(string.byte(b, -1), 1)))",
      '1',
      place,
    ),
  'another format of the seal': (server, place) =>
    server.command('EVAL', "redis.call('HSET', KEYS[1], 'b', '\\0' .. string.sub(redis.call('HGET', KEYS[1], 'b'), 2))", '1', place),
  'another format of the entry, well sealed': (server, place) => {
    const envelope = { format: FORMAT - 1, key: place.split(':').at(-1), value: { id: 'b-1', title: 'Old' } };
    const bytes = seal(sealSecret({ url: server.url }), place, Buffer.from(JSON.stringify(envelope)));
    return server.command('HSET', place, 'b', bytes);
  },
  'a list': async (server, place) => [await server.command('DEL', place), await server.command('RPUSH', place, 'x')],
};

describe('what stands in Redis and is no entry for its key', () => {
  redisTests({
    ...Object.fromEntries(
      Object.entries(foreign).map(([what, put]) => [
        `${what}: is a miss, counted, and replaced`,
        async (server: RedisServer) => {
          await using subject = await replicas(server);
          const { two, books } = subject;
          const [place = ''] = await stored(server, subject, 'b-1');
          await put(server, place);
          expect(await two.title('b-1')).toBe('Title of b-1');
          expect(books.count('getBook')).toBe(2);
          expect(await two.metric(UNDECODABLE)).toBe(1);
          await until(async () => (await two.commands('tier.set')) === 1);
          await using three = await replica(server, books, { clock: subject.clock });
          expect(await three.title('b-1')).toBe('Title of b-1');
          expect(books.count('getBook')).toBe(2);
          expect(await three.metric(UNDECODABLE)).toBe(0);
        },
      ]),
    ),

    'two entries in each other’s place: everybody has their own': async (server) => {
      await using subject = await replicas(server);
      const { two, books } = subject;
      const [first = '', second = ''] = await stored(server, subject, 'b-1', 'b-2');
      await server.command('RENAME', first, 'between');
      await server.command('RENAME', second, first);
      await server.command('RENAME', 'between', second);
      expect(await two.title('b-1')).toBe('Title of b-1');
      expect(await two.title('b-2')).toBe('Title of b-2');
      expect(books.count('getBook')).toBe(4);
      expect(await two.metric(UNDECODABLE)).toBe(2);
    },

    'what another secret sealed: a miss for each of both': async (server) => {
      await using subject = await replicas(server);
      const { books, clock } = subject;
      await stored(server, subject, 'b-1');
      await server.command('CONFIG', 'SET', 'requirepass', 'secret');
      await using other = await replica({ ...server, url: server.url.replace('//', '//:secret@') }, books, { clock });
      expect(await other.title('b-1')).toBe('Title of b-1');
      expect(books.count('getBook')).toBe(2);
      expect(await other.metric(UNDECODABLE)).toBe(1);
    },

    'keys of another type wherever something is kept: nothing fails, and purges purge': async (server) => {
      await using subject = await replicas(server, { route: 'limit: { rate: 1/h, burst: 100 }' });
      const { one, two, both, books } = subject;
      await stored(server, subject, 'b-1');
      for (const key of (await server.command('KEYS', 'il:1:*')) as string[]) {
        await server.command('DEL', key);
        await server.command('RPUSH', key, 'x');
      }
      for (const gateway of both) for (const id of ['b-1', 'b-2', 'b-3']) expect(await gateway.title(id)).toBe(`Title of ${id}`);
      expect(await one.rename('b-2', 'Another')).toBe(200);
      for (const gateway of both) expect(await gateway.title('b-2')).toBe('Another');
      expect(books.count('renameBook')).toBe(1);
      expect(await two.metric('interline_limiter_fallback_total')).toBe(0);
    },
  });
});
