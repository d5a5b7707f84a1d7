import { Controller, Get, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Gateway } from '../gateway.js';

/** What the gateway counts, for Prometheus. */
@Controller('metrics')
export class MetricsController {
  constructor(private readonly gateway: Gateway) {}

  @Get()
  async metrics(@Res({ passthrough: true }) reply: FastifyReply): Promise<string> {
    const { metrics } = this.gateway;
    void reply.header('content-type', metrics.contentType);
    return metrics.text();
  }
}
