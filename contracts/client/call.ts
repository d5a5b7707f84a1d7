import { type About, type Failed, type Outcome, failed } from './answer.js';
import { type Clock, pause } from './clock.js';
import type { Credentials } from './credentials.js';
import { type Ending, ending } from './ending.js';
import { type IncomingHeaders, TIME_LEFT_HEADER, passageOf } from './passage.js';
import { readAnswer } from './read-answer.js';
import type { Use } from './use.js';

/** What a call may be given besides its input. */
export interface CallOptions {
  /** Ends the call, which then fails as `cancelled`. */
  readonly signal?: AbortSignal;
  /** For this call, in place of the client's. */
  readonly deadlineMs?: number;
  /** The trace that the call belongs to (W3C Trace Context). */
  readonly traceparent?: string;
  /** Sent as `x-request-id`. */
  readonly requestId?: string;
  /** For which user: a token, in place of any other. */
  readonly token?: string;
  /**
   * The headers of the request that the call helps to answer. Of them go on: the way it came, so that a circle of products
   * is seen, its trace, for which user it is asked, and how long its caller waits, which the call does not outlast.
   */
  readonly answering?: IncomingHeaders;
}

/** The part of `fetch` that a client uses. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** What all calls of one client share. */
export interface Settings {
  readonly headers: Headers;
  readonly credentials: Credentials;
  readonly deadlineMs: number;
  readonly fetch: Fetch;
  readonly clock: Clock;
  readonly traceparent: () => string | undefined;
  readonly token: () => string | undefined;
  readonly answering: () => IncomingHeaders | undefined;
}

/**
 * Makes one call: at most two attempts, the second where the first was told when to come again and may be repeated.
 * Waiting, sending and reading the body all stand under the one deadline.
 */
export async function call(use: Use, settings: Settings, input: Readonly<Record<string, unknown>>, options: CallOptions): Promise<Outcome> {
  const outgoing = use.write(input);
  if ('message' in outgoing)
    return failed({ kind: 'refused', message: `${use.name}: ${outgoing.path}: ${outgoing.message}`, issues: [outgoing] });
  const passage = passageOf(options.answering ?? settings.answering());
  const traceparent = options.traceparent ?? passage.traceparent ?? settings.traceparent();
  const token = options.token ?? passage.token ?? settings.token();
  const headers = new Headers({
    ...outgoing.headers,
    ...passage.way,
    ...(token !== undefined && settings.credentials.token(token)),
    ...(outgoing.body !== undefined && { 'content-type': 'application/json' }),
  });
  settings.headers.forEach((value, name) => headers.set(name, value));
  if (traceparent !== undefined) headers.set('traceparent', traceparent);
  if (options.requestId !== undefined) headers.set('x-request-id', options.requestId);
  // A redirect would carry the call, and its credential, to where the contract does not say.
  const init: RequestInit = { method: use.method, redirect: 'manual', ...(outgoing.body !== undefined && { body: outgoing.body }) };

  const traceId = traceparent?.split('-')[1];
  const about: About = { ...(use.product !== undefined && { product: use.product }), ...(traceId !== undefined && { traceId }) };
  const end = ending(Math.min(options.deadlineMs ?? settings.deadlineMs, passage.waitsMs), settings.clock, options.signal);
  const exchange: Exchange = { use, settings, url: use.base + outgoing.path, headers, init: { ...init, signal: end.signal }, end, about };
  try {
    const first = await attempt(exchange);
    const waitMs = comeAgainMs(use, first);
    if (waitMs === undefined || waitMs >= end.leftMs()) return first;
    await pause(waitMs, settings.clock, end.signal);
    return await attempt(exchange);
  } finally {
    end.release();
  }
}

interface Exchange {
  readonly use: Use;
  readonly settings: Settings;
  readonly url: string;
  readonly headers: Headers;
  readonly init: RequestInit;
  readonly end: Ending;
  readonly about: About;
}

/** Sends once, with the time that is left now, and reads what comes. */
async function attempt(exchange: Exchange): Promise<Outcome> {
  const { use, settings, url, init, end, about } = exchange;
  if (end.by) return noAnswer(exchange, end.by);
  const headers = new Headers(exchange.headers);
  headers.set(TIME_LEFT_HEADER, String(Math.max(1, Math.floor(end.leftMs()))));
  let response: Response;
  try {
    response = await settings.fetch(url, { ...init, headers });
  } catch (cause) {
    return noAnswer(exchange, end.by ?? 'unreachable', cause);
  }
  let text: string;
  try {
    text = await response.text();
  } catch (cause) {
    return noAnswer(exchange, end.by ?? 'malformed', cause);
  }
  return readAnswer(use, { status: response.status, headers: response.headers, text }, about, settings.clock.date());
}

function noAnswer({ use, end, about }: Exchange, kind: 'timeout' | 'cancelled' | 'unreachable' | 'malformed', cause?: unknown): Failed {
  const messages = {
    timeout: `expected an answer within ${end.deadlineMs} ms`,
    cancelled: 'the caller left',
    unreachable: 'expected an answer, got no connection',
    malformed: 'expected a whole body, got a part of it',
  };
  return failed({ kind, message: `${use.name}: ${messages[kind]}`, ...about, ...(cause !== undefined && { cause }) });
}

/** After how many milliseconds the same call may be made again, where it was told so and may be repeated. */
function comeAgainMs(use: Use, outcome: Outcome): number | undefined {
  if (!use.repeatable || outcome.ok || !('failure' in outcome)) return undefined;
  const { status, retryAfter } = outcome.failure;
  return (status === 429 || status === 503) && retryAfter !== undefined ? retryAfter * 1000 : undefined;
}
