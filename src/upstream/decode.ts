import { isUtf8 } from 'node:buffer';
import { type ErrorStatuses, type Failure, nameOf } from '#contracts/kernel/index.js';
import { lately } from '../lately.js';
import { type Outcome, type Reply, answered, failed } from './answer.js';
import type { Call, Layer } from './call.js';
import { received } from './checked.js';
import { type Endpoint, failureOf } from './endpoint.js';
import { after } from './eventual.js';
import { Said } from './said.js';

/** What a transport gives: the product's reply, or why there is none. */
export type Transported = { readonly ok: true; readonly reply: Reply } | { readonly ok: false; readonly failure: Failure };

/** One exchange with a product: sends the call, gives the reply. It ends as soon as the call's cancellation says so. */
export type Transport = (call: Call) => PromiseLike<Transported>;

/** The longest wait, in seconds, that a product can ask for. */
const LONGEST_WAIT = 3600;

/**
 * The innermost layer: has the transport make the exchange and turns the reply into an answer or a failure, by the
 * contract's declared errors and the table of failures. Nothing of a failed reply's body is passed on.
 *
 * JSON is read as ECMAScript reads it: of a key that stands twice the last counts, a number is the nearest double (too
 * large for one, it is refused by the contract's number types; an integer that is not exact, by `z.int()`), and a lone
 * surrogate that is escaped stays. Bytes that are not UTF-8 are no answer.
 */
export const decode = (transport: Transport): Layer =>
  function decode(call) {
    return after(transport(call), (transported) => {
      if (!transported.ok) return failed(transported.failure);
      const { reply } = transported;
      if (reply.status === 304 && call.conditions) return answered(received(304, reply.headers, undefined));
      return reply.status >= 200 && reply.status < 300 ? success(call.endpoint, reply) : trouble(call.endpoint, reply);
    });
  };

function success(endpoint: Endpoint, reply: Reply): Outcome {
  if (reply.body.length === 0) return answered(received(reply.status, reply.headers, undefined));
  if (endpoint.operation.output.def.type === 'undefined') return answered(received(reply.status, reply.headers, undefined));
  const parsed = json(reply);
  if ('broken' in parsed)
    return failed(
      failureOf(endpoint, 'malformed', `${nameOf(endpoint.operation)} answered ${reply.status} with ${parsed.broken}; expected JSON`, {
        status: reply.status,
      }),
    );
  return answered(received(reply.status, reply.headers, parsed.value, parsed.said));
}

function json(reply: Reply): { readonly value: unknown; readonly said: Said } | { readonly broken: string } {
  const type = header(reply, 'content-type');
  if (type !== undefined && !isJson(type)) return { broken: 'another content type' };
  if (!isUtf8(reply.body)) return { broken: 'bytes that are not UTF-8' };
  try {
    const text = reply.body.toString('utf8');
    return { value: JSON.parse(text) as unknown, said: new Said(text, reply.body) };
  } catch {
    return { broken: 'a body that is not JSON' };
  }
}

const isJson = lately((type: string) => /^application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i.test(type));

function trouble(endpoint: Endpoint, reply: Reply): Outcome {
  const { status } = reply;
  const { errors } = endpoint.operation;
  const declared = declaredError(errors, reply);
  const name = nameOf(endpoint.operation);
  const retryAfter = retryAfterOf(reply);
  if (declared !== undefined)
    return failed(
      failureOf(endpoint, 'declared', `${name} answered ${declared}`, {
        error: declared,
        status,
        ...(retryAfter === undefined ? {} : { retryAfter }),
      }),
      reply.headers,
    );
  if (status === 429 || (status === 503 && retryAfter !== undefined))
    return failed(failureOf(endpoint, 'throttled', `${name} asked to be called less (${status})`, { status, retryAfter: retryAfter ?? 1 }));
  if (status === 408) return failed(failureOf(endpoint, 'timeout', `${name} gave up waiting for the request (408)`, { status }));
  if (status >= 500) return failed(failureOf(endpoint, 'error', `${name} answered ${status}`, { status }));
  if (status === 401 || status === 403)
    return failed(failureOf(endpoint, 'refused', `${name} refused our credential (${status})`, { status }));
  if (status >= 400)
    return failed(failureOf(endpoint, 'refused', `${name} refused the call (${status}), which its contract does not name`, { status }));
  return failed(failureOf(endpoint, 'malformed', `${name} answered ${status}; expected an answer, not a redirect`, { status }));
}

/** Which declared error a reply is: by its status, and by the `code` in its body where several share that status. */
function declaredError(errors: ErrorStatuses, reply: Reply): string | undefined {
  const named = Object.keys(errors).filter((error) => errors[error] === reply.status);
  if (named.length <= 1) return named[0];
  const parsed = json(reply);
  const code =
    'value' in parsed && typeof parsed.value === 'object' && parsed.value !== null && 'code' in parsed.value
      ? parsed.value.code
      : undefined;
  return named.find((error) => error === code);
}

function header(reply: Reply, name: string): string | undefined {
  const value = reply.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

/** A date as HTTP writes it. `Date.parse` alone takes nearly anything for one: `-5`, `1.5`. */
const HTTP_DATE = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*, .+ GMT$/;
const dateOf = (text: string | undefined): number => (text !== undefined && HTTP_DATE.test(text) ? Date.parse(text) : Number.NaN);

/** Seconds, from either form of `Retry-After` (RFC 9110, 10.2.3), capped; a date counts from the reply's own `Date`. */
function retryAfterOf(reply: Reply): number | undefined {
  const value = header(reply, 'retry-after')?.trim();
  if (value === undefined) return undefined;
  const seconds = /^\d+$/.test(value) ? Number(value) : Math.ceil((dateOf(value) - dateOf(header(reply, 'date'))) / 1000);
  return Number.isNaN(seconds) ? undefined : Math.min(Math.max(0, seconds), LONGEST_WAIT);
}
