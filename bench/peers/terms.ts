import type { Server } from 'node:http';

/** Where a product is: the bench tells it by a variable of the environment. */
export function urlOf(product: string): string {
  const url = process.env[`${product.toUpperCase()}_URL`];
  if (url === undefined) throw new Error(`expected ${product.toUpperCase()}_URL: a peer is started by the bench`);
  return url;
}

/** Tells the bench, by a line, where this peer listens. */
export function listening(server: Pick<Server, 'address'>): void {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('expected a port');
  console.log(`listening ${address.port}`);
}
