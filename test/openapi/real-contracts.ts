import { type AnyOperation, type AnyRoute, isProduct, isRoute } from '#contracts/kernel/index.js';
import { scan } from '../../src/registry/scan.js';

/** All operations and routes of the repository, found by looking into its folders. */
export async function realContracts(): Promise<{ readonly operations: readonly AnyOperation[]; readonly routes: readonly AnyRoute[] }> {
  const products = await scan('contracts/products', isProduct);
  const routes = await scan('contracts/public', isRoute);
  return { operations: products.flatMap(({ value }) => Object.values(value)), routes: routes.map(({ value }) => value) };
}
