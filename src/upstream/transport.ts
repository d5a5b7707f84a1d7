import type { AxiosInstance } from 'axios';
import { nameOf } from '#contracts/kernel/index.js';
import { hasInterceptors, throughAxios } from './axios-adapter.js';
import type { Clock } from '../clock.js';
import type { Reply } from './answer.js';
import type { Call } from './call.js';
import { Attempt } from './deadline.js';
import type { Transport, Transported } from './decode.js';
import { failureOf } from './endpoint.js';
import { type Request, exchange } from './exchange.js';
import { ExchangeError } from './exchange-error.js';
import { mayBeShared } from './key.js';

/** The header that says how many milliseconds are left until nobody waits for the answer: from a consumer to the gateway, from there to a product. */
export const TIME_LEFT_HEADER = 'x-request-timeout-ms';

/**
 * What a product is told of who asks, as headers of ours. Of a call whose answer is everybody's it is told nothing: what it
 * does not know can't change what it says.
 */
export type Forward = (call: Call) => Told | undefined | Promise<Told | undefined>;
/** Headers of ours. */
export type Told = Readonly<Record<string, string>>;

/**
 * Carries a call to its product: the outgoing request is built anew, so nothing of a caller's goes along but what the
 * contract names. Directly where nobody intercepts, through `@nestjs/axios`' instance where somebody does.
 */
export const transport = (http: AxiosInstance, clock: Clock, forward: Forward = () => undefined): Transport =>
  function transport(call) {
    const told = call.endpoint.operation.dependsOn === 'public' ? undefined : forward(call);
    return told instanceof Promise ? told.then((known) => send(http, clock, call, known)) : send(http, clock, call, told);
  };

function send(http: AxiosInstance, clock: Clock, call: Call, told: Told | undefined): PromiseLike<Transported> {
  const { endpoint, cancellation } = call;
  const request = requestOf(call, clock, told);
  const sent = (): void => {
    if (cancellation instanceof Attempt) cancellation.sent = true;
  };
  const come = (reply: Reply): Transported => ({ ok: true, reply });
  const broken = (error: unknown): Transported => {
    if (!(error instanceof ExchangeError)) throw error;
    const message = `${nameOf(endpoint.operation)} ${error.message}`;
    return { ok: false, failure: failureOf(endpoint, error.kind, message, { cause: error.cause }) };
  };
  return hasInterceptors(http)
    ? throughAxios(http, endpoint.target, request, cancellation, sent).then(come, broken)
    : exchange(endpoint.target, request, cancellation, sent).after(come, broken);
}

function requestOf(call: Call, clock: Clock, told: Told | undefined): Request {
  const { endpoint, outgoing, scope, conditions } = call;
  const headers: Record<string, string> = {
    ...outgoing.headers,
    ...conditions,
    ...scope.passage,
    ...told,
    accept: 'application/json',
    'accept-encoding': 'identity',
    traceparent: scope.traceparent,
    'x-request-id': scope.requestId,
    [TIME_LEFT_HEADER]: String(Math.max(1, Math.floor(timeLeftMs(call, clock)))),
  };
  if (outgoing.body !== undefined) headers['content-type'] = 'application/json';
  if (endpoint.target.authorization !== undefined) headers['authorization'] = endpoint.target.authorization;
  const { wire, repeatable } = endpoint.operation;
  return { method: wire.method.toUpperCase(), path: outgoing.path, headers, body: outgoing.body, repeatable };
}

/**
 * How long somebody waits for the answer: as long as the operation's deadline says, or less where the request that makes
 * the call has less left. What others may wait for too does not end with that request.
 */
function timeLeftMs(call: Call, clock: Clock): number {
  const { deadlineMs } = call.policy;
  return mayBeShared(call) ? deadlineMs : Math.min(deadlineMs, call.scope.deadlineAt - clock.now());
}
