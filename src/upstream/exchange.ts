import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate } from 'node:zlib';
import type { Dispatcher } from 'undici';
import type { FailureKind } from '#contracts/kernel/index.js';
import type { Headers, Reply } from './answer.js';
import type { Cancellation, StopReason } from './cancellation.js';
import type { Target } from './target.js';

/** A request with nothing left to decide but the address. */
export interface Request {
  readonly method: string;
  /** Path and query under the product's own prefix. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

/** Why an exchange gave no reply: a kind of failure and words that a caller may read. */
export class ExchangeError extends Error {
  override readonly name = 'ExchangeError';
  constructor(
    readonly kind: FailureKind,
    message: string,
    cause?: unknown,
  ) {
    super(message, { cause });
  }
}

/**
 * One HTTP exchange on undici's `dispatch`: no stream, no body object. Never follows a redirect. Gives up at once when
 * the cancellation says so, and closes the socket then.
 * @param sent is called when the request begins to go out
 * @throws ExchangeError, and nothing else
 */
export function exchange(target: Target, request: Request, cancellation: Cancellation, sent: () => void): Promise<Reply> {
  if (cancellation.reason !== undefined) return Promise.reject(stopped(cancellation.reason));
  const address = target.leastInFlight();
  address.inFlight++;
  const reply = new Promise<Reply>((resolve, reject) => {
    const handler = new Handler(target.maxAnswerBytes, cancellation, sent, resolve, reject);
    cancellation.on(handler.stop);
    try {
      address.pool.dispatch(
        {
          origin: address.origin,
          path: address.prefix + request.path,
          method: request.method,
          headers: request.headers,
          body: request.body ?? null,
        },
        handler,
      );
    } catch (error) {
      handler.onResponseError(undefined, error);
    }
  });
  return reply.finally(() => {
    address.inFlight--;
  });
}

const stopped = (reason: StopReason): ExchangeError =>
  reason === 'timeout' ? new ExchangeError('timeout', 'did not answer in time') : new ExchangeError('cancelled', 'was given up');

/** Collects one reply. */
class Handler implements Dispatcher.DispatchHandler {
  #controller: Dispatcher.DispatchController | undefined;
  #status = 0;
  #headers: Headers = {};
  #chunks: Buffer[] = [];
  #length = 0;
  #settled = false;

  constructor(
    readonly limit: number,
    readonly cancellation: Cancellation,
    readonly sent: () => void,
    readonly resolve: (reply: Reply) => void,
    readonly reject: (error: ExchangeError) => void,
  ) {}

  /** Ends the exchange for a reason of ours. */
  readonly stop = (reason: StopReason): void => {
    this.#fail(stopped(reason));
  };

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#settled) controller.abort(new Error('given up before it was sent'));
    else this.sent();
  }

  onResponseStart(_: Dispatcher.DispatchController, status: number, headers: Headers): void {
    if (status < 200) return;
    this.#status = status;
    this.#headers = headers;
    if (Number(headers['content-length']) > this.limit) this.#fail(tooLarge(this.limit));
  }

  onResponseData(_: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#length += chunk.length;
    if (this.#length > this.limit) this.#fail(tooLarge(this.limit));
    else this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    if (this.#settled) return;
    const [first] = this.#chunks;
    const body = first && this.#chunks.length === 1 ? first : Buffer.concat(this.#chunks, this.#length);
    const coding = this.#headers['content-encoding'];
    if (coding === undefined || coding === 'identity' || body.length === 0) this.#done(body);
    else
      decompress(coding, body, this.limit).then(
        (plain) => this.#done(plain),
        (error: unknown) =>
          this.#fail(
            error instanceof ExchangeError ? error : new ExchangeError('malformed', 'sent a body that does not decompress', error),
          ),
      );
  }

  onResponseError(_: Dispatcher.DispatchController | undefined, error: unknown): void {
    this.#fail(errorOf(error, this.#status !== 0));
  }

  #done(body: Buffer): void {
    if (this.#settled) return;
    this.#settle();
    this.resolve({ status: this.#status, headers: this.#headers, body });
  }

  #fail(error: ExchangeError): void {
    if (this.#settled) return;
    this.#settle();
    this.#chunks = [];
    this.reject(error);
    this.#controller?.abort(error);
  }

  #settle(): void {
    this.#settled = true;
    this.cancellation.off(this.stop);
  }
}

const tooLarge = (limit: number): ExchangeError =>
  new ExchangeError('malformed', `sent more than the ${limit} bytes that an answer may have`);

const codings: Readonly<Record<string, (body: Buffer, options: { maxOutputLength: number }) => Promise<Buffer>>> = {
  gzip: promisify(gunzip),
  'x-gzip': promisify(gunzip),
  deflate: promisify(inflate),
  br: promisify(brotliDecompress),
};

/** Undoes one content coding, never giving more than `limit` bytes: a bomb stops when it is one byte over. */
async function decompress(coding: string | string[], body: Buffer, limit: number): Promise<Buffer> {
  const decoder = typeof coding === 'string' ? codings[coding.trim().toLowerCase()] : undefined;
  if (!decoder) throw new ExchangeError('malformed', 'sent a content coding that was not asked for');
  try {
    return await decoder(body, { maxOutputLength: limit });
  } catch (error) {
    if (codeOf(error) === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(limit);
    throw error;
  }
}

const codeOf = (error: unknown): string => (typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '');
const nameOf = (error: unknown): string => (typeof error === 'object' && error !== null && 'name' in error ? String(error.name) : '');

/** What a library's error means. An unknown one is a product that can't be reached, or, once an answer began, a broken answer. */
function errorOf(error: unknown, answering: boolean): ExchangeError {
  if (error instanceof ExchangeError) return error;
  const code = codeOf(error);
  if (code === 'UND_ERR_CONNECT_TIMEOUT') return new ExchangeError('unreachable', 'could not be connected to in time', error);
  if (code === 'UND_ERR_HEADERS_OVERFLOW') return new ExchangeError('malformed', 'sent headers that are too large', error);
  if (code.startsWith('HPE_') || nameOf(error) === 'HTTPParserError') return new ExchangeError('malformed', 'sent broken HTTP', error);
  if (code === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH') return new ExchangeError('malformed', 'sent another length than it announced', error);
  if (answering && code !== 'ECONNRESET') return new ExchangeError('malformed', 'broke off in the middle of its answer', error);
  if (code === 'ECONNREFUSED') return new ExchangeError('unreachable', 'refused the connection', error);
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return new ExchangeError('unreachable', 'has a name that does not resolve', error);
  if (code === 'ECONNRESET' || code === 'EPIPE' || code === 'UND_ERR_SOCKET')
    return new ExchangeError('unreachable', 'closed the connection', error);
  if (
    code.startsWith('CERT_') ||
    code.startsWith('ERR_TLS') ||
    code.startsWith('ERR_SSL') ||
    code.includes('SELF_SIGNED') ||
    code.includes('UNABLE_TO_VERIFY')
  )
    return new ExchangeError('unreachable', 'has a certificate that is not trusted', error);
  return new ExchangeError('unreachable', 'could not be reached', error);
}
