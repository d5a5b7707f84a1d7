import { describe, expect } from '@jest/globals';
import { OpsPort } from '../ops/operator.js';
import { redisTests } from '../redis-server.js';
import { until } from '../until.js';
import { type Replica, replica, replicas } from './replicas.js';

/** Asks for a book, and waits until this gateway has stored it in Redis, too. */
async function fetched(gateway: Replica, id: string): Promise<unknown> {
  const before = await gateway.commands('tier.set');
  const title = await gateway.title(id);
  await until(async () => (await gateway.commands('tier.set')) > before);
  return title;
}

describe('what two gateways keep', () => {
  redisTests({
    'is asked for once, whoever asks': async (server) => {
      await using subject = await replicas(server);
      const { one, two, books } = subject;
      expect(await fetched(one, 'b-1')).toBe('Title of b-1');
      expect(await two.title('b-1')).toBe('Title of b-1'); // from Redis
      const reads = await two.commands('tier.get');
      expect(await two.title('b-1')).toBe('Title of b-1'); // from memory
      expect(await two.commands('tier.get')).toBe(reads);
      expect(books.count('getBook')).toBe(1);
    },

    'is a hit for a gateway that starts later': async (server) => {
      await using subject = await replicas(server);
      const { one, books, clock } = subject;
      await fetched(one, 'b-1');
      await using three = await replica(server, books, { clock });
      expect(await three.title('b-1')).toBe('Title of b-1');
      expect(books.count('getBook')).toBe(1);
    },

    'goes everywhere with a write through one of them': async (server) => {
      await using subject = await replicas(server);
      const { one, two, both, books } = subject;
      for (const id of ['b-1', 'b-2']) await fetched(one, id);
      for (const id of ['b-1', 'b-2']) await two.title(id); // in Redis, and in the memory of both
      expect(await one.rename('b-1', 'Another')).toBe(200);
      expect(books.count('getBook')).toBe(2);
      expect(await fetched(two, 'b-1')).toBe('Another');
      expect(books.count('getBook')).toBe(3);
      expect(await one.title('b-1')).toBe('Another');
      for (const gateway of both) expect(await gateway.title('b-2')).toBe('Title of b-2');
      expect(books.count('getBook')).toBe(3);
    },

    'goes with a write also where the other had it from Redis alone': async (server) => {
      await using subject = await replicas(server);
      const { one, two, books } = subject;
      await fetched(one, 'b-1');
      expect(await two.rename('b-1', 'Another')).toBe(200); // it never had it
      expect(await fetched(one, 'b-1')).toBe('Another');
      expect(await two.title('b-1')).toBe('Another');
      expect(books.count('getBook')).toBe(2);
    },

    'is asked for anew where Redis was flushed, and goes with a write as before': async (server) => {
      await using subject = await replicas(server);
      const { one, two, books } = subject;
      await fetched(one, 'b-1');
      await server.command('FLUSHALL');
      expect(await fetched(two, 'b-1')).toBe('Title of b-1');
      expect(books.count('getBook')).toBe(2);
      expect(await one.rename('b-1', 'Another')).toBe(200);
      expect(await fetched(two, 'b-1')).toBe('Another');
      expect(await one.title('b-1')).toBe('Another');
      expect(books.count('getBook')).toBe(3);
    },

    'goes with a write while Redis does not answer, as soon as it does': async (server) => {
      await using subject = await replicas(server);
      const { one, two, both, clock } = subject;
      await fetched(one, 'b-1');
      await two.title('b-1');
      server.freeze();
      const renaming = one.rename('b-1', 'Another');
      await until(() => one.shared.redis.state().pending > 0);
      clock.advance(50);
      expect(await renaming).toBe(200);
      expect(await one.title('b-1')).toBe('Another'); // what it wrote itself, it reads
      clock.advance(1); // so that what comes is later than what is kept
      server.thaw();
      await until(() => both.every(({ shared }) => shared.redis.up() && !shared.tier.owes));
      await until(async () => (await two.title('b-1')) === 'Another');
    },

    'is purged by tag through one of them, with a count': async (server) => {
      await using subject = await replicas(server);
      const { one, two, both, books } = subject;
      for (const id of ['b-1', 'b-2']) await fetched(one, id);
      for (const id of ['b-1', 'b-2']) await two.title(id);
      expect(books.count('getBook')).toBe(2);
      const ops = new OpsPort(two.opsUrl);
      expect(await ops.post('/ops/purge', { tag: 'book:b-1' })).toMatchObject({ status: 200, body: { count: 1 } });
      const reads = await Promise.all(both.map((gateway) => gateway.commands('tier.get')));
      expect(await server.command('KEYS', 'il:1:entry:*')).toHaveLength(1);
      for (const gateway of both) expect(await gateway.title('b-2')).toBe('Title of b-2'); // still in memory
      expect(await Promise.all(both.map((gateway) => gateway.commands('tier.get')))).toEqual(reads);
      await fetched(two, 'b-1');
      expect(books.count('getBook')).toBe(3);
      await one.title('b-1');
      expect(await one.commands('tier.get')).toBe((reads[0] ?? 0) + 1);
      expect(await ops.post('/ops/purge', { product: 'library' })).toMatchObject({ body: { count: 2 } });
      expect(await ops.post('/ops/purge', { product: 'library' })).toMatchObject({ body: { count: 0 } });
      expect(await server.command('KEYS', 'il:1:entry:*')).toEqual([]);
    },
  });
});
