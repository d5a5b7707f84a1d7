import { type AnyOperation, consumer } from '#contracts/kernel/index.js';
import { systemClock } from '#src/clock.js';
import { processPulse } from '#src/edge/pulse.js';
import type { Env } from '#src/env.js';
import type { GatewayTerms } from '#src/gateway.js';
import { openIdentities } from '#src/identity/identities.js';
import { keysFile } from '#src/identity/keys-file.js';
import { loadSigningKey } from '#src/identity/signing-key.js';
import { usageFile } from '#src/identity/usage.js';
import { linesTo, makeLog } from '#src/observe/log.js';
import { load } from '#src/policy/load.js';
import { overridesFile } from '#src/policy/overrides-file.js';
import { compositions } from './compositions.ts';
import { accounts, catalog, inventory, reviews, shop } from './products.ts';

const operations: AnyOperation[] = [catalog, inventory, reviews, shop, accounts].flatMap((product) => Object.values<AnyOperation>(product));

/** What the gateway is made of, as src/main.ts has it, over the bench's own contracts and compositions: nothing is left out. */
export async function termsOf(env: Env, variables: Readonly<Record<string, string | undefined>>): Promise<GatewayTerms> {
  const { LOG_FILE } = variables;
  const log = makeLog(env.logLevel, LOG_FILE === undefined ? undefined : linesTo(LOG_FILE));
  const loaded = load(env.config, variables);
  return {
    registry: { operations, compositions, consumers: [consumer('shop-front', {})] },
    loaded,
    identities: await openIdentities({
      loaded,
      env: variables,
      clock: systemClock,
      random: Math.random,
      keys: keysFile(env.dataDir, systemClock),
      signingKey: await loadSigningKey({ text: env.signingKey, dataDir: env.dataDir }),
      trouble: (about, error) => log.warn({ about, err: error }, 'identity'),
    }),
    usage: usageFile(env.dataDir),
    file: env.config,
    clock: systemClock,
    log,
    env: variables,
    overrides: overridesFile(env.dataDir),
    pulse: processPulse(systemClock),
  };
}
