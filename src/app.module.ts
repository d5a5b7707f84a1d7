import { HttpModule, HttpService } from '@nestjs/axios';
import { type DynamicModule, Module, type Type } from '@nestjs/common';
import { PublicController } from './edge/public.controller.js';
import { Gateway, type GatewayTerms } from './gateway.js';
import { HealthController } from './ops/health.controller.js';
import { MetricsController } from './ops/metrics.controller.js';

/** The public side. `HttpService` carries every call to a product, so an interceptor on its axios instance sees them all. */
@Module({})
export class AppModule {
  static of(terms: GatewayTerms, controller: Type = PublicController): DynamicModule {
    return {
      module: AppModule,
      imports: [HttpModule.register({})],
      controllers: [controller, HealthController],
      providers: [{ provide: Gateway, useFactory: (http: HttpService) => new Gateway(terms, http.axiosRef), inject: [HttpService] }],
      exports: [Gateway],
    };
  }
}

/** The ops side: a second Nest application over the same gateway, on a port of its own. */
@Module({})
export class OpsModule {
  static over(gateway: Gateway): DynamicModule {
    return { module: OpsModule, controllers: [HealthController, MetricsController], providers: [{ provide: Gateway, useValue: gateway }] };
  }
}
