import { type DynamicModule, Module, type PipeTransform, StandardSchemaValidationPipe } from '@nestjs/common';
import { APP_FILTER, APP_PIPE } from '@nestjs/core';
import { Gateway } from '../gateway.js';
import { LimitsModule } from '../limits/limits.module.js';
import { LimiterStorage } from '../limits/throttler-storage.js';
import { AccessController } from './access.controller.js';
import { DocumentController } from './document.controller.js';
import { OpsHealthController } from './health.controller.js';
import { MetricsController } from './metrics.controller.js';
import { PolicyController } from './policy.controller.js';
import { Peers } from './peers.js';
import { OpsProblem } from './problem.js';
import { ProblemFilter } from './problem.filter.js';
import { ProductsController } from './products.controller.js';
import { Purge } from './purge.js';
import { States } from './states.js';
import { StoredController } from './stored.controller.js';

/** What operators see and reach of the layers. */
export interface Insides {
  readonly purge: Purge;
  readonly states: States;
  readonly peers: Peers;
}

/** Reads what was sent by the schema of the parameter; whatever is wrong with it is a problem, place by place. */
const validation = (): PipeTransform =>
  new StandardSchemaValidationPipe({
    exceptionFactory: (issues) =>
      new OpsProblem(
        422,
        'invalid',
        'the request is not well formed',
        issues.map(({ path = [], message }) => ({
          path: path.map((step) => String(typeof step === 'object' ? step.key : step)).join('.'),
          message,
        })),
      ),
  });

/** The ops side: a second Nest application over the same gateway, on a port of its own. */
@Module({})
export class OpsModule {
  static over(gateway: Gateway, { purge, states, peers }: Insides): DynamicModule {
    return {
      module: OpsModule,
      imports: [LimitsModule.ofOps(new LimiterStorage(gateway.limiter))],
      controllers: [
        OpsHealthController,
        MetricsController,
        PolicyController,
        StoredController,
        ProductsController,
        AccessController,
        DocumentController,
      ],
      providers: [
        { provide: Gateway, useValue: gateway },
        { provide: Purge, useValue: purge },
        { provide: States, useValue: states },
        { provide: Peers, useValue: peers },
        { provide: APP_PIPE, useFactory: validation },
        { provide: APP_FILTER, useClass: ProblemFilter },
      ],
    };
  }
}
