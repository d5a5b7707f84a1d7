import { didYouMean } from '#contracts/kernel/index.js';
import type { Selector } from '../cache/labels.js';
import type { Contracts } from '../policy/resolve.js';
import { OpsProblem } from './problem.js';

/** What is stored and can be taken away. */
export abstract class Purge {
  /** Takes away what is selected, here and on all other instances. @returns how many entries there were */
  abstract purge(selector: Selector): Promise<number>;
}

/**
 * The one selector of a body that has exactly one. A name that no contract has is a slip, and must not pass for an empty cache.
 * @throws OpsProblem naming the nearest name.
 */
export function selectorOf(
  { tag, product, operation, route, key }: Partial<Record<'tag' | 'product' | 'operation' | 'route' | 'key', string | undefined>>,
  { operations, routes }: Contracts,
): Selector {
  if (tag !== undefined) return { tag };
  if (key !== undefined) return { key };
  if (product !== undefined) return { product: among(new Set(operations.map((one) => one.product)), 'product', product) };
  if (operation !== undefined)
    return { operation: among(new Set(operations.map((one) => `${one.product}.v${one.version}.${one.name}`)), 'operation', operation) };
  return { route: among(new Set(routes.map((one) => one.route.line)), 'route', route ?? '') };
}

function among(names: ReadonlySet<string>, what: string, name: string): string {
  if (names.has(name)) return name;
  const message = `no such ${what}${didYouMean(name, names)}`;
  throw new OpsProblem(422, 'unknown', `${what}: ${message}`, [{ path: what, message }]);
}
