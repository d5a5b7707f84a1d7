import type { FailureKind } from '#contracts/kernel/index.js';
import type { StopReason } from './cancellation.js';

/** Why an exchange gave no reply: a kind of failure and words that a caller may read. */
export class ExchangeError extends Error {
  override readonly name = 'ExchangeError';
  constructor(
    readonly kind: FailureKind,
    message: string,
    cause?: unknown,
    /** Whether a kept connection was closed before a byte of an answer came: what it tells is of the connection, not of the product. */
    readonly stale = false,
  ) {
    super(message, { cause });
  }
}

/** The exchange was given up for a reason of ours. */
export const stopped = (reason: StopReason): ExchangeError =>
  reason === 'timeout' ? new ExchangeError('timeout', 'did not answer in time') : new ExchangeError('cancelled', 'was given up');

/** The body is larger than an answer may be, as it came or once decoded. */
export const tooLarge = (limit: number): ExchangeError =>
  new ExchangeError('malformed', `sent more than the ${limit} bytes that an answer may have`);

type Meaning = readonly [sign: RegExp, kind: FailureKind, message: string];

/** What broke the protocol, whether an answer had begun or not. */
const protocol: readonly Meaning[] = [
  [/^UND_ERR_HEADERS_OVERFLOW|^ERR_WIRE_HEAD_TOO_LARGE/, 'malformed', 'sent headers that are too large'],
  [/^HPE_|^HTTPParserError|^ERR_WIRE_BROKEN/, 'malformed', 'sent broken HTTP'],
  [/^UND_ERR_RES_CONTENT_LENGTH_MISMATCH/, 'malformed', 'sent another length than it announced'],
  [/^ERR_ASSERTION/, 'malformed', 'sent broken HTTP'], // undici's own checks of what the parser gives it
  [/^UND_ERR_SOCKET bad |^ERR_WIRE_UNASKED/, 'malformed', 'sent a response that was not asked for'],
];

/** What ended an answer that had begun: whatever is not named here broke it off. */
const midway: readonly Meaning[] = [
  [/^ECONNRESET/, 'unreachable', 'closed the connection'],
  [/^/, 'malformed', 'broke off in the middle of its answer'],
];

/** What kept an answer from beginning. */
const before: readonly Meaning[] = [
  [/^UND_ERR_CONNECT_TIMEOUT|^ERR_WIRE_CONNECT_TIMEOUT|^ETIMEDOUT/, 'unreachable', 'could not be connected to in time'],
  [/^ECONNREFUSED/, 'unreachable', 'refused the connection'],
  [/^ENOTFOUND|^EAI_AGAIN/, 'unreachable', 'has a name that does not resolve'],
  [/^ECONNRESET|^EPIPE|^UND_ERR_SOCKET|^ERR_WIRE_CLOSED/, 'unreachable', 'closed the connection'],
  [/^CERT_|SELF_SIGNED|^UNABLE_TO_|^HOSTNAME_MISMATCH|^ERR_TLS_CERT/, 'unreachable', 'has a certificate that is not trusted'],
  [/^ERR_SSL|^ERR_TLS|^EPROTO/, 'unreachable', 'could not agree on TLS'],
  [/^/, 'unreachable', 'could not be reached'],
];

/** What a library's error means. An unknown one is a product that can't be reached, or, once an answer began, a broken answer. */
export function errorOf(error: unknown, answering: boolean): ExchangeError {
  if (error instanceof ExchangeError) return error;
  const sign = signOf(error);
  for (const [pattern, kind, message] of [...protocol, ...(answering ? midway : before)])
    if (pattern.test(sign)) return new ExchangeError(kind, message, error);
  return new ExchangeError('unreachable', 'could not be reached', error);
}

/** The code of an error, or its name where it has none (`HTTPParserError` may have none), then its message. */
function signOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return '';
  const code = 'code' in error && typeof error.code === 'string' ? error.code : 'name' in error ? String(error.name) : '';
  return `${code} ${'message' in error ? String(error.message) : ''}`;
}
