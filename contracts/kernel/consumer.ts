import type { AnyPart } from './part.js';
import type { AnyRoute } from './route.js';

/** Who calls: a frontend or a product, with everything that it reads of others. Made by `consumer`. */
export interface Consumer<U extends Readonly<Record<string, AnyPart | AnyRoute>> = Readonly<Record<string, AnyPart | AnyRoute>>> {
  readonly name: string;
  readonly uses: U;
}

const consumers = new WeakSet<object>();

/**
 * Declares a consumer: its name, and the parts of products and the composed routes that it calls. It is given to the typed
 * client as it is, so what is declared is what is read.
 * @throws TypeError where the name is not well formed.
 */
export function consumer<const U extends Readonly<Record<string, AnyPart | AnyRoute>>>(name: string, uses: U): Consumer<U> {
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name)) throw new TypeError(`consumer "${name}": expected a name like "want-to-be-a-pilot"`);
  const self = { name, uses };
  consumers.add(self);
  return self;
}

/** Whether a value was made by `consumer`. */
export const isConsumer = (value: unknown): value is Consumer => typeof value === 'object' && value !== null && consumers.has(value);
