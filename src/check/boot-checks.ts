import type { Composition } from '../composition/composition.js';
import { linesMissing } from '../edge/public.controller.js';
import { ConfigError, load } from '../policy/load.js';
import { withPassThrough } from '../policy/pass-through.js';
import { type Resolved, credentialsIn, resolve, snapshotOf } from '../policy/resolve.js';
import type { Variables } from '../policy/variables.js';
import type { Snapshot } from '../policy/snapshot.js';
import { ContractError } from '../registry/contract-error.js';
import { type Registry, contractsOf } from '../registry/registry.js';

/** What a gateway would start with. */
export interface Sound {
  readonly compositions: readonly Composition[];
  readonly resolved: Resolved;
  readonly snapshot: Snapshot;
  /** What would keep it from starting in this very environment. */
  readonly warnings: readonly string[];
}

/** What would keep a gateway from starting anywhere, a line each. */
export interface Unsound {
  readonly problems: readonly string[];
}

/**
 * Everything that a gateway checks before it listens, without starting one. Credentials are looked for but not demanded:
 * where a configuration is written, they seldom are.
 */
export async function bootChecks(register: () => Promise<Registry>, file: string, env: Variables): Promise<Sound | Unsound> {
  const problems: string[] = [];
  const registry = await noting(problems, register);
  const loaded = await noting(problems, () => load(file, env));
  if (registry) problems.push(...linesMissing(registry.compositions));
  const contracts = registry && loaded && withPassThrough(contractsOf(registry), loaded);
  const resolved = contracts && (await noting(problems, () => resolve(loaded, contracts, undefined)));
  if (!registry || !resolved || problems.length > 0) return { problems };
  const snapshot = snapshotOf(resolved, { git: resolved.git, overrides: new Map() }, new Set(), 'git');
  const { faults } = credentialsIn(env, resolved.loaded);
  const keys = faults.map(({ variable, why }) => `${variable} (${why})`);
  return {
    compositions: registry.compositions,
    resolved,
    snapshot,
    warnings: keys.length === 0 ? [] : [`the gateway needs keys that this environment does not hold: ${keys.join(', ')}`],
  };
}

/** What the work gives; undefined where it refused, with its reasons noted. */
async function noting<T>(problems: string[], work: () => T | Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof ConfigError || error instanceof ContractError)) throw error;
    problems.push(...error.problems);
    return undefined;
  }
}
