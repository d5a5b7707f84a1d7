import { Controller, Get, Header, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { Overload } from '../edge/load.js';
import { Gateway } from '../gateway.js';
import type { ConfigState } from '../policy/reload.js';
import type { RedisState } from '../redis/redis.js';

/** Whether the process lives, and whether it takes work. On both ports. */
@Controller('health')
export class HealthController {
  constructor(protected readonly gateway: Gateway) {}

  /** The process lives. */
  @Get('live')
  @Header('cache-control', 'no-store')
  live(): { status: string } {
    return { status: 'live' };
  }

  /**
   * The process takes work; 503 while it drains or has too much of it, so that balancers look elsewhere. Not where it drains
   * since another worker answers in its place: balancers would leave all of them alone.
   */
  @Get('ready')
  ready(@Res({ passthrough: true }) reply: FastifyReply): { status: string; overload?: Overload } {
    const { edge } = this.gateway;
    const draining = this.gateway.draining && !this.gateway.replaced;
    const { overload } = edge.terms.gate;
    void reply.code(draining || overload ? 503 : 200).header('cache-control', 'no-store');
    if (draining) return { status: 'draining' };
    return overload ? { status: 'overloaded', overload } : { status: 'ready' };
  }
}

/**
 * The same on the ops port, with what became of `gateway.yaml`, and with how Redis is where replicas share one. Neither a
 * rejected file nor a Redis that is gone makes the gateway less ready: the last good one is in force, and all goes on in memory.
 */
@Controller('health')
export class OpsHealthController extends HealthController {
  @Get('ready')
  override ready(@Res({ passthrough: true }) reply: FastifyReply): { status: string; config: ConfigState; redis?: RedisState } {
    const { reloads, terms } = this.gateway;
    return { ...super.ready(reply), config: reloads.state, ...(terms.shared && { redis: terms.shared.redis.state() }) };
  }
}
