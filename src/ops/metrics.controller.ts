import { Controller, Get, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Gateway } from '../gateway.js';
import { textOf } from '../observe/series.js';
import { METRICS_OF_ALL, Peers } from './peers.js';

/** What the gateway counts, for Prometheus. */
@Controller('metrics')
export class MetricsController {
  constructor(
    private readonly gateway: Gateway,
    private readonly peers: Peers,
  ) {
    peers.answers(METRICS_OF_ALL, () => gateway.metrics.series());
  }

  @Get()
  async metrics(@Res({ passthrough: true }) reply: FastifyReply): Promise<string> {
    const { metrics, terms } = this.gateway;
    void reply.header('content-type', metrics.contentType);
    return terms.peers ? textOf(await this.peers.ask(METRICS_OF_ALL)) : metrics.text();
  }
}
