import 'reflect-metadata';
import { inspect } from 'node:util';
import { systemClock } from './clock.js';
import { processPulse } from './edge/pulse.js';
import { readEnv } from './env.js';
import { type Identities, openIdentities } from './identity/identities.js';
import { keysFile } from './identity/keys-file.js';
import { sharedKeys } from './identity/keys-redis.js';
import { usageFile } from './identity/usage.js';
import { loadSigningKey } from './identity/signing-key.js';
import { makeLog } from './observe/log.js';
import { Metrics } from './observe/metrics.js';
import { redisObservers } from './observers.js';
import { load } from './policy/load.js';
import { overridesFile } from './policy/overrides-file.js';
import { register, sources } from './registry/registry.js';
import { Shared } from './redis/shared.js';
import { startGateway } from './start.module.js';

/** How long calls in flight may take once the process was told to end, in milliseconds. */
const END_WITHIN_MS = 4000;

/** How long a start waits for Redis, in milliseconds. */
const REDIS_AT_START_MS = 250;

let shared: Shared | undefined;
let identities: Identities | undefined;
try {
  const env = readEnv(process.env);
  const log = makeLog(env.logLevel);
  const metrics = new Metrics();
  const overrides = overridesFile(env.dataDir);
  shared =
    env.redisUrl === undefined
      ? undefined
      : new Shared({
          url: env.redisUrl,
          hmacKey: env.redisHmacKey,
          clock: systemClock,
          random: Math.random,
          file: overrides,
          ...redisObservers(log, metrics, systemClock),
        });
  await shared?.redis.upWithin(REDIS_AT_START_MS); // it is no condition, but entries and overrides are there sooner
  const registry = register(await sources());
  const loaded = load(env.config, process.env);
  const file = keysFile(env.dataDir, systemClock);
  identities = await openIdentities({
    loaded,
    env: process.env,
    clock: systemClock,
    random: Math.random,
    keys: shared ? sharedKeys(shared.redis, shared.consumerKeys, shared.bus, file) : file,
    signingKey: await loadSigningKey({ text: env.signingKey, dataDir: env.dataDir }),
    trouble: (about, error) => log.warn({ about, err: error }, 'identity'),
  });
  if (shared && env.signingKey === undefined)
    log.warn('SIGNING_KEY is not set: each replica mints tokens with a key of its own, which the others do not publish');
  const running = await startGateway(
    {
      registry,
      loaded,
      identities,
      usage: usageFile(env.dataDir),
      file: env.config,
      clock: systemClock,
      log,
      metrics,
      env: process.env,
      overrides,
      pulse: processPulse(systemClock),
      ...(shared && { shared }),
    },
    env,
  );
  const end = (signal: string): void => {
    log.info({ signal }, 'ending');
    running.stop(env.drainMs, END_WITHIN_MS).then(
      () => process.exit(0),
      (error: unknown) => {
        log.error({ err: error }, 'did not end well');
        process.exit(1);
      },
    );
  };
  // A promise that some composition forgot is a bug to be read of, not the end of everybody's requests.
  process.on('unhandledRejection', (error) => log.error({ err: error }, 'a promise was rejected and nobody waited for it'));
  process.once('SIGTERM', end);
  process.once('SIGINT', end);
  log.info({ url: running.url, opsUrl: running.opsUrl, config: env.config }, 'listening');
} catch (error) {
  process.stderr.write(`${atStart(error)}\n`);
  process.exitCode = 1;
  identities?.[Symbol.dispose]();
  await shared?.close(); // else they would keep the process alive
}

/** Expected trouble at start says what to do, line by line; anything else is a mistake of ours and shows its stack. */
function atStart(error: unknown): string {
  if (!Error.isError(error)) return String(error);
  if (['EnvError', 'ConfigError', 'ContractError', 'KeysError', 'SigningKeyError'].includes(error.name)) return error.message;
  if ('syscall' in error && error.syscall === 'listen') return `${error.message}: PORT, HOST and OPS_PORT say where to listen`;
  return inspect(error);
}
