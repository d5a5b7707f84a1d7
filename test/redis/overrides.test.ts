import { describe, expect } from '@jest/globals';
import { NONE, type Overrides, type OverridesStore, overridesInMemory } from '../../src/policy/overrides.js';
import { Bus } from '../../src/redis/bus.js';
import { SharedDocument } from '../../src/redis/document.js';
import { sharedOverrides } from '../../src/redis/overrides.js';
import { sealSecret } from '../../src/redis/seal.js';
import { freePort, type RedisServer, redisTests } from '../redis-server.js';
import { until } from '../until.js';
import { type Rig, connected } from './rig.js';

const at = (revision: number): Overrides => ({ ...NONE, revision });

interface Instance extends Rig {
  readonly store: OverridesStore;
  /** Its own copy. */
  readonly file: OverridesStore;
  /** How often it was told to look at what is stored. */
  told(): number;
}

/** One instance that hears the others; `stored` is what its own copy says. */
async function instance(server: RedisServer, name: string, stored = NONE): Promise<Instance> {
  const rig = await connected(server.url);
  const bus = new Bus({ redis: rig.redis, channel: 'il:1:bus', instance: name });
  const file = overridesInMemory();
  await file.save(stored);
  const document = new SharedDocument(rig.redis, 'il:1:overrides', sealSecret({ key: 'secret', url: server.url }));
  const store = sharedOverrides({ redis: rig.redis, document, bus, file });
  await until(() => bus.hears());
  let told = 0;
  store.onChange?.(() => void told++);
  return {
    ...rig,
    store,
    file,
    told: () => told,
    async [Symbol.asyncDispose]() {
      await bus.close();
      await rig.redis.close();
    },
  };
}

describe('overrides that instances share', () => {
  redisTests({
    'are what one stored, for all of them, each with a copy of its own': async (server) => {
      await using one = await instance(server, 'one');
      await using two = await instance(server, 'two');
      expect(await one.store.load()).toEqual(NONE);
      expect(await one.store.save(at(1))).toBe(true);
      await until(() => two.told() === 1);
      expect(await two.store.load()).toEqual(at(1));
      for (const { file } of [one, two]) expect(await file.load()).toEqual(at(1));
      expect(one.told()).toBe(0);
    },

    'are stored by one of those who stand on the same revision': async (server) => {
      await using one = await instance(server, 'one');
      await using two = await instance(server, 'two');
      const saved = await Promise.all([one.store.save(at(1)), two.store.save({ ...at(1), isolated: {} })]);
      expect(saved.toSorted()).toEqual([false, true]);
      expect(await one.store.save(at(1))).toBe(false);
      expect(await two.store.save(at(2))).toBe(true);
    },

    'that were stored while Redis was away come into it with the next look, and the others are told': async (server) => {
      await using one = await instance(server, 'one', at(3));
      await using two = await instance(server, 'two', at(2));
      expect(await one.store.load()).toEqual(at(3));
      await until(() => two.told() === 1);
      expect(await two.store.load()).toEqual(at(3));
      expect(await two.file.load()).toEqual(at(3));
      expect(one.told()).toBe(0); // or they would tell each other for ever
    },

    'are stored where Redis is full': async (server) => {
      await using one = await instance(server, 'one');
      await using two = await instance(server, 'two');
      await server.command('SET', 'filler', Buffer.alloc(1_000_000));
      await server.command('CONFIG', 'SET', 'maxmemory', '1mb');
      for (const revision of [1, 2]) {
        expect(await one.store.save(at(revision))).toBe(true);
        expect(await two.store.load()).toEqual(at(revision));
      }
    },

    'that a read-only Redis did not take are written within a second of its taking them, and the others are told': async (server) => {
      await using one = await instance(server, 'one');
      await using two = await instance(server, 'two');
      one.store.onChange?.(() => void one.store.load());
      await server.command('REPLICAOF', '127.0.0.1', String(await freePort()));
      await one.store.save(at(1));
      await until(() => two.told() === 1);
      for (const refused of [1, 2, 3]) {
        await until(() => one.heard.commands.filter((command) => command === 'document.write error').length === refused);
        await one.clock.downTo(1); // the next look
        expect(await two.store.load()).toEqual(NONE);
        if (refused === 3) await server.command('REPLICAOF', 'NO', 'ONE');
        one.clock.advance(1_000);
      }
      await until(() => two.told() === 2);
      expect(await two.store.load()).toEqual(at(1));
    },

    'are kept by each for itself where Redis is read-only or gone': async (server) => {
      await using one = await instance(server, 'one');
      await using two = await instance(server, 'two');
      await server.command('REPLICAOF', '127.0.0.1', String(await freePort()));
      expect(await one.store.save(at(1))).toBe(true);
      expect(await one.store.load()).toEqual(at(1));
      expect(await two.store.load()).toEqual(NONE);
      await server.kill();
      await until(() => !one.redis.up());
      expect(await one.store.save(at(2))).toBe(true);
      expect(await one.store.load()).toEqual(at(2));
    },

    'that are no overrides count as none': async (server) => {
      await using one = await instance(server, 'one', at(1));
      const document = new SharedDocument(one.redis, 'il:1:overrides', sealSecret({ key: 'secret', url: server.url }));
      await document.write(0, '{"revision":9}');
      expect(await one.store.load()).toEqual(at(1));
      expect(await document.read()).toEqual({ ok: true, value: { revision: 2, text: JSON.stringify(at(1)) } });
    },
  });
});
