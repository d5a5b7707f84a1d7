import 'reflect-metadata';
import { systemClock } from './clock.js';
import { readEnv } from './env.js';
import { makeLog } from './observe/log.js';
import { load } from './policy/load.js';
import { register, sources } from './registry/registry.js';
import { startGateway } from './start.module.js';

/** How long calls in flight may take once the process was told to end, in milliseconds. */
const END_WITHIN_MS = 4000;

try {
  const env = readEnv(process.env);
  const log = makeLog(env.logLevel);
  const running = await startGateway(
    { registry: register(await sources()), loaded: load(env.config), clock: systemClock, log, env: process.env },
    env,
  );
  log.info({ url: running.url, opsUrl: running.opsUrl, config: env.config }, 'listening');
  const end = (signal: string): void => {
    log.info({ signal }, 'ending');
    void running.stop(env.drainMs, END_WITHIN_MS).then(() => process.exit(0));
  };
  process.once('SIGTERM', end);
  process.once('SIGINT', end);
} catch (error) {
  // Expected trouble at start says what to do, line by line; anything else shows its stack.
  process.stderr.write(
    `${Error.isError(error) && ['ConfigError', 'ContractError', 'TypeError'].includes(error.name) ? error.message : Error.isError(error) ? error.stack : String(error)}\n`,
  );
  process.exitCode = 1;
}
