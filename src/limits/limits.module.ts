import { type DynamicModule, Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { ThrottlerModule } from '@nestjs/throttler';
import { OpsWritesGuard } from './ops-writes.guard.js';
import type { HitStorage } from './throttler-storage.js';

/** What one address may write on the ops port: so many at once, and as many again over this time. */
const OPS_WRITES = { limit: 20, ttl: 10_000 };

/** Limits, through `@nestjs/throttler`: both Nest applications have its `ThrottlerStorage`, and either can be given another one. */
@Module({})
export class LimitsModule {
  /** The public side has no guard: the edge asks the storage itself, before any work (`limiterOver`). */
  static ofEdge(storage: HitStorage): DynamicModule {
    return { module: LimitsModule, imports: [ThrottlerModule.forRoot({ storage, throttlers: [] })] };
  }

  /** The ops side: a guard over every write. */
  static ofOps(storage: HitStorage): DynamicModule {
    return {
      module: LimitsModule,
      imports: [ThrottlerModule.forRoot({ storage, throttlers: [OPS_WRITES] })],
      providers: [{ provide: APP_GUARD, useClass: OpsWritesGuard }],
    };
  }
}
