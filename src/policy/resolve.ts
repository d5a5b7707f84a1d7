import { type AnyOperation, type AnyRoute, didYouMean } from '#contracts/kernel/index.js';
import { Credential } from './credential.js';
import { ConfigError, type Loaded } from './load.js';
import { Snapshot } from './snapshot.js';

/** What a key may consist of: it travels in a header. */
const VISIBLE = /^[\x21-\x7e]+$/;

/** A route as far as policy knows it: its line, and the operations that it may call. */
export interface KnownRoute {
  readonly route: AnyRoute;
  readonly operations: readonly AnyOperation[];
}

/** How one version of a product is reached. */
export interface Reach {
  readonly urls: readonly string[];
  readonly credential: Credential | undefined;
  readonly connections: number;
  readonly connectTimeoutMs: number;
  readonly maxAnswerBytes: number;
}

/** What a valid configuration comes to for the contracts at hand. */
export interface Resolved {
  readonly snapshot: Snapshot;
  readonly reach: (product: string, version: number) => Reach;
}

/**
 * Joins a configuration with the contracts: every product that has a contract is named, nothing is named that has none,
 * every attempt fits its route's deadline, and every credential's variable is set.
 * @throws ConfigError naming each misfit by file, line and column.
 */
export function resolve(
  loaded: Loaded,
  operations: readonly AnyOperation[],
  routes: readonly KnownRoute[],
  env: Readonly<Record<string, string | undefined>>,
): Resolved {
  const { config, place } = loaded;
  const products = new Set(operations.map(({ product }) => product));
  const problems = [...unknownNames(loaded, operations, routes, products)];
  for (const product of products)
    if (!Object.hasOwn(config.products, product))
      problems.push(`${place(['products'])}: expected the product "${product}", which has a contract`);
  if (problems.length > 0) throw new ConfigError(problems);

  const deadlineMs = ({ product, name }: AnyOperation): number => {
    const own = config.products[product];
    return own?.operations?.[name]?.deadline ?? own?.deadline ?? config.defaults.product.deadline;
  };
  const routePolicy = (line: string) => ({
    deadlineMs: config.routes[line]?.deadline ?? config.defaults.route.deadline,
    fanOut: config.routes[line]?.fanOut ?? config.defaults.route.fanOut,
  });
  for (const { route, operations: used } of routes) {
    const budget = routePolicy(route.line).deadlineMs;
    for (const operation of new Set(used))
      if (deadlineMs(operation) >= budget)
        problems.push(
          `${place(['routes', route.line, 'deadline'])}: expected more than the ${deadlineMs(operation)} ms that ${operation.product} ${operation.name} may take, got ${budget} ms; shorten that deadline or lengthen this one`,
        );
  }
  const credentials = new Map<string, Credential>();
  for (const [product, { credential }] of Object.entries(config.products)) {
    const secret = credential && env[credential.variable];
    if (!credential) continue;
    if (secret !== undefined && VISIBLE.test(secret)) credentials.set(product, new Credential(secret));
    else
      problems.push(
        `${place(['products', product, 'credential', 'variable'])}: expected the environment variable ${credential.variable} to hold the key of ${product}, ${secret ? 'it holds spaces or characters that no header can carry' : 'it is not set'}`,
      );
  }
  if (problems.length > 0) throw new ConfigError(problems);

  const snapshot = new Snapshot(
    '1',
    operations.map((operation) => ({ deadlineMs: deadlineMs(operation) })),
    new Map(routes.map(({ route }) => [route.line, routePolicy(route.line)])),
  );
  const reach = (product: string, version: number): Reach => {
    const own = config.products[product];
    return {
      urls: (own?.urls ?? []).map((url) => url.replaceAll('{version}', String(version))),
      credential: credentials.get(product),
      connections: own?.connections ?? config.defaults.product.connections,
      connectTimeoutMs: config.defaults.product.connectTimeout,
      maxAnswerBytes: config.defaults.product.maxAnswer,
    };
  };
  return { snapshot, reach };
}

function* unknownNames(
  { config, place }: Loaded,
  operations: readonly AnyOperation[],
  routes: readonly KnownRoute[],
  products: ReadonlySet<string>,
): Generator<string> {
  for (const [product, { operations: own = {} }] of Object.entries(config.products)) {
    if (!products.has(product)) {
      yield `${place(['products', product])}: no contract names this product${didYouMean(product, products)}; contracts stand in contracts/products/`;
      continue;
    }
    const names = new Set(operations.filter((operation) => operation.product === product).map(({ name }) => name));
    for (const name of Object.keys(own))
      if (!names.has(name))
        yield `${place(['products', product, 'operations', name])}: no such operation in its contracts${didYouMean(name, names)}`;
  }
  const lines = routes.map(({ route }) => route.line);
  for (const line of Object.keys(config.routes))
    if (!lines.includes(line)) yield `${place(['routes', line])}: no such route${didYouMean(line, lines)}`;
}
