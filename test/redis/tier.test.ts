import { describe, expect } from '@jest/globals';
import { sealSecret } from '../../src/redis/seal.js';
import { Tier } from '../../src/redis/tier.js';
import { freePort, type RedisServer, redisTests } from '../redis-server.js';
import { type Rig, becomes, connected } from './rig.js';

const bytes = (text: string): Buffer => Buffer.from(text);
const MINUTE = 60_000;

/** A tier over a connection of its own: one gateway among several. */
async function gateway(server: RedisServer): Promise<Rig & { readonly tier: Tier; readonly reads: string[] }> {
  const rig = await connected(server.url);
  const reads: string[] = [];
  const tier = new Tier({
    redis: rig.redis,
    prefix: 'il:1:',
    secret: sealSecret({ key: 'secret', url: server.url }),
    read: (outcome) => void reads.push(outcome),
  });
  return { ...rig, tier, reads };
}

/** Reads, as a gateway does before it fetches, and stores what it would have fetched. */
async function store(tier: Tier, key: string, text: string, tags: readonly string[] = []): Promise<boolean> {
  const { stamp } = await tier.get(key);
  return tier.set(key, bytes(text), MINUTE, tags, stamp);
}

/** Reads until what is owed is made up for; each read is followed by a command, so that replies are read meanwhile. */
async function settled({ tier, redis }: Rig & { readonly tier: Tier }): Promise<void> {
  while (tier.owes) {
    await tier.get('any');
    await redis.run('ping', (client) => client.ping());
  }
}

const textOf = async (tier: Tier, key: string): Promise<string | undefined> => (await tier.get(key)).bytes?.toString();

describe('the second tier of the cache', () => {
  redisTests({
    'gives one gateway what another stored, byte for byte, until its end': async (server) => {
      await using one = await gateway(server);
      await using two = await gateway(server);
      const all = Buffer.from(Array.from({ length: 256 }, (_, i) => i));
      const { bytes: none, stamp } = await one.tier.get('a');
      expect(none).toBeUndefined();
      expect(await one.tier.set('a', all, MINUTE, ['product:shop'], stamp)).toBe(true);
      expect((await two.tier.get('a')).bytes).toEqual(all);
      expect(two.reads).toEqual(['hit']);
      expect(await server.command('PEXPIRE', two.tier.at('a'), '0')).toBe(1);
      expect((await two.tier.get('a')).bytes).toBeUndefined();
    },

    'sets every key an end': async (server) => {
      await using one = await gateway(server);
      await store(one.tier, 'a', 'x', ['product:shop', 'order:1']);
      await one.tier.purgeTags(['order:1']);
      await one.tier.del('b');
      const keys = (await server.command('KEYS', '*')) as string[];
      const endless: string[] = [];
      for (const key of keys) if (Number(await server.command('PTTL', key)) < 0) endless.push(key);
      expect(endless).toEqual(['il:1:clock']);
    },

    'reads, stores and purges in one round trip each': async (server) => {
      await using one = await gateway(server);
      await store(one.tier, 'a', 'x', ['product:shop', 'order:1']);
      one.heard.commands.length = 0;
      await one.tier.get('a');
      await store(one.tier, 'a', 'x', ['product:shop', 'order:1']);
      expect(await one.tier.purgeTags(['unknown'])).toBe(0);
      expect(one.heard.commands).toEqual(['tier.get ok', 'tier.get ok', 'tier.set ok', 'tier.purge ok']);
    },

    'purges by tag in all gateways, and counts each entry once': async (server) => {
      await using one = await gateway(server);
      await using two = await gateway(server);
      await store(one.tier, 'a', 'a', ['product:shop', 'order:1']);
      await store(one.tier, 'b', 'b', ['product:shop', 'order:2']);
      await store(two.tier, 'c', 'c', ['product:auth']);
      expect(await two.tier.purgeTags(['product:shop', 'order:1', 'order:1'])).toBe(2);
      expect(await Promise.all(['a', 'b', 'c'].map((key) => textOf(one.tier, key)))).toEqual([undefined, undefined, 'c']);
      expect(await two.tier.purgeTags(['product:shop'])).toBe(0);
      expect(await server.command('EXISTS', one.tier.at('a'), one.tier.at('b'))).toBe(0);
    },

    'counts and frees thousands of entries a bounded number at a time': async (server) => {
      await using one = await gateway(server);
      const stored = await Promise.all(Array.from({ length: 480 }, (_, i) => store(one.tier, `k${i}`, 'x', ['product:shop'])));
      const more = await Promise.all(Array.from({ length: 480 }, (_, i) => store(one.tier, `l${i}`, 'x', ['product:shop'])));
      const last = await Promise.all(Array.from({ length: 480 }, (_, i) => store(one.tier, `m${i}`, 'x', ['product:shop'])));
      expect([...stored, ...more, ...last].every(Boolean)).toBe(true);
      one.heard.commands.length = 0;
      expect(await one.tier.purgeTags(['product:shop'])).toBe(1_440);
      expect(one.heard.commands).toEqual(['tier.purge ok', 'tier.free ok', 'tier.free ok']);
      expect(await server.command('DBSIZE')).toBe(2); // the clock, and what is remembered of the tag
    },

    'does not count, nor free, what was stored again after a purge': async (server) => {
      await using one = await gateway(server);
      await store(one.tier, 'a', 'old', ['order:1']);
      expect(await one.tier.purgeTags(['order:1'])).toBe(1);
      expect(await store(one.tier, 'a', 'new', ['order:1'])).toBe(true);
      expect(await textOf(one.tier, 'a')).toBe('new');
      expect(await one.tier.purgeTags(['order:1'])).toBe(1);
    },

    'refuses what was fetched before a purge, by tag or key or of all, and takes what was fetched after': async (server) => {
      await using one = await gateway(server);
      await using two = await gateway(server);
      for (const purge of [() => two.tier.purgeTags(['order:1']), () => two.tier.del('a'), () => two.tier.purgeAll()]) {
        await store(one.tier, 'other', 'x', ['order:1']);
        const { stamp } = await one.tier.get('a');
        await purge();
        expect(await one.tier.set('a', bytes('old'), MINUTE, ['order:1'], stamp)).toBe(false);
        expect(await textOf(two.tier, 'a')).toBeUndefined();
        expect(await store(one.tier, 'a', 'new', ['order:1'])).toBe(true);
      }
    },

    'takes what was fetched while something else was purged': async (server) => {
      await using one = await gateway(server);
      const { stamp } = await one.tier.get('a');
      await one.tier.purgeTags(['order:2']);
      expect(await one.tier.set('a', bytes('x'), MINUTE, ['order:1'], stamp)).toBe(true);
      expect(await textOf(one.tier, 'a')).toBe('x');
    },

    'stores two entries of one new tag that were fetched at the same time': async (server) => {
      await using one = await gateway(server);
      const reads = await Promise.all(['a', 'b'].map((key) => one.tier.get(key)));
      expect(await one.tier.set('a', bytes('a'), MINUTE, ['order:1'], reads[0]?.stamp)).toBe(true);
      expect(await one.tier.set('b', bytes('b'), MINUTE, ['order:1'], reads[1]?.stamp)).toBe(true);
      expect(await one.tier.purgeTags(['order:1'])).toBe(2);
    },

    'deletes by key and purges all': async (server) => {
      await using one = await gateway(server);
      await store(one.tier, 'a', 'a', ['order:1']);
      await store(one.tier, 'b', 'b');
      expect(await one.tier.del('a')).toBe(true);
      expect(await one.tier.del('a')).toBe(false);
      expect(await one.tier.purgeAll()).toBe(true);
      expect(await textOf(one.tier, 'b')).toBeUndefined();
    },

    'gives nobody what Redis forgot the tags of': async (server) => {
      await using one = await gateway(server);
      for (const forget of [['DEL', 'il:1:clock'], ['FLUSHALL'], undefined]) {
        await store(one.tier, 'a', 'old', ['order:1']);
        const { stamp } = await one.tier.get('a');
        const tags = (await server.command('KEYS', 'il:1:tag:*')) as string[];
        await server.command(...(forget ?? ['DEL', ...tags])); // a purge that is evicted is the same
        expect(await textOf(one.tier, 'a')).toBeUndefined();
        if (forget) expect(await one.tier.set('a', bytes('old'), MINUTE, ['order:1'], stamp)).toBe(false);
        expect(await store(one.tier, 'b', 'new', ['order:1'])).toBe(true);
        expect(await textOf(one.tier, 'a')).toBeUndefined(); // also after the tag is there again
      }
    },

    'reads garbage, cut off, older and foreign values as misses, and counts them': async (server) => {
      await using one = await gateway(server);
      const at = one.tier.at('a');
      const sealed = async (): Promise<Buffer> => {
        await store(one.tier, 'a', 'x');
        return Buffer.from((await server.command('HGET', at, 'b')) as string);
      };
      const breaks: readonly (() => Promise<unknown>)[] = [
        () => server.command('HSET', at, 'b', 'garbage'),
        () => server.command('HSET', at, 'b', ''),
        async () => server.command('HSET', at, 'b', (await sealed()).subarray(0, 10)),
        async () => server.command('HSET', at, 'b', Buffer.concat([Buffer.of(0), (await sealed()).subarray(1)])),
        async () => [await server.command('DEL', at), await server.command('LPUSH', at, 'x')],
        async () => server.command('SET', at, 'x'),
      ];
      for (const [i, breakIt] of breaks.entries()) {
        expect(await store(one.tier, 'a', 'x')).toBe(true); // over whatever stood there
        one.reads.length = 0;
        await breakIt();
        one.reads.length = 0;
        expect([i, await textOf(one.tier, 'a'), one.reads]).toEqual([i, undefined, ['undecodable']]);
      }
      expect(one.heard.troubles).toEqual([]);
    },

    "reads another key's value, or one of another secret, as a miss": async (server) => {
      await using one = await gateway(server);
      await store(one.tier, 'of ada', "ada's");
      await store(one.tier, 'of bob', "bob's");
      await server.command('COPY', one.tier.at('of ada'), one.tier.at('of bob'), 'REPLACE');
      expect(await textOf(one.tier, 'of bob')).toBeUndefined();
      expect(await textOf(one.tier, 'of ada')).toBe("ada's");
      const other = new Tier({ redis: one.redis, prefix: 'il:1:', secret: sealSecret({ url: 'redis://:other@localhost' }) });
      expect(await textOf(other, 'of ada')).toBeUndefined();
    },

    'works on where its own keys have another type': async (server) => {
      await using one = await gateway(server);
      await store(one.tier, 'a', 'x', ['order:1']);
      for (const key of (await server.command('KEYS', 'il:1:*')) as string[]) {
        await server.command('DEL', key);
        await server.command('SADD', key, 'x');
      }
      expect(await textOf(one.tier, 'a')).toBeUndefined();
      expect(await store(one.tier, 'a', 'y', ['order:1'])).toBe(true);
      expect(await textOf(one.tier, 'a')).toBe('y');
      expect(await one.tier.purgeTags(['order:1'])).toBe(1);
    },

    'makes up for a purge that a stopped server did not confirm before it reads again': async (server) => {
      await using one = await gateway(server);
      await using two = await gateway(server);
      await store(one.tier, 'a', 'x', ['order:1']);
      await store(one.tier, 'b', 'x');
      await store(one.tier, 'c', 'x');
      server.freeze();
      const purged = Promise.all([one.tier.purgeTags(['order:1']), one.tier.del('b')]);
      one.clock.advance(50);
      expect(await purged).toEqual([undefined, undefined]);
      expect(await one.tier.get('a')).toEqual({ bytes: undefined, stamp: undefined });
      expect(one.tier.owes).toBe(true);
      server.thaw();
      await becomes(one.redis, true);
      await settled(one);
      expect(await Promise.all(['a', 'b', 'c'].map((key) => textOf(two.tier, key)))).toEqual([undefined, undefined, 'x']);
      expect(await textOf(one.tier, 'c')).toBe('x');
    },

    'reads from a full server, stores nothing there, and purges it all the same': async (server) => {
      await using one = await gateway(server);
      for (const key of ['a', 'b', 'c']) await store(one.tier, key, 'x', ['order:1', `of:${key}`]);
      await server.command('SET', 'filler', Buffer.alloc(1_000_000));
      await server.command('CONFIG', 'SET', 'maxmemory-policy', 'noeviction');
      await server.command('CONFIG', 'SET', 'maxmemory', '1mb');
      expect(await store(one.tier, 'd', 'x', ['order:1'])).toBe(false);
      expect(await store(one.tier, 'd', 'x')).toBe(false);
      expect(await textOf(one.tier, 'a')).toBe('x');
      expect(await one.tier.purgeTags(['of:a'])).toBe(1);
      expect(await one.tier.del('b')).toBe(true);
      expect(await Promise.all(['a', 'b', 'c'].map((key) => textOf(one.tier, key)))).toEqual([undefined, undefined, 'x']);
      expect(await one.tier.purgeAll()).toBe(true);
      expect(await textOf(one.tier, 'c')).toBeUndefined();
      expect(one.redis.up()).toBe(true);
    },

    'owes everything where it owes too much': async (server) => {
      await using one = await gateway(server);
      await store(one.tier, 'a', 'x', ['order:1']);
      await server.command('REPLICAOF', '127.0.0.1', String(await freePort()));
      expect(await one.tier.purgeTags(Array.from({ length: 10_001 }, (_, i) => `order:${i}`))).toBeUndefined();
      for (let i = 0; i < 3; i++) {
        expect(await textOf(one.tier, 'a')).toBeUndefined();
        await one.redis.run('ping', (client) => client.ping()); // answered after the attempt to make up for it, if there was one
      }
      await server.command('REPLICAOF', 'NO', 'ONE');
      await one.tier.get('a'); // it tries again no more often than every second
      one.clock.advance(1_000);
      await settled(one);
      await using two = await gateway(server);
      expect(await textOf(two.tier, 'a')).toBeUndefined();
      const purges = one.heard.commands.filter((name) => name.startsWith('tier.purge'));
      expect(purges).toEqual(['tier.purge error', 'tier.purge error', 'tier.purge ok']);
    },

    'has no more than 16 MiB on their way to a server that does not answer': async (server) => {
      await using one = await gateway(server);
      const { stamp } = await one.tier.get('a');
      server.freeze();
      const large = Buffer.alloc(1_048_576);
      const underWay = Array.from({ length: 16 }, (_, i) => one.tier.set(`k${i}`, large, MINUTE, [], stamp));
      expect(await one.tier.set('a', bytes('x'), MINUTE, [], stamp)).toBe(false);
      server.thaw();
      expect(await Promise.all(underWay)).toEqual(underWay.map(() => true));
      expect(await one.tier.set('a', bytes('x'), MINUTE, [], stamp)).toBe(true);
    },

    'stores nothing without a stamp, for no time, or too large': async (server) => {
      await using one = await gateway(server);
      const { stamp } = await one.tier.get('a');
      expect(await one.tier.set('a', bytes('x'), MINUTE, [], undefined)).toBe(false);
      expect(await one.tier.set('a', bytes('x'), 0.5, [], stamp)).toBe(false);
      expect(await one.tier.set('a', Buffer.alloc(1_048_577), MINUTE, [], stamp)).toBe(false);
      expect(await one.tier.set('a', Buffer.alloc(1_048_576), MINUTE, [], stamp)).toBe(true);
    },
  });
});
