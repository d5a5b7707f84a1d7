import type { z } from 'zod';
import { didYouMean } from './nearest.js';
import type { AnyOperation, Batches, ErrorStatuses, Operation, Unnamed } from './operation.js';

/** What `operation` gives, its types not looked at, so that they are inferred from the operation alone. */
interface AnyUnnamed {
  readonly named: (product: string, version: number, name: string) => object;
}

/** The operations of one version of one product, by name. */
export type Product<O> = {
  readonly [K in keyof O]: O[K] extends Unnamed<infer I, infer P, infer E, infer B> ? Operation<I, P, E, B> : never;
};

type Input<U> = U extends Unnamed<infer I, z.ZodType, ErrorStatuses, Batches | undefined> ? z.output<I> : never;
type Output<U> = U extends Unnamed<z.ZodObject, infer P, ErrorStatuses, Batches | undefined> ? z.output<P> : never;
type Entities<A, At> = At extends keyof A ? A[At] : A;

/** What is wrong with a `batches`, as a type that a reader of the compiler's message understands; unknown where it fits. */
type BatchCheck<O, K extends keyof O> =
  O[K] extends Unnamed<z.ZodObject, z.ZodType, ErrorStatuses, infer B extends Batches>
    ? B['one'] extends keyof O
      ? B['each'] extends keyof Input<O[B['one']]>
        ? B['list'] extends keyof Input<O[K]>
          ? NonNullable<Input<O[K]>[B['list']]> extends readonly Input<O[B['one']]>[B['each']][]
            ? Entities<Output<O[K]>, B['at']> extends readonly (infer Entity)[]
              ? B['by'] extends keyof Entity
                ? Entity[B['by']] extends Input<O[B['one']]>[B['each']]
                  ? Entity extends Output<O[B['one']]>
                    ? unknown
                    : { readonly batches: 'the entities of the list do not fit the output of the operation that it stands for' }
                  : { readonly batches: 'the key field (by) holds other values than the single operation takes (each)' }
                : { readonly batches: 'no such key field (by) in an entity' }
              : { readonly batches: 'no list there (at) in the answer' }
            : { readonly batches: 'the list takes other values than the single operation (list, each)' }
          : { readonly batches: 'no such list field (list) in the input' }
        : { readonly batches: 'no such field (each) in the input of the single operation' }
      : { readonly batches: 'no such operation (one)' }
    : unknown;
type BatchesFit<O> = { readonly [K in keyof O]: BatchCheck<O, K> };

const NAME = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
const IDENTIFIER = /^[a-z][A-Za-z0-9]*$/;

/**
 * One version of a product's API: names its operations.
 * @throws TypeError where a name, an operation or a `batches` is not well formed.
 */
export function product<const O extends Readonly<Record<string, AnyUnnamed>>>(
  name: string,
  version: number,
  operations: O & BatchesFit<O>,
): Product<O> {
  if (!NAME.test(name)) throw new TypeError(`product "${name}": expected a name like "new-pilot-shop"`);
  if (!Number.isInteger(version) || version < 1) throw new TypeError(`product "${name}": expected a version from 1 on, got ${version}`);
  const named: Record<string, AnyOperation> = {};
  for (const [key, unnamed] of Object.entries<AnyUnnamed>(operations)) {
    if (!IDENTIFIER.test(key)) throw new TypeError(`${name} v${version}: operation "${key}": expected a name like "listOrders"`);
    named[key] = unnamed.named(name, version, key) as AnyOperation;
  }
  for (const operation of Object.values(named)) if (operation.batches) refuseBatches(operation, operation.batches, named);
  const made = named as unknown as Product<O>;
  products.add(made);
  return made;
}

const products = new WeakSet<object>();

/** Whether a value was made by `product`; its values are then the operations. */
export const isProduct = (value: unknown): value is Readonly<Record<string, AnyOperation>> =>
  typeof value === 'object' && value !== null && products.has(value);

function refuseBatches(many: AnyOperation, batches: Batches, operations: Readonly<Record<string, AnyOperation>>): void {
  const where = `${many.product} v${many.version} ${many.name} batches`;
  const one = operations[batches.one];
  if (one === undefined) throw new TypeError(`${where}: no operation "${batches.one}"${didYouMean(batches.one, Object.keys(operations))}`);
  if (one.batches) throw new TypeError(`${where}: "${batches.one}" stands for others itself`);
  if (one.absent === undefined)
    throw new TypeError(`${where}: "${batches.one}" needs an \`absent\` error, which a key missing from the answer stands for`);
  if (!one.repeatable || !many.repeatable) throw new TypeError(`${where}: both operations have to be repeatable`);
  if (one.dependsOn !== many.dependsOn)
    throw new TypeError(`${where}: "${batches.one}" depends on ${one.dependsOn}, this one on ${many.dependsOn}`);
  if (!Number.isInteger(batches.atMost) || batches.atMost < 1)
    throw new TypeError(`${where}: atMost: expected 1 or more, got ${batches.atMost}`);
  const twin = Object.values(operations).find((other) => other !== many && other.batches?.one === batches.one);
  if (twin) throw new TypeError(`${where}: "${batches.one}" has a batch already, ${twin.name}`);
  for (const [field, schema] of Object.entries<z.core.$ZodType>(many.input.shape))
    if (field !== batches.list && schema._zod.optin === undefined && !Object.hasOwn(one.input.shape, field))
      throw new TypeError(`${where}: input "${field}" has to be optional, since "${batches.one}" has none to give it`);
}

/** The operation of the same product that stands for many calls of this one, if there is one. */
export function batchOf(one: AnyOperation, operations: Iterable<AnyOperation>): AnyOperation | undefined {
  for (const many of operations)
    if (many.batches?.one === one.name && many.product === one.product && many.version === one.version) return many;
  return undefined;
}
