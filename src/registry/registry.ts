import {
  type AnyOperation,
  type AnyRoute,
  type Consumer,
  batchOf,
  isConsumer,
  isProduct,
  isRoute,
  shapeOf,
} from '#contracts/kernel/index.js';
import { type Composition, isComposition } from '../composition/composition.js';
import type { Contracts } from '../policy/resolve.js';
import { ContractError } from './contract-error.js';
import { type Found, scan } from './scan.js';

/** The operations of one version of one product, by name. */
export type ProductVersion = Readonly<Record<string, AnyOperation>>;

/** What the gateway serves: every operation of every contract, every composition, and who is known to call. */
export interface Registry {
  readonly operations: readonly AnyOperation[];
  readonly compositions: readonly Composition[];
  readonly consumers: readonly Consumer[];
}

/** Everything that stands in the project's folders, with the file of each. */
export interface Sources {
  readonly products: readonly Found<ProductVersion>[];
  readonly routes: readonly Found<AnyRoute>[];
  readonly compositions: readonly Found<Composition>[];
  readonly consumers: readonly Found<Consumer>[];
}

/** Reads contracts and compositions from the project's own folders. */
export async function sources(): Promise<Sources> {
  return {
    products: await scan('contracts/products', isProduct),
    routes: await scan('contracts/public', isRoute),
    compositions: await scan('src/compositions', isComposition),
    consumers: await scan('contracts/consumers', isConsumer),
  };
}

/**
 * Puts contracts and compositions together.
 * @throws ContractError where two of them claim the same, a composition uses what is not there, or a route has no composition.
 */
export function register({ products, routes, compositions, consumers }: Sources): Registry {
  const problems = [
    ...productClashes(products),
    ...routeClashes(routes),
    ...consumerClashes(consumers),
    ...unmatched(products, routes, compositions),
  ];
  if (problems.length > 0) throw new ContractError(problems);
  return {
    operations: products.flatMap(({ value }) => Object.values(value)),
    compositions: compositions.map(({ value }) => value),
    consumers: consumers.map(({ value }) => value),
  };
}

function* productClashes(products: Sources['products']): Generator<string> {
  const files = new Map<string, string>();
  const paths = new Map<string, string>();
  for (const { file, value } of products) {
    const [first] = Object.values(value);
    if (!first) continue;
    const name = `${first.product} v${first.version}`;
    const place = `contracts/products/${first.product}/v${first.version}.ts`;
    if (file !== place) yield `${file}: declares ${name}, whose place is ${place}`;
    const other = files.get(name);
    if (other !== undefined) yield `${other} and ${file} both declare ${name}: each version of a product has one contract`;
    files.set(name, file);
    for (const operation of Object.values(value)) {
      const path = `${name} ${operation.wire.method.toUpperCase()} /${shapeOf(operation.wire.path)}`;
      const twin = paths.get(path);
      if (twin !== undefined && other === undefined) yield `${file}: ${twin} and ${operation.name} clash: both answer ${path}`;
      paths.set(path, operation.name);
    }
  }
}

function* routeClashes(routes: Sources['routes']): Generator<string> {
  const known = new Map<string, Found<AnyRoute>>();
  for (const found of routes) {
    const { line, wire } = found.value;
    const shape = `${wire.method} ${shapeOf(wire.path)}`;
    const other = known.get(shape);
    if (other) yield `${other.file} ("${other.value.line}") and ${found.file} ("${line}") clash: both would answer the same requests`;
    if (wire.path.startsWith('/products/')) yield `${found.file}: "${line}": /products/ belongs to the products' own routes`;
    known.set(shape, found);
  }
}

function* consumerClashes(consumers: Sources['consumers']): Generator<string> {
  const files = new Map<string, string>();
  for (const { file, value } of consumers) {
    const other = files.get(value.name);
    if (other !== undefined) yield `${other} and ${file} both declare the consumer ${value.name}`;
    files.set(value.name, file);
  }
}

function* unmatched(products: Sources['products'], routes: Sources['routes'], compositions: Sources['compositions']): Generator<string> {
  const operations = new Set(products.flatMap(({ value }) => Object.values(value)));
  const served = new Map<AnyRoute, string>();
  for (const { file, value } of compositions) {
    const { route, uses } = value;
    const other = served.get(route);
    if (other !== undefined) yield `${other} and ${file} both compose "${route.line}": a route has one composition`;
    served.set(route, file);
    for (const [name, part] of Object.entries(uses)) {
      if (!operations.has(part.operation))
        yield `${file}: part "${name}" uses ${part.operation.product} v${part.operation.version} ${part.operation.name}, whose contract does not stand in contracts/products/`;
      if (!Object.hasOwn(route.parts, name)) yield `${file}: part "${name}" is not listed by "${route.line}"`;
    }
  }
  for (const { file, value } of routes) if (!served.has(value)) yield `${file}: "${value.line}" has no composition in src/compositions/`;
}

/** What a policy has to know of contracts and compositions. */
export const contractsOf = ({ operations, compositions, consumers }: Registry): Contracts => ({
  consumers: consumers.map(({ name }) => name),
  operations,
  routes: compositions.map((composition) => ({ route: composition.route, operations: operationsOf(composition, operations) })),
});

/** The operations that a composition may call, those that stand for many calls included. */
export function operationsOf(composition: Composition, all: readonly AnyOperation[]): readonly AnyOperation[] {
  const used = new Set<AnyOperation>();
  for (const { operation } of Object.values(composition.uses)) {
    used.add(operation);
    const many = batchOf(operation, all);
    if (many) used.add(many);
  }
  return [...used];
}
