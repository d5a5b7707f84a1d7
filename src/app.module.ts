import { HttpModule, HttpService } from '@nestjs/axios';
import { CacheModule } from '@nestjs/cache-manager';
import { type DynamicModule, Module, type Type } from '@nestjs/common';
import { ThrottlerStorage } from '@nestjs/throttler';
import { keyvStore } from './cache/keyv-store.js';
import { Store } from './cache/store.js';
import { PublicController } from './edge/public.controller.js';
import { Gateway, type GatewayTerms } from './gateway.js';
import { LimitsModule } from './limits/limits.module.js';
import { localLimiter, sharedLimiter } from './limits/limiter.js';
import { type HitStorage, LimiterStorage } from './limits/throttler-storage.js';
import { WHOLE, partOfNumber } from './policy/share.js';
import { HealthController } from './ops/health.controller.js';

/**
 * The public side. `HttpService` carries every call to a product, so an interceptor on its axios instance sees them all;
 * `CACHE_MANAGER` keeps what it is given in a share of the gateway's own bounded memory.
 */
@Module({})
export class AppModule {
  static of(terms: GatewayTerms, controller: Type = PublicController): DynamicModule {
    const { clock, loaded, log, shared, share = WHOLE } = terms;
    const { memory, entries } = loaded.config.cache;
    const store = new Store({ maxBytes: partOfNumber(memory, share), maxEntries: partOfNumber(entries, share) });
    const local = localLimiter(clock);
    const limiter = shared ? sharedLimiter(shared.limiter, local, () => shared.instances.count()) : local;
    return {
      module: AppModule,
      imports: [
        HttpModule.register({}),
        CacheModule.register({
          stores: [keyvStore(store, clock, (error) => log.error({ err: error }, 'the cache manager'))],
          isGlobal: true,
        }),
        LimitsModule.ofEdge(terms.limits ?? new LimiterStorage(limiter)),
      ],
      controllers: [controller, HealthController],
      providers: [
        {
          provide: Gateway,
          useFactory: (http: HttpService, limits: HitStorage) => new Gateway(terms, http.axiosRef, limits, store),
          inject: [HttpService, ThrottlerStorage],
        },
      ],
      exports: [Gateway],
    };
  }
}
