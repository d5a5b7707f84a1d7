import { describe, expect } from '@jest/globals';
import { Bus, type Nearby } from '../../src/redis/bus.js';
import { type RedisServer, redisTests } from '../redis-server.js';
import { type Rig, becomes, connected } from './rig.js';

/** What one instance hears: `missed`, or what was said, one after the other. */
interface Listening extends Rig {
  readonly bus: Bus;
  /** Takes what was heard next; waits for it where there is nothing yet. */
  next(): Promise<unknown>;
}

async function instance(server: RedisServer, name: string, nearby?: Nearby): Promise<Listening> {
  const rig = await connected(server.url);
  const bus = new Bus({ redis: rig.redis, channel: 'il:1:bus', instance: name, nearby });
  const heard: unknown[] = [];
  let wake = (): void => {};
  const hear = (what: unknown): void => {
    heard.push(what);
    wake();
  };
  bus.on('purge', { message: hear, mayHaveMissed: () => hear('missed') });
  const next = async (): Promise<unknown> => {
    while (heard.length === 0)
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    return heard.shift();
  };
  expect(await next()).toBe('missed'); // it begins to hear
  return {
    ...rig,
    bus,
    next,
    async [Symbol.asyncDispose]() {
      await bus.close();
      await rig.redis.close();
    },
  };
}

describe('the bus', () => {
  redisTests({
    'tells the other instances, in order, and never the one that speaks': async (server) => {
      await using one = await instance(server, 'one');
      await using two = await instance(server, 'two');
      await using three = await instance(server, 'three');
      expect(await one.bus.publish('purge', { tags: ['order:1'] })).toBe(true);
      expect(await one.bus.publish('purge', null)).toBe(true);
      expect(await two.bus.publish('purge', 'from two')).toBe(true);
      expect([await two.next(), await two.next()]).toEqual([{ tags: ['order:1'] }, null]);
      expect([await three.next(), await three.next(), await three.next()]).toEqual([{ tags: ['order:1'] }, null, 'from two']);
      expect(await one.next()).toBe('from two');
    },

    'tells those that are near without Redis, and listens to them until it is closed': async (server) => {
      const hears = new Set<(text: string) => void>();
      const near = (): Nearby => {
        const own = new Set<(text: string) => void>();
        return {
          say: (text) => hears.forEach((hear) => own.has(hear) || hear(text)),
          onSaid(hear) {
            hears.add(hear);
            own.add(hear);
            return () => hears.delete(hear);
          },
        };
      };
      await using one = await instance(server, 'one', near());
      await using two = await instance(server, 'two', near());
      await server.kill();
      expect(await one.bus.publish('purge', { tags: ['order:1'] })).toBe(false);
      expect(await two.next()).toEqual({ tags: ['order:1'] });
      expect(hears.size).toBe(2);
      await two.bus.close();
      expect(hears.size).toBe(1);
    },

    'keeps topics apart, and lets go of a listener': async (server) => {
      await using one = await instance(server, 'one');
      await using two = await instance(server, 'two');
      const other: unknown[] = [];
      const forget = two.bus.on('policy', { message: (message) => void other.push(message), mayHaveMissed: () => {} });
      await one.bus.publish('policy', 1);
      await one.bus.publish('purge', 'a');
      expect(await two.next()).toBe('a');
      forget();
      await one.bus.publish('policy', 2);
      await one.bus.publish('purge', 'b');
      expect(await two.next()).toBe('b');
      expect(other).toEqual([1]);
    },

    'says that messages may have been missed when it hears again after the server was killed': async (server) => {
      await using one = await instance(server, 'one');
      await using two = await instance(server, 'two');
      await server.kill();
      await Promise.all([one, two].map(({ clock }) => clock.waiting(2))); // the attempts of both connections
      expect(two.bus.hears()).toBe(false);
      await server.restart();
      two.clock.advance(1_000);
      expect(await two.next()).toBe('missed');
      expect(two.bus.hears()).toBe(true);
      one.clock.advance(1_000);
      await becomes(one.redis, true);
      expect(await one.bus.publish('purge', 'again')).toBe(true);
      expect(await two.next()).toBe('again');
    },

    'hears that messages may have been missed when another could not say one': async (server) => {
      await using one = await instance(server, 'one');
      await using two = await instance(server, 'two');
      await server.command('CLIENT', 'KILL', 'TYPE', 'normal'); // the connections for commands, not those of the bus
      await becomes(one.redis, false);
      expect(await one.bus.publish('purge', 'lost')).toBe(false);
      expect(await one.bus.publish('purge', 'lost, too')).toBe(false);
      one.clock.advance(1_000);
      await becomes(one.redis, true);
      expect(await two.next()).toBe('missed');
      expect(await one.bus.publish('purge', 'heard')).toBe(true);
      expect(await two.next()).toBe('heard');
    },

    'is not put off by what is no message, nor by a listener that throws': async (server) => {
      await using one = await instance(server, 'one');
      await using two = await instance(server, 'two');
      const bug = new Error('a mistake');
      two.bus.on('policy', {
        message: () => {
          throw bug;
        },
        mayHaveMissed: () => {},
      });
      for (const text of ['{', '{}', '[1,2]', '[]']) await server.command('PUBLISH', 'il:1:bus', text);
      await one.bus.publish('policy', 1);
      await one.bus.publish('purge', 'after all');
      expect(await two.next()).toBe('after all');
      expect(two.heard.troubles).toHaveLength(5);
      expect(two.heard.troubles).toContain(bug);
    },
  });
});
