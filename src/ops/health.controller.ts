import { Controller, Get, Header, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Gateway } from '../gateway.js';

/** Whether the process lives, and whether it takes work. On both ports. */
@Controller('health')
export class HealthController {
  constructor(private readonly gateway: Gateway) {}

  /** The process lives. */
  @Get('live')
  @Header('cache-control', 'no-store')
  live(): { status: string } {
    return { status: 'live' };
  }

  /** The process takes work; 503 while it drains, so that balancers look elsewhere. */
  @Get('ready')
  ready(@Res({ passthrough: true }) reply: FastifyReply): { status: string } {
    const { draining } = this.gateway;
    void reply.code(draining ? 503 : 200).header('cache-control', 'no-store');
    return { status: draining ? 'draining' : 'ready' };
  }
}
