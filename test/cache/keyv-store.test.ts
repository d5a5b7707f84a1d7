import { CACHE_MANAGER, CacheModule } from '@nestjs/cache-manager';
import { Inject, Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { Cache } from 'cache-manager';
import { keyvStore } from '../../src/cache/keyv-store.js';
import { Store } from '../../src/cache/store.js';
import { handClock } from '../hand-clock.js';

@Injectable()
class Asks {
  constructor(@Inject(CACHE_MANAGER) readonly cache: Cache) {}
}

/** A Nest context whose `CACHE_MANAGER` stands on a bounded store. */
async function manager(ttl?: number) {
  const clock = handClock();
  const store = new Store({ maxBytes: 100_000, maxEntries: 10 });
  const troubles: unknown[] = [];
  const keyv = keyvStore(store, clock, (error) => troubles.push(error));
  @Module({ imports: [CacheModule.register({ stores: [keyv], ...(ttl === undefined ? {} : { ttl }) })], providers: [Asks] })
  class Root {}
  const app = await NestFactory.createApplicationContext(Root, { logger: false });
  opened.push(app);
  return { clock, store, keyv, troubles, cache: app.get(Asks).cache };
}

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const app of opened.splice(0)) await app.close();
});

describe('CACHE_MANAGER', () => {
  it('keeps values of any sort in the bounded store, and gives them back as they were', async () => {
    const { cache, store } = await manager();
    for (const value of ['text', 7, false, { a: [1, null] }]) {
      await cache.set('k', value);
      expect(await cache.get('k')).toEqual(value);
    }
    expect(store.entries).toBe(1);
    expect(await cache.get('other')).toBeUndefined();
  });

  it('deletes one, and all', async () => {
    const { cache, store } = await manager();
    await cache.mset([
      { key: 'a', value: 1 },
      { key: 'b', value: 2 },
      { key: 'c', value: 3 },
    ]);
    await cache.del('a');
    expect([await cache.get('a'), await cache.mget(['b', 'c'])]).toEqual([undefined, [2, 3]]);
    await cache.clear();
    expect([await cache.get('b'), store.entries, store.bytes]).toEqual([undefined, 0, 0]);
  });

  it('forgets what is past its time, its own or the module`s, and says when that is', async () => {
    const { cache, clock, store } = await manager(500_000);
    await cache.set('own', 1, 1_000_000);
    await cache.set('default', 2);
    expect(await cache.ttl('own')).toBeGreaterThan((await cache.ttl('default')) ?? Infinity);
    clock.advance(499_999);
    expect([await cache.get('own'), await cache.get('default')]).toEqual([1, 2]);
    clock.advance(1);
    expect([await cache.get('own'), await cache.get('default'), store.entries]).toEqual([1, undefined, 1]);
    clock.advance(500_000);
    expect(await cache.get('own')).toBeUndefined();
  });

  it('wraps: works a value out once', async () => {
    const { cache } = await manager();
    let times = 0;
    const work = () => cache.wrap('k', async () => ++times, 1_000_000);
    expect([await work(), await work()]).toEqual([1, 1]);
  });

  it('shares its room with products, and takes nothing from who has no more than an equal share', async () => {
    const { cache, store } = await manager();
    const product = store.partition<number>('product');
    for (let i = 0; i < 5; i++) product.set(`p${i}`, i, 1);
    for (let i = 0; i < 50; i++) await cache.set(`k${i}`, i);
    expect([store.entries, product.entries]).toEqual([10, 5]);
    expect([await cache.get('k49'), await cache.get('k0')]).toEqual([49, undefined]);
  });

  it('says so where a value is too large to be kept', async () => {
    const { keyv } = await manager();
    expect([await keyv.set('k', 'x'.repeat(100_000)), await keyv.set('k', 'x'), await keyv.has('k')]).toEqual([false, true, true]);
  });

  it('has somebody who listens to its errors', async () => {
    const { keyv, troubles } = await manager();
    const trouble = new Error('trouble');
    keyv.emit('error', trouble);
    expect(troubles).toEqual([trouble]);
  });
});
