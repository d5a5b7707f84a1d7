import { systemClock } from '../clock.js';
import { type DestinationStream, type Logger, destination, pino } from 'pino';

export type { Logger } from 'pino';

/** What never stands in a line, wherever it comes from. */
const SECRETS = ['authorization', 'cookie', 'set-cookie', 'password', 'secret', 'token', 'apiKey', 'credential'];

/** Structured lines of JSON, one per event. Secrets are cut out at the first three depths; errors are `err`, with nothing that a library hung on them. `base` stands in each line. */
export function makeLog(level: string, to?: DestinationStream, base?: Readonly<Record<string, unknown>>): Logger {
  const paths = SECRETS.flatMap((key) => [`["${key}"]`, `*["${key}"]`, `*.*["${key}"]`]);
  const options = {
    level,
    base,
    timestamp: isoTime,
    redact: { paths, censor: '[redacted]' },
    serializers: { err: told },
  };
  return pino(options, to ?? linesTo(1));
}

let [time, timeText] = [Number.NaN, ''];

/** The date as pino wants it (RFC 3339), written once for all lines of a millisecond. */
function isoTime(): string {
  const now = systemClock.date();
  if (now !== time) [time, timeText] = [now, `,"time":"${new Date(now).toISOString()}"`];
  return timeText;
}

/** What is said of each request. */
export const REQUEST = 'request';

/** How its line ends. */
const OF_REQUEST = `"msg":"${REQUEST}"}\n`;

/**
 * Where lines go: to a file, or to standard output. Those of requests are written a few kilobytes at a time, whole lines in each
 * piece, a tenth of a second late at the most: a write for each costs as much as a product call. Any other line goes out at once,
 * after those before it. A process that ends writes what is left; one that is killed loses that.
 */
export function linesTo(dest: 1 | string): DestinationStream {
  const lines = destination({ dest, sync: true, minLength: 2048, maxWrite: 4096, periodicFlush: 100 });
  process.on('exit', () => lines.flushSync());
  return {
    write(line) {
      lines.write(line);
      if (!line.endsWith(OF_REQUEST)) lines.flushSync();
    },
  };
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
