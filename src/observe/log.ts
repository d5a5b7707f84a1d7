import { type DestinationStream, type Logger, pino, stdTimeFunctions } from 'pino';

export type { Logger } from 'pino';

/** What never stands in a line, wherever it comes from. */
const SECRETS = ['authorization', 'cookie', 'set-cookie', 'password', 'secret', 'token', 'apiKey', 'credential'];

/** Structured lines of JSON, one per event. Secrets are cut out at the first three depths; errors are `err`, with nothing that a library hung on them. `base` stands in each line. */
export function makeLog(level: string, destination?: DestinationStream, base?: Readonly<Record<string, unknown>>): Logger {
  const paths = SECRETS.flatMap((key) => [`["${key}"]`, `*["${key}"]`, `*.*["${key}"]`]);
  const options = {
    level,
    base,
    timestamp: stdTimeFunctions.isoTime,
    redact: { paths, censor: '[redacted]' },
    serializers: { err: told },
  };
  return destination ? pino(options, destination) : pino(options);
}

/** The same log for lines whose every field is one of ours: there is nothing to cut out, and looking for it costs as much as the line. */
export const unredacted = (log: Logger): Logger => log.child({}, { redact: { paths: [], censor: '[redacted]' } });

/** What a line tells of an error. Not its other properties: axios hangs the whole request there, credential included. */
function told(error: unknown): unknown {
  if (error === undefined) return undefined;
  if (!Error.isError(error)) return { type: typeof error, message: typeof error === 'string' ? error : 'thrown, and no error' };
  const { name, message, stack, cause } = error;
  const code = 'code' in error ? error.code : undefined;
  return { type: name, message, stack, code, cause: told(cause) };
}

/**
 * Lets a repeated line through once a second for each key and counts the others, so that a broken field of a busy
 * product names itself without drowning the log. Keys are bounded by contracts.
 */
export class Sparingly {
  readonly #seen = new Map<string, { until: number; silenced: number }>();

  /** How many lines of this key were held back since the last, or undefined where this one is to be held back too. */
  admit(key: string, now: number): number | undefined {
    const seen = this.#seen.get(key);
    if (seen && now < seen.until) {
      seen.silenced++;
      return undefined;
    }
    this.#seen.set(key, { until: now + 1000, silenced: 0 });
    return seen?.silenced ?? 0;
  }
}
