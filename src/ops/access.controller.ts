import { Controller, Get } from '@nestjs/common';
import type { z } from 'zod';
import { Gateway } from '../gateway.js';
import { ACCESS, latest } from './access.js';
import { Peers } from './peers.js';
import type { AccessAnswer } from './schemas.js';

/** Who may call what, and whether anybody does. */
@Controller('ops')
export class AccessController {
  constructor(
    private readonly gateway: Gateway,
    private readonly peers: Peers,
  ) {
    peers.answers(ACCESS, () => this.#own());
  }

  @Get('access')
  async access(): Promise<z.output<typeof AccessAnswer>> {
    return latest(await this.peers.ask(ACCESS), this.#own());
  }

  #own(): z.output<typeof AccessAnswer> {
    const { policy, usage } = this.gateway;
    const { consumers } = policy.resolved.loaded.config;
    const routes = [...policy.snapshot.routes].map(([route, { access }]) => ({
      route,
      scopes: [...access.scopes],
      user: access.needsUser ? ('required' as const) : ('optional' as const),
      consumers: [...access.consumers].map((consumer) => ({ consumer, lastUse: usage.lastUse(route, consumer) ?? null })),
    }));
    return {
      revision: policy.snapshot.revision,
      consumers: Object.entries(consumers).map(([consumer, { scopes }]) => ({ consumer, scopes })),
      routes,
    };
  }
}
