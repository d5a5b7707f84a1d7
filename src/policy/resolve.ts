import { type AnyOperation, type AnyRoute, didYouMean, nearest } from '#contracts/kernel/index.js';
import { NOBODY, accessFaults, accessOf } from './access.js';
import { type Address, addresses, pathOf } from './address.js';
import { boundFaults } from './bounds.js';
import { Credential } from './credential.js';
import type { KnobName, Written } from './knob.js';
import { ConfigError, type Loaded } from './load.js';
import { isPassThrough, passThroughFaults } from './pass-through.js';
import { type Share, WHOLE, partOfProduct } from './share.js';
import { type OperationPolicy, type ProductPolicy, type RoutePolicy, Snapshot } from './snapshot.js';
import { type Sources, valueAt } from './values.js';
import type { Variables } from './variables.js';

/** A route as far as policy knows it: its line, and the operations that it may call. */
export interface KnownRoute {
  readonly route: AnyRoute;
  readonly operations: readonly AnyOperation[];
}

/** The contracts that a policy is for. */
export interface Contracts {
  /** The names of the consumers that have a contract. */
  readonly consumers: readonly string[];
  readonly operations: readonly AnyOperation[];
  readonly routes: readonly KnownRoute[];
}

/** How one version of a product is reached. */
export interface Reach {
  readonly urls: readonly string[];
  readonly credential: Credential | undefined;
  readonly connections: number;
  readonly connectTimeoutMs: number;
  readonly maxAnswerBytes: number;
}

/** A configuration that fits its contracts, with nothing turned yet. */
export interface Resolved {
  readonly contracts: Contracts;
  readonly loaded: Loaded;
  readonly addresses: ReadonlyMap<string, Address>;
  /** What `gateway.yaml` says of knobs, by path. */
  readonly git: ReadonlyMap<string, Written>;
  reach(product: string, version: number): Reach;
}

/**
 * Joins a configuration with the contracts: every product that has a contract is named, nothing is named that has none,
 * every part's worst case fits its route's deadline, and every credential's variable is set.
 * @param env where the credentials are; without it none is looked for, and nothing can be called.
 * @throws ConfigError naming each misfit by file, line and column.
 */
export function resolve(loaded: Loaded, contracts: Contracts, env: Variables | undefined): Resolved {
  const { config, place } = loaded;
  const { operations, routes } = contracts;
  const products = new Set(operations.filter((operation) => !isPassThrough(operation)).map(({ product }) => product));
  const problems = [
    ...unknownNames(loaded, contracts, products),
    ...passThroughFaults(loaded, contracts),
    ...accessFaults(loaded, contracts),
  ];
  const meant = new Set(Object.keys(config.products).map((name) => nearest(name, products))); // a misspelled one is named as such above
  for (const product of products)
    if (!meant.has(product)) problems.push(`${place(['products'])}: expected the product "${product}", which has a contract`);
  if (problems.length > 0) throw new ConfigError(problems);
  const all = addresses(
    operations,
    routes.map(({ route }) => route),
  );
  const git = new Map<string, Written>();
  for (const { path, keys } of all.values()) {
    const written = loaded.written(keys);
    if (typeof written === 'string' || typeof written === 'number') git.set(path, written);
  }
  const { credentials, faults } = credentialsIn(env, loaded);
  for (const { product, variable, why } of faults)
    problems.push(
      `${place(['products', product, 'credential', 'variable'])}: expected the environment variable ${variable} to hold the key of ${product}, ${why}`,
    );
  const resolved: Resolved = {
    contracts,
    loaded,
    addresses: all,
    git,
    reach(product, version) {
      const own = config.products[product];
      return {
        urls: (own?.urls ?? []).map((url) => url.replaceAll('{version}', String(version))),
        credential: credentials.get(product),
        connections: own?.connections ?? config.defaults.product.connections,
        connectTimeoutMs: config.defaults.product.connectTimeout,
        maxAnswerBytes: config.defaults.product.maxAnswer,
      };
    },
  };
  const snapshot = snapshotOf(resolved, { git, overrides: new Map() }, new Set(), '0');
  problems.push(...boundFaults(loaded), ...misfitLines(resolved, snapshot));
  if (problems.length > 0) throw new ConfigError(problems);
  return resolved;
}

/** The policy that these values come to, for a process that has this share of the whole. */
export function snapshotOf(
  { contracts, loaded, addresses: all }: Resolved,
  sources: Sources,
  isolated: ReadonlySet<string>,
  revision: string,
  share: Share = WHOLE,
): Snapshot {
  const at = (place: readonly string[], knob: KnobName): number => {
    const address = all.get(pathOf(place, knob));
    if (!address) throw new RangeError(`no address ${pathOf(place, knob)}`);
    return valueAt(address, sources).read;
  };
  const products = new Map<string, ProductPolicy>();
  const productOf = (product: string): ProductPolicy => {
    const place = ['products', product];
    return {
      limit: { perSecond: at(place, 'limit.rate'), burst: at(place, 'limit.burst') },
      bulkhead: { concurrent: at(place, 'bulkhead.concurrent'), queue: at(place, 'bulkhead.queue'), waitMs: at(place, 'bulkhead.wait') },
      isolated: isolated.has(product),
    };
  };
  const operations = contracts.operations.map(({ product, name }): OperationPolicy => {
    const place = ['products', product, 'operations', name];
    let own = products.get(product);
    if (!own) products.set(product, (own = partOfProduct(productOf(product), share)));
    return {
      deadlineMs: at(place, 'deadline'),
      cache: {
        freshMs: at(place, 'cache.fresh'),
        staleMs: at(place, 'cache.stale'),
        staleIfErrorMs: at(place, 'cache.staleIfError'),
        absentMs: at(place, 'cache.absent'),
      },
      retry: { attempts: at(place, 'retry.attempts'), waitMs: at(place, 'retry.wait') },
      hedge: { afterMs: at(place, 'hedge.after') },
      breaker: {
        ratio: at(place, 'breaker.ratio'),
        minimum: at(place, 'breaker.minimum'),
        windowMs: at(place, 'breaker.window'),
        openMs: at(place, 'breaker.open'),
        trials: at(place, 'breaker.trials'),
      },
      product: own,
    };
  });
  const access = accessOf(loaded, contracts);
  const routeAt = (name: string, place: readonly string[]): RoutePolicy => ({
    deadlineMs: at(place, 'deadline'),
    fanOut: at(place, 'fanOut'),
    cache: { freshMs: at(place, 'cache.fresh'), staleMs: at(place, 'cache.stale') },
    limit: { perSecond: at(place, 'limit.rate'), burst: at(place, 'limit.burst') },
    access: access.get(name) ?? NOBODY,
  });
  const routes = new Map(contracts.routes.map(({ route: { line } }) => [line, routeAt(line, ['routes', line])]));
  for (const { product, version, name } of contracts.operations) {
    const id = `${product}.v${version}.${name}`;
    routes.set(id, routeAt(id, ['defaults', 'route']));
  }
  return new Snapshot(revision, operations, routes);
}

/** The longest wait before each further attempt, in milliseconds; none where the operation may not be repeated. */
export const longestWaitsMs = ({ retry }: OperationPolicy, repeatable: boolean): readonly number[] =>
  Array.from({ length: repeatable ? retry.attempts : 0 }, (_, i) => retry.waitMs * 2 ** i);

/** The longest that one call of an operation can take: every attempt with its wait for a place, and the waits between them. */
export function worstCaseMs(policy: OperationPolicy, repeatable: boolean): number {
  const waits = longestWaitsMs(policy, repeatable);
  return waits.reduce((sum, ms) => sum + ms, (waits.length + 1) * (policy.deadlineMs + policy.product.bulkhead.waitMs));
}

/** Where a part can take longer than its route's answer. */
export interface Misfit {
  /** The path of the route's deadline. */
  readonly path: string;
  readonly worstMs: number;
  readonly why: string;
}

/** Every part that can take longer than its route's answer. */
export function* misfits({ operations, routes }: Contracts, snapshot: Snapshot): Generator<Misfit> {
  for (const { route, operations: used } of routes) {
    const { deadlineMs } = snapshot.route(route.line);
    for (const operation of new Set(used)) {
      const worst = worstCaseMs(snapshot.operation(operations.indexOf(operation)), operation.repeatable);
      if (worst >= deadlineMs)
        yield {
          path: pathOf(['routes', route.line], 'deadline'),
          worstMs: worst,
          why: `expected more than the ${worst} ms that ${operation.product} ${operation.name} may take with its attempts and waits, got ${deadlineMs} ms; shorten that deadline or lengthen this one`,
        };
    }
  }
}

/** The longest misfit of each place where a deadline is written: one mistake there is one line, however many routes inherit it. */
function* misfitLines({ contracts, loaded: { place }, addresses: all, git }: Resolved, snapshot: Snapshot): Generator<string> {
  const writtenAt = (path: string): Address | undefined => {
    const own = all.get(path);
    let at = own;
    while (at && !git.has(at.path)) at = at.from;
    return at ?? own;
  };
  for (const [address, found] of Map.groupBy(misfits(contracts, snapshot), ({ path }) => writtenAt(path))) {
    const [longest, ...others] = found.sort((a, b) => b.worstMs - a.worstMs);
    if (!address || !longest) continue;
    const heir = address.path === longest.path ? '' : ` for ${longest.path}`;
    const more = others.length === 0 ? '' : ` (and ${others.length} more like it)`;
    yield `${place(address.keys)}${heir}: ${longest.why}${more}`;
  }
}

/** What a key may consist of: it travels in a header. */
const VISIBLE = /^[\x21-\x7e]+$/;

/** A credential whose variable holds no key. */
export interface CredentialFault {
  readonly product: string;
  readonly variable: string;
  readonly why: string;
}

/** The credentials that an environment holds, by product, and those that it should hold and does not. */
export function credentialsIn(
  env: Variables | undefined,
  { config }: Loaded,
): { readonly credentials: ReadonlyMap<string, Credential>; readonly faults: readonly CredentialFault[] } {
  const credentials = new Map<string, Credential>();
  const faults: CredentialFault[] = [];
  for (const [product, { credential }] of Object.entries(config.products)) {
    if (!credential || !env) continue;
    const { variable } = credential;
    const secret = env[variable];
    if (secret !== undefined && VISIBLE.test(secret)) credentials.set(product, new Credential(secret));
    else faults.push({ product, variable, why: secret ? 'it holds spaces or characters that no header can carry' : 'it is not set' });
  }
  return { credentials, faults };
}

function* unknownNames({ config, place }: Loaded, { operations, routes }: Contracts, products: ReadonlySet<string>): Generator<string> {
  for (const [product, { operations: own = {}, passThrough }] of Object.entries(config.products)) {
    if (passThrough) continue;
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
