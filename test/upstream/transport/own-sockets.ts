import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';

const CONNECTED = 'undici:client:connected';

/** The gateway's own ends of the connections to products that it opens from now on. */
export class OwnSockets implements Disposable {
  readonly opened: Socket[] = [];
  /** The most of them that were open at once. */
  most = 0;
  readonly #take = (message: unknown): void => {
    this.opened.push((message as { readonly socket: Socket }).socket); // as undici documents the channel
    this.most = Math.max(this.most, this.opened.filter(({ destroyed }) => !destroyed).length);
  };

  constructor() {
    subscribe(CONNECTED, this.#take);
  }

  [Symbol.dispose](): void {
    unsubscribe(CONNECTED, this.#take);
  }
}
