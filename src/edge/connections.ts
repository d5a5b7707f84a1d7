import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/** How many connections there may be. */
export interface ConnectionBounds {
  readonly most: number;
  readonly perAddress: number;
}

/** Why a connection was closed at once. */
export type Refused = keyof ConnectionBounds;

/**
 * The connections of a server: bounded in all and for each address, so that no stranger takes up the places of all others.
 * One that is too many is closed before anything is read of it.
 */
export class Connections {
  readonly #byAddress = new Map<string, number>();
  readonly #silent = new Set<Socket>();
  #open = 0;

  constructor(server: Server, bounds: ConnectionBounds, refused: (why: Refused) => void) {
    server.on('connection', (socket) => {
      const address = socket.remoteAddress ?? '';
      const here = this.#byAddress.get(address) ?? 0;
      const why = this.#open >= bounds.most ? 'most' : here >= bounds.perAddress ? 'perAddress' : undefined;
      if (why !== undefined) {
        refused(why);
        socket.destroy();
        return;
      }
      this.#open++;
      this.#byAddress.set(address, here + 1);
      this.#silent.add(socket);
      socket.once('close', () => this.#closed(socket, address));
    });
    server.on('request', ({ socket }) => this.#silent.delete(socket));
  }

  /** How many there are. */
  get open(): number {
    return this.#open;
  }

  /** Closes those on which nothing was asked yet: Node does not take them for idle, and an orderly end would wait for them. */
  closeSilent(): void {
    for (const socket of this.#silent) socket.destroy();
  }

  #closed(socket: Socket, address: string): void {
    this.#open--;
    this.#silent.delete(socket);
    const left = (this.#byAddress.get(address) ?? 1) - 1;
    if (left > 0) this.#byAddress.set(address, left);
    else this.#byAddress.delete(address);
  }
}
