import { describe, expect } from '@jest/globals';
import { handClock } from '../hand-clock.js';
import { OpsPort } from '../ops/operator.js';
import { redisTests } from '../redis-server.js';
import { Monolith, type Raw, type Script, ask } from './monolith.js';
import { type Replica, replica } from './replica.js';

/** Says how many requests came so far, under these headers. */
const counts =
  (headers: Record<string, string | string[]>): Script =>
  (_, response, nth) =>
    response.writeHead(200, headers).end(`answer ${nth}`);

const read = (one: Replica, path = '/x', headers: Record<string, string> = {}, method = 'GET'): Promise<Raw> =>
  ask(`${one.gateway.url}/products/monolith${path}`, method, headers);

const textOf = async (one: Replica, path = '/x', headers: Record<string, string> = {}): Promise<string> =>
  (await read(one, path, headers)).body.toString();

/** Memory that holds one answer at a time: Redis has the others. */
const small = { yaml: 'cache: { entries: 1 }' };

describe('what Redis keeps of a product without a contract', () => {
  redisTests({
    'is what another gateway was given: its bytes, its headers, its age': async (redis) => {
      const bytes = Buffer.from([0, 255, 195, 40, 10]);
      const headers = { 'cache-control': 'max-age=60', age: '5', etag: '"v1"', 'content-encoding': 'x-own', link: ['<a>', '<b>'] };
      await using monolith = await Monolith.listen((_, response) => response.writeHead(203, headers).end(bytes));
      const clock = handClock();
      await using one = await replica(redis, monolith, { clock });
      await using two = await replica(redis, monolith, { clock });
      await read(one);
      await one.did('tier.set', 1);
      clock.advance(10_000);
      const answer = await read(two);
      expect([answer.status, answer.body.equals(bytes), monolith.arrived.length]).toEqual([203, true, 1]);
      expect(answer.headers).toMatchObject({
        age: '15',
        etag: '"v1"',
        link: '<a>, <b>',
        'content-encoding': 'x-own',
        'cache-status': expect.stringMatching(/^interline; hit; ttl=45; key="[\w-]{22}"$/),
      });
    },

    'outlives the gateway that kept it': async (redis) => {
      await using monolith = await Monolith.listen(counts({ 'cache-control': 'max-age=60' }));
      {
        await using first = await replica(redis, monolith);
        await textOf(first);
        await first.did('tier.set', 1);
      }
      await using second = await replica(redis, monolith);
      expect(await textOf(second)).toBe('answer 1');
    },

    'is all that was kept of an address, whoever was given it': async (redis) => {
      await using monolith = await Monolith.listen((request, response) =>
        response.writeHead(200, { 'cache-control': 'max-age=60', vary: 'x-tenant' }).end(String(request.headers['x-tenant'])),
      );
      await using one = await replica(redis, monolith);
      await using two = await replica(redis, monolith);
      await using three = await replica(redis, monolith, small);
      await textOf(one, '/x', { 'x-tenant': 'a' });
      await one.did('tier.set', 1);
      await textOf(two, '/x', { 'x-tenant': 'b' });
      await two.did('tier.set', 1);
      for (const tenant of ['a', 'b', 'a']) {
        await textOf(three, '/other'); // takes the one place that memory has
        expect(await textOf(three, '/x', { 'x-tenant': tenant })).toBe(tenant);
      }
      expect(monolith.arrived.filter(({ url }) => url === '/x').length).toBe(2);
      expect(await textOf(three, '/x', { 'x-tenant': 'c' })).toBe('c');
    },

    'is asked about where it is stale, and fresh again for all where it still holds': async (redis) => {
      await using monolith = await Monolith.listen(counts({ 'cache-control': 'max-age=10', etag: '"v1"' }));
      const clock = handClock();
      await using one = await replica(redis, monolith, { clock });
      await using two = await replica(redis, monolith, { clock });
      await using three = await replica(redis, monolith, { clock });
      await textOf(one);
      await one.did('tier.set', 1);
      clock.advance(11_000);
      monolith.says((_, response) => response.writeHead(304, { 'cache-control': 'max-age=60' }).end());
      expect(await textOf(two)).toBe('answer 1');
      await two.did('tier.set', 1);
      expect(await textOf(three)).toBe('answer 1');
      expect(monolith.arrived.map(({ headers }) => headers['if-none-match'])).toEqual([undefined, '"v1"']);
    },

    'is asked in the background before the product is: another gateway may have refreshed it already': async (redis) => {
      await using monolith = await Monolith.listen(counts({ 'cache-control': 'max-age=10, stale-while-revalidate=60' }));
      const clock = handClock();
      await using one = await replica(redis, monolith, { clock });
      await using two = await replica(redis, monolith, { clock });
      await textOf(one);
      await one.did('tier.set', 1);
      await textOf(two);
      clock.advance(15_000);
      expect(await textOf(one)).toBe('answer 1');
      await one.did('tier.set', 2);
      expect(await textOf(two)).toBe('answer 1');
      await two.did('tier.get', 2);
      expect([await textOf(two), monolith.arrived.length]).toEqual(['answer 2', 2]);
    },

    'is gone with a write through any gateway, and what was under way meanwhile is not kept': async (redis) => {
      const held = Promise.withResolvers<void>();
      await using monolith = await Monolith.listen(counts({ 'cache-control': 'max-age=60' }));
      await using one = await replica(redis, monolith);
      await using two = await replica(redis, monolith);
      await textOf(one);
      await one.did('tier.set', 1);
      await read(two, '/x', {}, 'DELETE');
      monolith.says((_, response, nth) =>
        held.promise.then(() => response.writeHead(200, { 'cache-control': 'max-age=60' }).end(`answer ${nth}`)),
      );
      const underWay = textOf(one, '/x?under=way');
      await monolith.got(3);
      monolith.says(counts({ 'cache-control': 'max-age=60' }));
      await read(two, '/x', {}, 'DELETE');
      held.resolve();
      expect(await underWay).toBe('answer 3');
      await using three = await replica(redis, monolith);
      expect([await textOf(three), await textOf(three, '/x?under=way')]).toEqual(['answer 5', 'answer 6']);
    },

    'is gone where what takes its place may not be kept': async (redis) => {
      await using monolith = await Monolith.listen(counts({ 'cache-control': 'max-age=10, stale-if-error=600' }));
      const clock = handClock();
      await using one = await replica(redis, monolith, { clock });
      await using two = await replica(redis, monolith, { clock });
      await textOf(one);
      await one.did('tier.set', 1);
      clock.advance(11_000);
      monolith.says(counts({ 'cache-control': 'private' }));
      expect(await textOf(one)).toBe('answer 2');
      await one.did('tier.del', 1);
      monolith.says((_, response) => response.destroy());
      expect((await read(two)).status).toBe(502);
    },

    'is gone with a purge of operators, who are told how much it was': async (redis) => {
      await using monolith = await Monolith.listen(counts({ 'cache-control': 'max-age=60' }));
      await using one = await replica(redis, monolith);
      await using two = await replica(redis, monolith);
      const kept = await read(one, '/a');
      await textOf(one, '/b');
      await textOf(one, '/c');
      await one.did('tier.set', 3);
      const [, key] = /; key="([^"]+)"/.exec(String(kept.headers['cache-status'])) ?? [];
      const ops = new OpsPort(two.gateway.opsUrl);
      expect((await ops.post('/ops/purge', { key })).body).toEqual({ count: 1 });
      expect((await ops.post('/ops/purge', { product: 'monolith' })).body).toEqual({ count: 2 });
      expect([await textOf(two, '/a'), await textOf(two, '/b')]).toEqual(['answer 4', 'answer 5']);
    },

    'is nothing, and counted, where it is not ours': async (redis) => {
      await using monolith = await Monolith.listen(counts({ 'cache-control': 'max-age=60' }));
      await using one = await replica(redis, monolith, small);
      const { headers } = await read(one);
      await one.did('tier.set', 1);
      const [, key = ''] = /; key="([^"]+)"/.exec(String(headers['cache-status'])) ?? [];
      const { stamp } = await one.shared.tier.get(key);
      await one.shared.tier.set(key, Buffer.from('\0\0\0\x02{}'), 60_000, [], stamp);
      await textOf(one, '/other');
      expect(await textOf(one)).toBe('answer 3');
      expect(await one.gateway.metric('interline_cache_undecodable_total')).toBe(1);
    },

    'is nothing where Redis is away: the product is asked, and memory keeps': async (redis) => {
      await using monolith = await Monolith.listen(counts({ 'cache-control': 'max-age=60' }));
      await using one = await replica(redis, monolith);
      await redis.kill();
      expect([await textOf(one), await textOf(one), await textOf(one, '/other')]).toEqual(['answer 1', 'answer 1', 'answer 2']);
    },

    'is not what is too large for it, nor what that took the place of': async (redis) => {
      await using monolith = await Monolith.listen(counts({ 'cache-control': 'max-age=10, stale-if-error=600' }));
      const clock = handClock();
      await using one = await replica(redis, monolith, { clock });
      await using two = await replica(redis, monolith, { clock });
      await textOf(one);
      await one.did('tier.set', 1);
      clock.advance(11_000);
      monolith.says((_, response) => response.writeHead(200, { 'cache-control': 'max-age=60' }).end(Buffer.alloc(1_500_000, 'x')));
      await read(one);
      await one.did('tier.del', 1);
      expect([(await read(one)).body.length, monolith.arrived.length]).toEqual([1_500_000, 2]);
      monolith.says((_, response) => response.destroy());
      expect((await read(two)).status).toBe(502);
    },
  });
});
