import { Controller, Get, Module, Post } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { describe, expect, it } from '@jest/globals';
import { localLimiter } from '../../src/limits/limiter.js';
import { LimitsModule } from '../../src/limits/limits.module.js';
import { type HitStorage, LimiterStorage } from '../../src/limits/throttler-storage.js';
import { handClock } from '../hand-clock.js';

/** A small ops application: one thing to read, one to write. */
async function opsOver(storage: HitStorage): Promise<AsyncDisposable & { ask(method: string): Promise<Response> }> {
  @Controller()
  class Knobs {
    @Get('knobs') read(): string {
      return 'read';
    }
    @Post('knobs') write(): string {
      return 'written';
    }
  }
  @Module({ imports: [LimitsModule.ofOps(storage)], controllers: [Knobs] })
  class Ops {}
  const app = await NestFactory.create<NestFastifyApplication>(Ops, new FastifyAdapter(), { logger: false });
  await app.listen(0, '127.0.0.1');
  const url = await app.getUrl();
  return { ask: (method) => fetch(`${url}/knobs`, { method }), [Symbol.asyncDispose]: () => app.close() };
}

describe('the ops side', () => {
  it('admits 20 writes of one address, then says when the next one is admitted', async () => {
    const clock = handClock();
    await using ops = await opsOver(new LimiterStorage(localLimiter(clock)));
    for (let i = 0; i < 20; i++) expect((await ops.ask('POST')).status).toBe(201);
    const refused = await ops.ask('POST');
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '1']);
    clock.advance(1000);
    expect([(await ops.ask('POST')).status, (await ops.ask('POST')).status, (await ops.ask('POST')).status]).toEqual([201, 201, 429]);
  });

  it('never refuses to be read', async () => {
    await using ops = await opsOver({ increment: () => Promise.reject(new Error('nobody asks')) });
    for (const method of ['GET', 'HEAD']) expect((await ops.ask(method)).status).toBe(200);
  });

  it('asks whatever storage it is given', async () => {
    const blocked = { totalHits: 1, timeToExpire: 9, isBlocked: true, timeToBlockExpire: 9 };
    await using ops = await opsOver({ increment: async () => blocked });
    const refused = await ops.ask('POST');
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '9']);
  });
});
