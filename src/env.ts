import { z } from 'zod';

const port = z
  .string()
  .regex(/^\d{1,5}$/, { error: 'expected a port from 0 to 65535' })
  .transform(Number)
  .refine((value) => value <= 65_535, { error: 'expected a port from 0 to 65535' });

const Variables = z.object({
  PORT: port.prefault('8080'),
  HOST: z.string().min(1, { error: 'expected an address to listen on' }).default('0.0.0.0'),
  OPS_PORT: port.prefault('8081'),
  OPS_HOST: z.string().min(1, { error: 'expected an address to listen on' }).default('127.0.0.1'),
  OPS_TOKEN: z
    .string()
    .regex(/^[\x21-\x7e]{16,}$/, { error: 'expected sixteen characters or more, without spaces' })
    .optional(),
  OPS_HOSTS: z
    .string()
    .regex(/^[a-z0-9.-]+(,[a-z0-9.-]+)*$/, { error: 'expected names in lower case, with commas between them' })
    .transform((names) => names.split(','))
    .optional(),
  GATEWAY_CONFIG: z.string().min(1, { error: 'expected the path of a configuration' }).default('gateway.yaml'),
  DATA_DIR: z.string().min(1, { error: 'expected the path of a folder' }).default('.data'),
  REDIS_URL: z
    .string()
    .refine((text) => /^rediss?:$/.test(URL.parse(text)?.protocol ?? ''), { error: 'expected an address like "redis://127.0.0.1:6379"' })
    .optional(),
  WORKERS: z
    .string()
    .regex(/^[1-9]\d{0,2}$/, { error: 'expected a number of processes from 1 to 999' })
    .transform(Number)
    .prefault('1'),
  REDIS_HMAC_KEY: z.string().min(16, { error: 'expected sixteen characters or more' }).optional(),
  SIGNING_KEY: z.string().min(1, { error: 'expected a private key as a JWK (RFC 7517)' }).optional(),
  LOG_LEVEL: z
    .enum(['silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace'], {
      error: 'expected a level of the log: silent, fatal, error, warn, info, debug or trace',
    })
    .default('info'),
  DRAIN_MS: z
    .string()
    .regex(/^\d{1,6}$/, { error: 'expected milliseconds' })
    .transform(Number)
    .prefault('500'),
});

/** The addresses that only this machine reaches. */
const LOOPBACK = ['127.0.0.1', '::1', 'localhost'];

/** What the process is told by its environment. Credentials are read where `gateway.yaml` names their variables. */
export interface Env {
  readonly port: number;
  readonly host: string;
  readonly opsPort: number;
  readonly opsHost: string;
  /** What requests to the ops port have to show; undefined: nothing, since only this machine reaches it. */
  readonly opsToken: string | undefined;
  /** What the ops port is called besides the names of the loopback address. */
  readonly opsHosts: readonly string[];
  readonly config: string;
  /** How many processes answer on the same ports. */
  readonly workers: number;
  /** The Redis that replicas share; undefined: everything is in memory. */
  readonly redisUrl: string | undefined;
  /** Seals what is kept in Redis. */
  readonly redisHmacKey: string | undefined;
  /** The private key, as a JWK, that tokens for products are signed with; undefined: one of our own, in the data folder. */
  readonly signingKey: string | undefined;
  /** Where the process keeps what has to survive it. */
  readonly dataDir: string;
  readonly logLevel: string;
  /** How long readiness says 503 before the port closes, so that balancers look elsewhere first. */
  readonly drainMs: number;
}

/** An environment that the process can't run in. Each line names a variable, what was expected and what it holds. */
export class EnvError extends Error {
  override readonly name = 'EnvError';
}

/**
 * Reads the environment, once.
 * @throws EnvError naming every variable that is not well formed.
 */
export function readEnv(variables: Readonly<Record<string, string | undefined>>): Env {
  const parsed = Variables.safeParse(variables);
  if (!parsed.success)
    throw new EnvError(
      parsed.error.issues
        .map(({ path: [name], message }) => `environment ${String(name)}: ${message}, got ${shown(String(name), variables)}`)
        .join('\n'),
    );
  const {
    PORT,
    HOST,
    OPS_PORT,
    OPS_HOST,
    OPS_TOKEN,
    OPS_HOSTS = [],
    GATEWAY_CONFIG,
    DATA_DIR,
    WORKERS,
    REDIS_URL,
    REDIS_HMAC_KEY,
    SIGNING_KEY,
    LOG_LEVEL,
    DRAIN_MS,
  } = parsed.data;
  if (OPS_TOKEN === undefined && !LOOPBACK.includes(OPS_HOST))
    throw new EnvError(
      `environment OPS_HOST: expected a loopback address (${LOOPBACK.join(', ')}), got "${OPS_HOST}"; to listen elsewhere set OPS_TOKEN, which every request has to show`,
    );
  if (WORKERS > 1 && REDIS_URL === undefined)
    throw new EnvError(
      `environment WORKERS: expected 1, got "${WORKERS}"; to run more than one set REDIS_URL, by which limits, purges and knobs hold in all of them`,
    );
  return {
    port: PORT,
    host: HOST,
    opsPort: OPS_PORT,
    opsHost: OPS_HOST,
    opsToken: OPS_TOKEN,
    opsHosts: OPS_HOSTS,
    config: GATEWAY_CONFIG,
    workers: WORKERS,
    dataDir: DATA_DIR,
    redisUrl: REDIS_URL,
    redisHmacKey: REDIS_HMAC_KEY,
    signingKey: SIGNING_KEY,
    logLevel: LOG_LEVEL,
    drainMs: DRAIN_MS,
  };
}

/** Variables that may hold a secret: what they hold is never shown. */
const SECRET: ReadonlySet<string> = new Set(['OPS_TOKEN', 'REDIS_URL', 'REDIS_HMAC_KEY', 'SIGNING_KEY']);

const shown = (name: string, variables: Readonly<Record<string, string | undefined>>): string =>
  SECRET.has(name) ? 'something else (not shown: it may be a secret)' : JSON.stringify(variables[name]);
