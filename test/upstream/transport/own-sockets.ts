import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';

const MADE = 'net.client.socket';

/** The gateway's own ends of the connections to products that it opens from now on. */
export class OwnSockets implements Disposable {
  readonly opened: Socket[] = [];
  /** The most of them that were open at once. */
  most = 0;
  readonly #take = (message: unknown): void => {
    this.opened.push((message as { readonly socket: Socket }).socket); // as Node documents the channel
    this.most = Math.max(this.most, this.opened.filter(({ destroyed }) => !destroyed).length);
  };

  constructor() {
    subscribe(MADE, this.#take);
  }

  [Symbol.dispose](): void {
    unsubscribe(MADE, this.#take);
  }
}
