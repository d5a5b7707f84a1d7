import { Controller, Get } from '@nestjs/common';
import type { z } from 'zod';
import { Gateway } from '../gateway.js';
import { Peers } from './peers.js';
import { PRODUCTS, type ProductReading, together } from './products.js';
import type { ProductsAnswer } from './schemas.js';
import { States, productStates } from './states.js';

/** The products as they are: what may be done to each, and what is under way. */
@Controller('ops')
export class ProductsController {
  constructor(
    private readonly gateway: Gateway,
    private readonly states: States,
    private readonly peers: Peers,
  ) {
    peers.answers(PRODUCTS, () => this.#own());
  }

  @Get('products')
  async products(): Promise<z.output<typeof ProductsAnswer>> {
    return together(await this.peers.ask(PRODUCTS));
  }

  #own(): { readonly revision: string; readonly products: ProductReading[] } {
    const { policy, targets } = this.gateway;
    const { operations } = policy.contracts;
    const state = productStates(this.states);
    const products = [...new Set(operations.map((operation) => operation.product))].map((product) => {
      const { limit, bulkhead } = policy.snapshot.operation(operations.findIndex((operation) => operation.product === product)).product;
      const addresses = targets
        .filter((one) => one.product === product)
        .flatMap(({ version, target }) =>
          target.addresses.map(({ origin, prefix, inFlight }) => ({ version, url: origin + prefix, inFlight })),
        );
      return {
        product,
        policy: { limit: { ...limit, perSecond: limit.perSecond === Infinity ? null : limit.perSecond }, bulkhead },
        isolated: policy.isolated[product] ?? null,
        inFlight: addresses.reduce((sum, { inFlight }) => sum + inFlight, 0),
        addresses,
        ...state(product, limit),
      };
    });
    return { revision: policy.snapshot.revision, products };
  }
}
