import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import type { z } from 'zod';
import { Gateway } from '../gateway.js';
import { Purge, selectorOf } from './purge.js';
import { PurgeSelector, type Purged } from './schemas.js';

/** What is stored, to be taken away. */
@Controller('ops')
export class StoredController {
  constructor(
    private readonly gateway: Gateway,
    private readonly stored: Purge,
  ) {}

  @Post('purge')
  @HttpCode(200)
  async purge(@Body({ schema: PurgeSelector }) body: z.output<typeof PurgeSelector>): Promise<z.output<typeof Purged>> {
    const { policy, terms } = this.gateway;
    const selector = selectorOf(body, policy.contracts);
    const count = await this.stored.purge(selector);
    terms.log.info({ selector, count }, 'an operator purged');
    return { count };
  }
}
