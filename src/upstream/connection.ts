import { Client, type Dispatcher } from 'undici';

/** A request that is told which connection carries it. */
export abstract class Carried {
  carrier: Connection | undefined;
}

/**
 * One connection of a pool, which knows whether it is fresh. One that was kept may be closed by the product just as it is
 * used again: what was sent then was most likely never read.
 */
export class Connection extends Client {
  /** Whether a request has gone out since it was made. */
  used = false;

  constructor(origin: URL, options: Client.Options) {
    super(origin, options);
    this.on('connect', () => {
      this.used = false;
    });
  }

  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    if (handler instanceof Carried) handler.carrier = this;
    return super.dispatch(options, handler);
  }
}
