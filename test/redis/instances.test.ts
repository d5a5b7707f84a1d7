import { describe, expect } from '@jest/globals';
import { Instances } from '../../src/redis/instances.js';
import { type RedisServer, redisTests } from '../redis-server.js';
import { until } from '../until.js';
import { type Rig, connected, connecting } from './rig.js';

const KEY = 'il:1:instances';

interface Beating extends Rig {
  readonly instances: Instances;
  /** One beat, and its answer. */
  beat(): Promise<void>;
}

async function instance(server: RedisServer, name: string): Promise<Beating> {
  const rig = await connected(server.url);
  const instances = new Instances(rig.redis, KEY, name);
  let beats = 0;
  const answered = async (): Promise<void> => {
    beats++;
    while (rig.heard.commands.filter((name) => name.startsWith('instances.beat')).length < beats)
      await rig.redis.run('ping', (client) => client.ping());
  };
  await answered();
  return {
    ...rig,
    instances,
    beat() {
      rig.clock.advance(1_000);
      return answered();
    },
    async [Symbol.asyncDispose]() {
      await instances.close();
      await rig.redis.close();
    },
  };
}

describe('the instances of a gateway', () => {
  redisTests({
    'count one another, and no longer one that left three seconds ago': async (server) => {
      await using one = await instance(server, 'one');
      expect(one.instances.count()).toBe(1);
      const two = await instance(server, 'two');
      expect(two.instances.count()).toBe(2);
      await one.beat();
      expect(one.instances.count()).toBe(2);
      await two[Symbol.asyncDispose]();
      for (const count of [2, 2, 2, 1]) {
        await one.beat();
        expect(one.instances.count()).toBe(count);
      }
    },

    'count as many as there were while Redis is full, and forget the beat of none': async (server) => {
      await using one = await instance(server, 'one');
      await using two = await instance(server, 'two');
      await one.beat();
      await server.command('SET', 'filler', Buffer.alloc(1_000_000));
      await server.command('CONFIG', 'SET', 'maxmemory', '1mb');
      for (let second = 0; second < 5; second++) {
        await one.beat();
        await two.beat();
        expect([one.instances.count(), two.instances.count()]).toEqual([2, 2]);
      }
      expect(await server.command('ZCARD', KEY)).toBe(2);
      await server.command('CONFIG', 'SET', 'maxmemory', '0');
    },

    'no longer count one that has not been heard for three seconds': async (server) => {
      await using one = await instance(server, 'one');
      const now = Number(((await server.command('TIME')) as [string])[0]) * 1_000;
      await server.command('ZADD', KEY, String(now), 'alive', String(now - 5_000), 'dead');
      await one.beat();
      expect(one.instances.count()).toBe(2);
      expect(Number(await server.command('PTTL', KEY))).toBeGreaterThan(0);
    },

    'stay as many as they were while Redis is gone': async (server) => {
      await using one = await instance(server, 'one');
      await using _two = await instance(server, 'two');
      await one.beat();
      await server.kill();
      await one.beat();
      expect(one.instances.count()).toBe(2);
    },

    'know at once how many they are when Redis is there': async (server) => {
      await server.command('ZADD', KEY, String(Date.now()), 'other');
      await using one = connecting(server.url);
      await using instances = new Instances(one.redis, KEY, 'one');
      await until(() => instances.count() === 2); // no time has passed
    },

    'are as many as they were for three seconds more where Redis has forgotten them': async (server) => {
      await using one = await instance(server, 'one');
      await using _two = await instance(server, 'two');
      await one.beat();
      await server.command('FLUSHALL');
      for (const count of [2, 2, 2, 1]) {
        await one.beat();
        expect(one.instances.count()).toBe(count);
      }
    },

    'count on where their key has another type': async (server) => {
      await using one = await instance(server, 'one');
      await server.command('SET', KEY, 'x');
      await one.beat();
      expect(one.instances.count()).toBe(1);
      expect(one.heard.troubles).toEqual([]);
    },
  });
});
