import { AxiosHeaders, type AxiosAdapter, type AxiosInstance, type AxiosResponse, type InternalAxiosRequestConfig } from 'axios';
import type { Headers, Reply } from './answer.js';
import type { Cancellation, StopReason } from './cancellation.js';
import { type Request, exchange } from './exchange.js';
import { stopped } from './exchange-error.js';
import type { Target } from './target.js';

/** What our adapter needs besides axios' own config; it travels with the config through every interceptor. */
interface Route {
  readonly target: Target;
  readonly cancellation: Cancellation;
  readonly sent: () => void;
  readonly repeatable: boolean;
}

const routes = new WeakMap<AbortSignal, Route>();

/**
 * An axios adapter over the clients of the targets: what an interceptor changed (path, headers, body) is what goes out. It serves only calls
 * that `throughAxios` makes; axios then is a place for interceptors, not a client of its own.
 */
export const undiciAdapter: AxiosAdapter = async (config: InternalAxiosRequestConfig): Promise<AxiosResponse> => {
  const route = config.signal instanceof AbortSignal ? routes.get(config.signal) : undefined;
  if (!route) throw new TypeError('this axios instance only carries calls to products: inject HttpService elsewhere for other calls');
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(config.headers.toJSON()))
    if (value !== null && value !== undefined) headers[name.toLowerCase()] = String(value);
  const body: unknown = config.data;
  const request: Request = {
    method: (config.method ?? 'get').toUpperCase(),
    path: config.url ?? '/',
    headers,
    body: typeof body === 'string' ? body : body === undefined || body === null ? undefined : JSON.stringify(body),
    repeatable: route.repeatable,
  };
  const reply = await exchange(route.target, request, route.cancellation, route.sent);
  return {
    data: reply.body,
    status: reply.status,
    statusText: '',
    headers: axiosHeaders(reply.headers),
    config,
  };
};

function axiosHeaders(headers: Headers): AxiosHeaders {
  const own = new AxiosHeaders();
  for (const [name, value] of Object.entries(headers)) if (value !== undefined) own.set(name, value);
  return own;
}

/** Whether anybody registered an interceptor, so that calls have to pass through axios. */
export function hasInterceptors(http: AxiosInstance): boolean {
  return count(http.interceptors.request) + count(http.interceptors.response) > 0;
}

// axios keeps removed handlers as null, and types none of it.
const count = (manager: object): number =>
  'handlers' in manager && Array.isArray(manager.handlers) ? manager.handlers.filter((handler) => handler !== null).length : 0;

/**
 * Makes an exchange through axios, so that its interceptors see the request and the reply. Costs about twice a direct one.
 * An interceptor may take its time, but no longer than the cancellation allows.
 * @throws ExchangeError, or what an interceptor throws
 */
export async function throughAxios(
  http: AxiosInstance,
  target: Target,
  request: Request,
  cancellation: Cancellation,
  sent: () => void,
): Promise<Reply> {
  const { signal } = new AbortController(); // only the key under which the adapter finds the route: the cancellation does the rest
  routes.set(signal, { target, cancellation, sent, repeatable: request.repeatable });
  const requested = http.request<unknown>({
    adapter: undiciAdapter,
    url: request.path,
    method: request.method,
    headers: { ...request.headers },
    data: request.body,
    signal,
    responseType: 'arraybuffer',
    maxRedirects: 0,
    validateStatus: () => true,
    transformRequest: (data: unknown) => data,
    transformResponse: (data: unknown) => data,
  });
  const response = await unlessStopped(requested, cancellation);
  return { status: response.status, headers: plain(response.headers), body: bytes(response.data) };
}

function unlessStopped<T>(pending: Promise<T>, cancellation: Cancellation): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const waiting = { stop: (reason: StopReason): void => reject(stopped(reason)) };
    cancellation.on(waiting);
    pending.then(resolve, reject).finally(() => cancellation.off(waiting));
  });
}

function plain(headers: AxiosResponse['headers']): Headers {
  const lower: Record<string, string | string[] | undefined> = {};
  for (const [name, value] of Object.entries(headers)) lower[name.toLowerCase()] = Array.isArray(value) ? value.map(String) : String(value);
  return lower;
}

/** An interceptor may have put an object or a text in the place of the bytes. */
function bytes(data: unknown): Buffer {
  if (Buffer.isBuffer(data)) return data;
  return Buffer.from(typeof data === 'string' ? data : JSON.stringify(data ?? null));
}
