import { z } from 'zod';
import { type AnyOperation, operation, product } from '#contracts/kernel/index.js';
import type { Loaded } from './load.js';
import type { Contracts } from './resolve.js';

/** The one operation of a pass-through product: whatever it is asked. Layers, metrics and the ops API know it by this name. */
const NAME = 'passThrough';

/** A product without a contract has no versions either. */
const VERSION = 1;

const operations = new Map<string, AnyOperation>();

/** The operation that stands for all that a pass-through product is asked: for each product always the same one. */
function passThroughOperation(name: string): AnyOperation {
  let made = operations.get(name);
  if (!made) {
    const summary = 'Whatever it is asked: it has no contract.';
    const whatever = operation({ get: '/whatever', summary, input: z.object({}), output: z.undefined(), dependsOn: 'public' });
    made = product(name, VERSION, { [NAME]: whatever })[NAME];
    if (!made) throw new TypeError(`no operation for ${name}`);
    operations.set(name, made);
  }
  return made;
}

/** Whether an operation stands for a product that has no contract. */
export const isPassThrough = (one: AnyOperation): boolean => operations.get(one.product) === one;

/** The contracts, and an operation for each pass-through product that has none. They are settled when the gateway starts. */
export function withPassThrough(contracts: Contracts, { config }: Loaded): Contracts {
  const described = new Set(contracts.operations.map((one) => one.product));
  const names = Object.entries(config.products).flatMap(([name, { passThrough }]) => (passThrough && NAMES.test(name) ? [name] : []));
  const added = names.filter((name) => !described.has(name)).map(passThroughOperation);
  return added.length === 0 ? contracts : { ...contracts, operations: [...contracts.operations, ...added] };
}

const NAMES = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;

/** What a pass-through product can't be, each as a line. */
export function* passThroughFaults({ config, place }: Loaded, contracts: Contracts): Generator<string> {
  for (const { product: name } of contracts.operations.filter(isPassThrough))
    if (!config.products[name]?.passThrough) yield `${place(['products', name])}: to no longer pass ${name} through takes a restart`;
  const mounts = new Map<string, string>();
  for (const [name, { passThrough, mount, urls, operations: own }] of Object.entries(config.products)) {
    const at = (...keys: readonly string[]): string => place(['products', name, ...keys]);
    const known = contracts.operations.find((one) => one.product === name);
    if (!passThrough) {
      if (mount !== undefined)
        yield `${at('mount')}: expected passThrough: true beside it; what has a contract is answered under /products/${name}/`;
      continue;
    }
    if (!NAMES.test(name)) yield `${at()}: expected a name like "new-pilot-shop"`;
    else if (!known) yield `${at('passThrough')}: a new pass-through product takes a restart`;
    else if (!isPassThrough(known))
      yield `${at('passThrough')}: ${name} has a contract in contracts/products/; a product has one or is passed through`;
    if (own !== undefined) yield `${at('operations')}: expected none, since a pass-through product has no contract that names them`;
    if (urls.some((url) => url.includes('{version}'))) yield `${at('urls')}: expected no {version}, since a pass-through product has none`;
    if (mount === undefined) continue;
    const other = mounts.get(mount);
    if (other !== undefined) yield `${at('mount')}: ${other} is mounted there already, got ${mount}`;
    mounts.set(mount, name);
    const taken = takenBy(mount, contracts);
    if (taken !== undefined) yield `${at('mount')}: expected a path that is nobody else's; ${taken} is answered there, got ${mount}`;
  }
}

/** What the gateway answers for itself: all that begins with these. */
const OWN = ['products', 'health', 'docs', 'openapi.json'];

/** What is answered where a mount would stand, or would be in its way below; undefined where nothing is. */
function takenBy(mount: string, { routes }: Contracts): string | undefined {
  const segments = mount.split('/').slice(1);
  const [first = ''] = segments;
  if (OWN.includes(first)) return `/${first}`;
  return routes.find(({ route: { wire } }) => hides(segments, wire.path.split('/').slice(1)))?.route.line;
}

/** Whether a mount would be a route's very path, or would answer for one of the values that stand in it. */
const hides = (mount: readonly string[], path: readonly string[]): boolean =>
  mount.length <= path.length &&
  mount.every((segment, i) => segment === path[i] || isValue(path[i])) &&
  (mount.length === path.length || path.slice(0, mount.length).some(isValue));

const isValue = (segment: string | undefined): boolean => segment?.startsWith('{') ?? false;
