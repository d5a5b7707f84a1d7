import { createServer } from 'node:net';
import { once } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { Redis } from '../../src/redis/redis.js';
import { handClock } from '../hand-clock.js';
import { freePort, redisTests } from '../redis-server.js';
import { becomes, connected, connecting, hearing } from './rig.js';

const DOWN = { ok: false, why: 'down' };
const SLOW = { ok: false, why: 'slow' };
const FAILED = { ok: false, why: 'error' };

const get = (redis: Redis, key = 'a') => redis.run('get', (client) => client.get(key));
const set = (redis: Redis, value: string | Buffer = 'x', key = 'a') => redis.run('set', (client) => client.set(key, value));

describe('Redis', () => {
  redisTests({
    'answers commands and counts them': async (server) => {
      await using rig = await connected(server.url);
      expect(await set(rig.redis, 'one')).toEqual({ ok: true, value: 'OK' });
      expect(await get(rig.redis)).toEqual({ ok: true, value: 'one' });
      expect(rig.heard.commands).toEqual(['set ok', 'get ok']);
      expect(rig.redis.state()).toEqual({ up: true, connection: 'connected', breaker: 'closed', pending: 0 });
      expect(rig.clock.pending).toBe(0);
    },

    'is not away when it is closed: nobody is told of trouble who ends in good order': async (server) => {
      const rig = await connected(server.url);
      await rig.redis.close();
      expect(rig.redis.state()).toMatchObject({ up: false, connection: 'closed' });
      expect([rig.heard.ups, rig.heard.troubles]).toEqual([[true], []]);
    },

    'gives up on a stopped server after its patience, once, and is back as soon as the server goes on': async (server) => {
      await using rig = await connected(server.url);
      server.freeze();
      const waiting = [get(rig.redis), get(rig.redis, 'b'), set(rig.redis)];
      rig.clock.advance(50);
      expect(await Promise.all(waiting)).toEqual([SLOW, SLOW, SLOW]);
      expect(rig.redis.state()).toEqual({ up: false, connection: 'connected', breaker: 'open', pending: 3 });
      expect(await Promise.all([get(rig.redis), set(rig.redis)])).toEqual([DOWN, DOWN]);
      expect(rig.redis.state().pending).toBe(3); // nothing was sent, so nothing is kept
      server.thaw();
      await becomes(rig.redis, true);
      expect(await get(rig.redis)).toEqual({ ok: true, value: 'x' });
      expect(rig.redis.state().pending).toBe(0);
      expect(rig.heard.ups).toEqual([true, false, true]);
    },

    'stays away from a server that answers too late, and asks it every second': async (server) => {
      await using rig = await connected(server.url);
      server.freeze();
      const first = get(rig.redis);
      rig.clock.advance(50);
      expect(await first).toEqual(SLOW);
      rig.clock.advance(51); // the PING is out of time as well
      server.thaw();
      await rig.clock.waiting(1); // its late answer came: the next PING is planned
      expect(rig.redis.up()).toBe(false);
      rig.clock.advance(750);
      await becomes(rig.redis, true);
      expect(await get(rig.redis)).toEqual({ ok: true, value: null });
    },

    'asks less often where the breaker has just been closed': async (server) => {
      await using rig = await connected(server.url);
      for (const opens of ['at once', 'later']) {
        server.freeze();
        const slow = get(rig.redis);
        rig.clock.advance(50);
        expect(await slow).toEqual(SLOW);
        expect(rig.clock.pending).toBe(opens === 'later' ? 1 : 0);
        server.thaw();
        if (opens === 'later') rig.clock.advance(750);
        await becomes(rig.redis, true);
      }
      expect(rig.heard.ups).toEqual([true, false, true, false, true]);
    },

    'is slow at once where too many commands are under way': async (server) => {
      await using rig = await connected(server.url, { mostPending: 10 });
      server.freeze();
      const waiting = Array.from({ length: 10 }, () => get(rig.redis));
      expect(await get(rig.redis)).toEqual(SLOW);
      expect(rig.redis.state()).toMatchObject({ up: true, pending: 10 });
      server.thaw();
      expect(await Promise.all(waiting)).toEqual(waiting.map(() => ({ ok: true, value: null })));
      expect(await get(rig.redis)).toEqual({ ok: true, value: null });
    },

    'answers down while the server is killed, and comes back without a restart': async (server) => {
      await using rig = await connected(server.url);
      server.freeze();
      const waiting = [get(rig.redis), set(rig.redis)];
      await server.kill();
      expect(await Promise.all(waiting)).toEqual([DOWN, DOWN]);
      expect(rig.redis.state()).toEqual({ up: false, connection: 'connecting', breaker: 'closed', pending: 0 });
      expect(await get(rig.redis)).toEqual(DOWN);
      for (const wait of [37.5, 75, 150]) {
        await rig.clock.waiting(1);
        rig.clock.advance(wait); // each attempt is refused, and the next waits longer
      }
      await rig.clock.waiting(1);
      await server.restart();
      rig.clock.advance(1_000);
      await becomes(rig.redis, true);
      expect(await set(rig.redis)).toEqual({ ok: true, value: 'OK' });
      expect(rig.heard.ups).toEqual([true, false, true]);
      expect(rig.redis.state().pending).toBe(0);
    },

    'leaves a connection that has been silent for long': async (server) => {
      await using rig = await connected(server.url, { silenceMs: 200 });
      server.freeze();
      const waiting = get(rig.redis);
      rig.clock.advance(50);
      expect(await waiting).toEqual(SLOW);
      await rig.clock.waiting(1); // the next attempt
      expect(rig.redis.state()).toMatchObject({ up: false, connection: 'connecting', breaker: 'closed' });
      server.thaw();
      rig.clock.advance(1_000);
      await becomes(rig.redis, true);
      expect(rig.redis.state().pending).toBe(0); // what waited went with the old connection
    },

    'is out of patience with a paused server, and keeps no command for it': async (server) => {
      await using rig = await connected(server.url);
      await server.command('CLIENT', 'PAUSE', '300', 'ALL');
      const paused = get(rig.redis);
      rig.clock.advance(50);
      expect(await paused).toEqual(SLOW);
      expect(await get(rig.redis)).toEqual(DOWN);
      await becomes(rig.redis, true); // the PING was answered when the pause was over
      expect(await get(rig.redis)).toEqual({ ok: true, value: null });
    },

    'reads from a full server, and says of each write that it failed': async (server) => {
      await using rig = await connected(server.url);
      expect(await set(rig.redis, 'before')).toMatchObject({ ok: true });
      await server.command('CONFIG', 'SET', 'maxmemory-policy', 'noeviction');
      await server.command('CONFIG', 'SET', 'maxmemory', '1mb');
      expect(await set(rig.redis, Buffer.alloc(100_000), 'large')).toEqual(FAILED);
      expect(await get(rig.redis)).toEqual({ ok: true, value: 'before' });
      expect(rig.redis.up()).toBe(true);
      expect(rig.heard.troubles).toEqual([expect.objectContaining({ message: expect.stringContaining('OOM') })]);
      await server.command('CONFIG', 'SET', 'maxmemory', '0');
      expect(await set(rig.redis)).toMatchObject({ ok: true });
    },

    'reads from a replica of a dead server, and says of each write that it failed': async (server) => {
      await using rig = await connected(server.url);
      await set(rig.redis, 'before');
      await server.command('REPLICAOF', '127.0.0.1', String(await freePort()));
      expect(await set(rig.redis)).toEqual(FAILED);
      expect(await get(rig.redis)).toEqual({ ok: true, value: 'before' });
      expect(rig.redis.up()).toBe(true);
    },

    'gives up for a second on a server that says it can serve nobody, and not on one whose key has another type': async (server) => {
      await using rig = await connected(server.url);
      await server.command('LPUSH', 'a', 'one');
      expect(await get(rig.redis)).toEqual(FAILED);
      expect(rig.redis.up()).toBe(true);
      await server.command('CONFIG', 'SET', 'replica-serve-stale-data', 'no');
      await server.command('REPLICAOF', '127.0.0.1', String(await freePort()));
      expect(await get(rig.redis)).toEqual(FAILED);
      expect(await get(rig.redis)).toEqual(DOWN);
      expect(rig.redis.state()).toMatchObject({ connection: 'connected', breaker: 'open' });
      await server.command('REPLICAOF', 'NO', 'ONE');
      rig.clock.advance(750);
      await becomes(rig.redis, true);
    },

    'is not put off by a caller who throws': async (server) => {
      await using rig = await connected(server.url);
      const bug = new Error('a mistake');
      const throws = rig.redis.run('get', () => {
        throw bug;
      });
      expect(await throws).toEqual(FAILED);
      expect(rig.heard.troubles).toEqual([bug]);
      expect(rig.redis.state()).toMatchObject({ up: true, pending: 0 });
    },

    'has its password from the URL, and is down where that is wrong': async (server) => {
      await server.command('CONFIG', 'SET', 'requirepass', 'right');
      const at = (password: string): string => server.url.replace('//', `//:${password}@`);
      await using right = await connected(at('right'));
      expect(await get(right.redis)).toEqual({ ok: true, value: null });
      await using wrong = connecting(at('wrong'));
      await wrong.clock.waiting(1);
      expect(await get(wrong.redis)).toEqual(DOWN);
    },

    'says within a time whether it is up': async (server) => {
      await using rig = connecting(server.url);
      expect(await rig.redis.upWithin(500)).toBe(true);
      expect(await rig.redis.upWithin(500)).toBe(true);
      expect(rig.clock.pending).toBe(0);
    },

    'closes with commands under way, and is down then': async (server) => {
      await using rig = await connected(server.url);
      server.freeze();
      const waiting = get(rig.redis);
      await rig.redis.close();
      expect(await waiting).toEqual(DOWN);
      expect(await get(rig.redis)).toEqual(DOWN);
      expect(rig.redis.state()).toEqual({ up: false, connection: 'closed', breaker: 'closed', pending: 0 });
      expect(rig.clock.pending).toBe(0);
    },

    'closes while it connects to a server that never answers': async (server) => {
      server.freeze();
      await using rig = connecting(server.url);
      await rig.redis.close();
      expect(rig.clock.pending).toBe(0);
    },
  });

  it('starts without a server: down, and trying', async () => {
    await using rig = connecting(`redis://127.0.0.1:${await freePort()}`);
    const within = rig.redis.upWithin(500);
    expect(await get(rig.redis)).toEqual(DOWN);
    expect(rig.redis.state()).toEqual({ up: false, connection: 'connecting', breaker: 'closed', pending: 0 });
    rig.clock.advance(500);
    expect(await within).toBe(false);
    expect(rig.heard.ups).toEqual([]);
  });

  it('drops a connection on which something else than Redis answers', async () => {
    const sockets = createServer((socket) =>
      socket.on('data', () => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n')).on('error', () => {}),
    );
    sockets.listen(0, '127.0.0.1');
    await once(sockets, 'listening');
    const address = sockets.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    await using rig = connecting(`redis://127.0.0.1:${port}`);
    await rig.clock.waiting(1); // the next attempt
    expect(rig.redis.up()).toBe(false);
    expect(rig.heard.troubles).toHaveLength(1);
    await rig.redis.close();
    sockets.close();
    await once(sockets, 'close');
  });

  it('refuses a URL that is not one of Redis, without repeating it', () => {
    for (const url of ['', 'localhost:6379', 'http://:secret@localhost'])
      expect(() => new Redis({ url, clock: handClock(), random: Math.random, observer: hearing() })).toThrow(
        'REDIS_URL: expected an address like "redis://:password@localhost:6379/0"',
      );
  });
});
