import { z } from 'zod';
import { type AnyOperation, didYouMean, nearest } from '#contracts/kernel/index.js';
import type { Loaded } from './load.js';
import { isPassThrough } from './pass-through.js';
import type { Contracts } from './resolve.js';

/** Stands, among the consumers that may call a route, for callers without a credential. */
export const ANONYMOUS = 'anonymous';

/** Who may call a route. */
export interface Access {
  /** By name; `anonymous` for callers without a credential. Empty: nobody. */
  readonly consumers: ReadonlySet<string>;
  /** What each of them has to be allowed, and their user too, all of it. */
  readonly scopes: readonly string[];
  /** Whether a user has to be known. */
  readonly needsUser: boolean;
  /** Whether callers are not even looked at: what everybody may ask of a product without a contract. */
  readonly unseen?: boolean;
}

/** Access for nobody. */
export const NOBODY: Access = { consumers: new Set(), scopes: [], needsUser: true };

const Scope = z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]{1,64}$/, { error: 'expected a scope like "orders:read" (RFC 6749, 3.3)' });

/** Who may call, as `gateway.yaml` says it. */
export const AccessConfig = z.strictObject({
  consumers: z.array(z.string()).meta({
    description: 'The consumers that may call it, by name; anonymous stands for callers without a credential. Empty: nobody may.',
  }),
  scopes: z.array(Scope).default([]).meta({ description: 'What a caller has to be allowed, all of it.' }),
  user: z
    .enum(['required', 'optional'])
    .optional()
    .meta({ description: 'Whether a user has to be known. Default: required where an answer depends on a user, by the contracts.' }),
});
type AccessConfig = z.output<typeof AccessConfig>;

/** A consumer, as `gateway.yaml` names it. */
export const ConsumerConfig = z.strictObject({
  scopes: z.array(Scope).default([]).meta({ description: 'What it is allowed.' }),
});

/** Where the access of something may be written: its own place first, then those that it inherits from. */
interface Governed {
  readonly name: string;
  readonly keys: readonly (readonly string[])[];
  readonly dependsOnUser: boolean;
  readonly hasContract: boolean;
}

/** Who may call each route, by its name: a composed one by its line, a product's own by `auth.v1.getUser`. */
export function accessOf({ config }: Loaded, contracts: Contracts): ReadonlyMap<string, Access> {
  return new Map(
    [...governed(contracts)].map(({ name, keys, dependsOnUser, hasContract }) => {
      const access = read(writtenAt(config, keys)?.access, dependsOnUser);
      return [name, hasContract || !isForAll(access) ? access : { ...access, unseen: true }];
    }),
  );
}

const isForAll = ({ consumers, scopes, needsUser }: Access): boolean =>
  consumers.size === 1 && consumers.has(ANONYMOUS) && scopes.length === 0 && !needsUser;

/** What was written; nobody, where nothing is. */
const read = (written: AccessConfig | undefined, dependsOnUser: boolean): Access => ({
  consumers: new Set(written?.consumers),
  scopes: written?.scopes ?? [],
  needsUser: written?.user === undefined ? dependsOnUser : written.user === 'required',
});

/** Every route that says nowhere who may call it, and every name of a consumer or scope that nobody has, by line and column. */
export function* accessFaults(loaded: Loaded, contracts: Contracts): Generator<string> {
  const { config, place } = loaded;
  const known = contracts.consumers;
  for (const name of Object.keys(config.consumers))
    if (!known.includes(name))
      yield `${place(['consumers', name])}: no contract names this consumer${didYouMean(name, known)}; contracts stand in contracts/consumers/`;
  const scopes = new Set(Object.values(config.consumers).flatMap((consumer) => consumer.scopes));
  const seen = new Set<string>();
  const lines = contracts.routes.map(({ route }) => route.line);
  // What has a name that is misspelled, or is not there at all, is told as such.
  const told = new Set(Object.keys(config.routes).flatMap((line) => (lines.includes(line) ? [] : (nearest(line, lines) ?? []))));
  for (const { keys } of governed(contracts)) {
    const [section, name = ''] = keys.at(-1) ?? [];
    if (section === 'products' ? !Object.hasOwn(config.products, name) : told.has(name)) continue;
    const found = writtenAt(config, keys);
    const at = found?.keys ?? keys.at(-1) ?? [];
    if (seen.has(at.join(' '))) continue;
    seen.add(at.join(' '));
    if (found) yield* unknownIn(found.access, at, loaded, scopes);
    else
      yield `${place(at)}: expected access: { consumers: […] }, who may call it; anonymous stands for callers without a credential, an empty list for nobody`;
  }
}

function* unknownIn(
  { consumers, scopes }: AccessConfig,
  at: readonly string[],
  { config, place }: Loaded,
  known: ReadonlySet<string>,
): Generator<string> {
  const names = [...Object.keys(config.consumers), ANONYMOUS];
  for (const [i, name] of consumers.entries())
    if (!names.includes(name))
      yield `${place([...at, 'access', 'consumers', i])}: no such consumer${didYouMean(name, names)}; those that may call stand under consumers`;
  for (const [i, scope] of scopes.entries())
    if (!known.has(scope)) yield `${place([...at, 'access', 'scopes', i])}: no consumer has this scope${didYouMean(scope, known)}`;
  for (const [i, name] of consumers.entries()) {
    const own = config.consumers[name]?.scopes ?? [];
    const lacking = scopes.find((scope) => known.has(scope) && !own.includes(scope));
    if (lacking !== undefined && names.includes(name))
      yield `${place([...at, 'access', 'consumers', i])}: ${name} does not have the scope ${lacking}, so it could never call this; give it the scope under consumers, or leave it out here`;
  }
}

function* governed({ operations, routes }: Contracts): Generator<Governed> {
  const onUser = (all: readonly AnyOperation[]): boolean => all.some(({ dependsOn }) => dependsOn === 'user');
  for (const { route, operations: used } of routes)
    yield { name: route.line, keys: [['routes', route.line]], dependsOnUser: onUser(used), hasContract: true };
  for (const operation of operations) {
    const { product, version, name } = operation;
    yield {
      name: `${product}.v${version}.${name}`,
      keys: [
        ['products', product, 'operations', name],
        ['products', product],
      ],
      dependsOnUser: onUser([operation]),
      hasContract: !isPassThrough(operation),
    };
  }
}

/** The nearest access that is written. */
function writtenAt(
  config: Loaded['config'],
  keys: readonly (readonly string[])[],
): { readonly access: AccessConfig; readonly keys: readonly string[] } | undefined {
  for (const at of keys) {
    const [section = '', name = '', , operation] = at;
    const own = section === 'routes' ? config.routes[name] : config.products[name];
    const access = operation === undefined ? own?.access : config.products[name]?.operations?.[operation]?.access;
    if (access) return { access, keys: at };
  }
  return undefined;
}
