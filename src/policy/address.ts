import type { AnyOperation, AnyRoute } from '#contracts/kernel/index.js';
import { type KnobName, type Level, knobsOf } from './knob.js';

/** One place where a knob's value may be written, and where its value comes from when none is written there. */
export interface Address {
  /** `products.new-pilot-shop.operations.listOrders.cache.fresh`: its name in the ops API and in history. */
  readonly path: string;
  readonly knob: KnobName;
  readonly level: Level;
  /** The keys that lead to it in `gateway.yaml`. */
  readonly keys: readonly string[];
  /** The address whose value holds here where none is written; undefined: the knob's own default. */
  readonly from: Address | undefined;
}

/** Every address that contracts and routes give a knob, by its path. */
export function addresses(operations: readonly AnyOperation[], routes: readonly AnyRoute[]): ReadonlyMap<string, Address> {
  const all = new Map<string, Address>();
  const add = (level: Level, place: readonly string[], from: readonly string[] | undefined): void => {
    for (const knob of knobsOf(level)) {
      const path = pathOf(place, knob);
      if (!all.has(path))
        all.set(path, { path, knob, level, keys: [...place, ...knob.split('.')], from: from && all.get(pathOf(from, knob)) });
    }
  };
  const defaults = ['defaults', 'product'];
  add('product', defaults, undefined);
  for (const { product, name } of operations) {
    add('product', ['products', product], defaults);
    add('operation', ['products', product, 'operations', name], ['products', product]);
  }
  add('route', ['defaults', 'route'], undefined);
  for (const { line } of routes) add('route', ['routes', line], ['defaults', 'route']);
  return all;
}

/** The path of a knob at a place. */
export const pathOf = (place: readonly string[], knob: KnobName): string => [...place, knob].join('.');
