import { describe, expect } from '@jest/globals';
import { SharedDocument } from '../../src/redis/document.js';
import { sealSecret } from '../../src/redis/seal.js';
import { type RedisServer, redisTests } from '../redis-server.js';
import { type Rig, connected } from './rig.js';

const KEY = 'il:1:overrides';

async function instance(server: RedisServer): Promise<Rig & { readonly shared: SharedDocument }> {
  const rig = await connected(server.url);
  return { ...rig, shared: new SharedDocument(rig.redis, KEY, sealSecret({ key: 'secret', url: server.url })) };
}

const NONE = { ok: true, value: undefined };
const written = { ok: true, value: { written: true } };
const conflict = (revision: number) => ({ ok: true, value: { written: false, revision } });

describe('a shared document', () => {
  redisTests({
    'is written by who knows its revision, and read by all': async (server) => {
      await using one = await instance(server);
      await using two = await instance(server);
      expect(await one.shared.read()).toEqual(NONE);
      expect(await one.shared.write(0, '{"a":"ä"}')).toEqual(written);
      expect(await two.shared.read()).toEqual({ ok: true, value: { revision: 1, text: '{"a":"ä"}' } });
      expect(await two.shared.write(0, '{}')).toEqual(conflict(1));
      expect(await two.shared.write(2, '{}')).toEqual(conflict(1));
      expect(await two.shared.write(1, '{"b":2}')).toEqual(written);
      expect(await one.shared.read()).toEqual({ ok: true, value: { revision: 2, text: '{"b":2}' } });
      expect(await server.command('PTTL', KEY)).toBe(-1);
    },

    'lets one of many who write at the same time win': async (server) => {
      await using one = await instance(server);
      await using two = await instance(server);
      const all = await Promise.all(Array.from({ length: 50 }, (_, i) => (i % 2 === 0 ? one : two).shared.write(0, String(i))));
      expect(all.filter((reply) => reply.ok && reply.value.written)).toHaveLength(1);
      expect((await one.shared.read()).ok).toBe(true);
    },

    'counts for nothing where it was not sealed for this revision of it': async (server) => {
      await using one = await instance(server);
      await one.shared.write(0, 'one');
      await server.command('HSET', KEY, 'revision', '7');
      expect(await one.shared.read()).toEqual(NONE);
      await server.command('DEL', KEY);
      await server.command('SET', KEY, 'garbage');
      expect(await one.shared.read()).toEqual(NONE);
      expect(await one.shared.write(0, 'two')).toEqual(written);
      await server.command('FLUSHALL');
      expect(await one.shared.read()).toEqual(NONE);
      expect(await one.shared.write(1, 'three')).toEqual(conflict(0));
    },

    'says where Redis is slow or gone': async (server) => {
      await using one = await instance(server);
      server.freeze();
      const waiting = Promise.all([one.shared.read(), one.shared.write(0, 'one')]);
      one.clock.advance(50);
      expect(await waiting).toEqual([
        { ok: false, why: 'slow' },
        { ok: false, why: 'slow' },
      ]);
      await server.kill();
      expect(await one.shared.write(0, 'one')).toEqual({ ok: false, why: 'down' });
    },
  });
});
