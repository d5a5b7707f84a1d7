import 'reflect-metadata';
import { inspect } from 'node:util';
import { systemClock } from './clock.js';
import { processPulse } from './edge/pulse.js';
import type { Env } from './env.js';
import { type Identities, openIdentities } from './identity/identities.js';
import { keysFile } from './identity/keys-file.js';
import { sharedKeys } from './identity/keys-redis.js';
import { usageFile } from './identity/usage.js';
import { loadSigningKey } from './identity/signing-key.js';
import { limiterUnder, localLimiter, sharedLimiter } from './limits/limiter.js';
import { type Logger, makeLog } from './observe/log.js';
import { Metrics } from './observe/metrics.js';
import { giveBackRoom } from './observe/room.js';
import { redisObservers } from './observers.js';
import { load } from './policy/load.js';
import { overridesFile } from './policy/overrides-file.js';
import type { Variables } from './policy/variables.js';
import { register, sources } from './registry/registry.js';
import type { Shared } from './redis/shared.js';
import { type RunningGateway, startGateway } from './start.module.js';
import type { GatewayTerms } from './gateway.js';
import type { Siblings } from './workers/siblings.js';
import { joined } from './workers/joined.js';

/** How long calls in flight may take once the process was told to end, in milliseconds. */
const END_WITHIN_MS = 4000;

/** How long they may take in a worker whose place is taken already: nobody waits for it to end, in milliseconds. */
const LEAVE_WITHIN_MS = 60_000;

/** How long a start waits for Redis, in milliseconds. */
const REDIS_AT_START_MS = 250;

/**
 * Answers, until the process is told to end: by a signal, or as one of several workers by the process that started it. What keeps
 * it from starting is said in lines that say what to do, and the exit code is 1.
 * @param variables where the credentials are that the configuration names
 */
export async function serve(env: Env, variables: Variables): Promise<void> {
  const siblings = await joined();
  let shared: Shared | undefined;
  let identities: Identities | undefined;
  try {
    const log = makeLog(env.logLevel, undefined, siblings && { worker: siblings.share.worker, pid: process.pid });
    const metrics = new Metrics();
    const overrides = overridesFile(env.dataDir, siblings && String(process.pid));
    if (env.redisUrl !== undefined) {
      const terms = { url: env.redisUrl, hmacKey: env.redisHmacKey, clock: systemClock, random: Math.random };
      const { Shared } = await import('./redis/shared.js'); // who has no Redis does not load what speaks with it
      shared = new Shared({ ...terms, file: overrides, nearby: siblings, ...redisObservers(log, metrics, systemClock) });
    }
    await shared?.redis.upWithin(REDIS_AT_START_MS); // it is no condition, but entries and overrides are there sooner
    const registry = register(await sources());
    const loaded = load(env.config, variables);
    const file = keysFile(env.dataDir, systemClock);
    identities = await openIdentities({
      loaded,
      env: variables,
      clock: systemClock,
      random: Math.random,
      keys: shared ? sharedKeys(shared.redis, shared.consumerKeys, shared.bus, file) : file,
      signingKey: await loadSigningKey({ text: env.signingKey, dataDir: env.dataDir }),
      trouble: (about, error) => log.warn({ about, err: error }, 'identity'),
    });
    if (shared && env.signingKey === undefined && (siblings?.share.worker ?? 1) === 1)
      log.warn('SIGNING_KEY is not set: each replica mints tokens with a key of its own, which the others do not publish');
    const running = await startGateway(
      {
        registry,
        loaded,
        identities,
        usage: usageFile(env.dataDir, siblings?.share.worker),
        file: env.config,
        clock: systemClock,
        log,
        metrics,
        env: variables,
        overrides,
        pulse: processPulse(systemClock),
        ...(shared && { shared }),
        ...(siblings && shared && amongSiblings(siblings, shared)),
      },
      env,
    );
    // A promise that some composition forgot is a bug to be read of, not the end of everybody's requests.
    process.on('unhandledRejection', (error) => log.error({ err: error }, 'a promise was rejected and nobody waited for it'));
    await giveBackRoom();
    if (!siblings) endsWhenTold(running, env, log);
    log.info({ url: running.url, opsUrl: running.opsUrl, config: env.config }, 'listening');
    if (siblings) leavesWhenTold(siblings, running, env, log);
  } catch (error) {
    if (siblings) await siblings.fails(atStart(error));
    else process.stderr.write(`${atStart(error)}\n`);
    process.exitCode = 1;
    identities?.[Symbol.dispose]();
    await shared?.close(); // else they would keep the process alive
    if (siblings) process.exit();
  }
}

/** What a worker has of the whole, and how it keeps what holds for all of them. */
const amongSiblings = (siblings: Siblings, { limiter }: Shared): Pick<GatewayTerms, 'share' | 'peers' | 'addresses'> => ({
  share: siblings.share,
  peers: siblings,
  addresses: limiterUnder(
    `address ${siblings.group} `,
    sharedLimiter(limiter, localLimiter(systemClock), () => siblings.share.of),
  ),
});

function endsWhenTold(running: RunningGateway, { drainMs }: Env, log: Logger): void {
  const end = (signal: string): void => {
    log.info({ signal }, 'ending');
    running.stop(drainMs, END_WITHIN_MS).then(
      () => process.exit(0),
      (error: unknown) => {
        log.error({ err: error }, 'did not end well');
        process.exit(1);
      },
    );
  };
  process.once('SIGTERM', end);
  process.once('SIGINT', end);
}

/** A worker ends alone where another one has its place, or with all others. Signals are for the process that started it. */
function leavesWhenTold(siblings: Siblings, running: RunningGateway, { drainMs }: Env, log: Logger): void {
  const { metrics } = running.gateway;
  metrics.worker(true);
  siblings.listens(running.url, running.opsUrl);
  siblings.onLeave((why) => {
    metrics.worker(false);
    log.info({ why }, 'ending');
    const ended = why === 'replaced' ? running.leave(drainMs, LEAVE_WITHIN_MS) : running.stop(drainMs, END_WITHIN_MS);
    ended
      .then(async () => siblings.counted(await metrics.series()))
      .then(
        () => process.exit(0),
        (error: unknown) => {
          log.error({ err: error }, 'did not end well');
          process.exit(1);
        },
      );
  });
}

/** Expected trouble at start says what to do, line by line; anything else is a mistake of ours and shows its stack. */
function atStart(error: unknown): string {
  if (!Error.isError(error)) return String(error);
  if (['EnvError', 'ConfigError', 'ContractError', 'KeysError', 'SigningKeyError'].includes(error.name)) return error.message;
  if ('syscall' in error && (error.syscall === 'listen' || error.syscall === 'bind'))
    return `${error.message}: PORT, HOST and OPS_PORT say where to listen`;
  return inspect(error);
}
