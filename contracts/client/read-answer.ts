import { type FailureKind, Problem, failureKinds } from '../kernel/index.js';
import { type About, type Outcome, failed } from './answer.js';
import type { Use } from './use.js';

/** An HTTP answer, its body read. */
export interface Received {
  /** 0 where a browser hides a redirect. */
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** Turns what came into a checked body, a declared error or a failure. `now` is a date in milliseconds. */
export function readAnswer(use: Use, received: Received, about: About, now: number): Outcome {
  const { status } = received;
  return status >= 200 && status < 300 ? readSuccess(use, received, about) : readError(use, received, about, now);
}

function readSuccess(use: Use, { status, headers, text }: Received, about: About): Outcome {
  const body = use.hasBody && text !== '' ? parsed(text) : { value: undefined };
  if (body === undefined)
    return failed({
      kind: 'malformed',
      message: `${use.name}: expected JSON, got ${headers.get('content-type') ?? 'a body without a type'}`,
      ...about,
      status,
    });
  const checked = use.check(body.value);
  if (checked.ok) return { ok: true, body: checked.value };
  return failed({ kind: 'contract', message: `${use.name}: ${checked.message}`, fields: checked.fields, ...about, status });
}

function readError(use: Use, received: Received, about: About, now: number): Outcome {
  const { status } = received;
  const problem = Problem.safeParse(parsed(received.text)?.value).data;
  const message = problem?.detail ?? problem?.title ?? `${use.name}: expected a success, got ${status === 0 ? 'a redirect' : status}`;
  const error = declared(use, status, problem?.code);
  if (error !== undefined) return { ok: false, error, status, problem, message };
  const retryAfter = retryAfterOf(received.headers, now) ?? problem?.retryAfter;
  return failed({
    kind: kindOf(status, problem?.code, retryAfter),
    message,
    ...about,
    ...(problem?.product !== undefined && { product: problem.product }),
    ...(problem?.part !== undefined && { part: problem.part }),
    ...(status !== 0 && { status }),
    ...(problem?.errors && { issues: problem.errors }),
    ...(retryAfter !== undefined && { retryAfter }),
    ...(problem?.traceId !== undefined && { traceId: problem.traceId }),
  });
}

function parsed(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

/**
 * The declared error that came. Behind the gateway only a problem's code can say it: a 404 of something in between, or of
 * a wrong address, must not pass for "there is none".
 */
function declared({ errors, byStatus }: Use, status: number, code: string | undefined): string | undefined {
  if (code !== undefined && Object.hasOwn(errors, code) && errors[code] === status) return code;
  if (!byStatus) return undefined;
  const [name, another] = Object.keys(errors).filter((error) => errors[error] === status);
  return another === undefined ? name : undefined;
}

const isKind = (code: string | undefined): code is FailureKind => failureKinds.some((kind) => kind === code);

function kindOf(status: number, code: string | undefined, retryAfter: number | undefined): FailureKind {
  if (isKind(code)) return code;
  if (status < 400) return 'malformed';
  if (status === 408) return 'timeout';
  if (status === 429 || (status === 503 && retryAfter !== undefined)) return 'throttled';
  return status >= 500 ? 'error' : 'refused';
}

/** Seconds, from either form of `Retry-After` (RFC 9110, 10.2.3); a date counts from the answer's own `Date`, where a browser shows it. */
function retryAfterOf(headers: Headers, now: number): number | undefined {
  const value = headers.get('retry-after');
  if (value === null) return undefined;
  if (/^\d+$/.test(value)) return Number(value);
  // `Date.parse` alone takes "1.5" or "-5" for dates of 2001.
  const until = value.endsWith(' GMT') ? Date.parse(value) : Number.NaN;
  const from = Date.parse(headers.get('date') ?? '');
  return Number.isNaN(until) ? undefined : Math.max(0, (until - (Number.isNaN(from) ? now : from)) / 1000);
}
