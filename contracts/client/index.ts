import type { z } from 'zod';
import type { AnyRoute, ErrorStatuses, Need, Part, Parts, Route } from '../kernel/index.js';
import type { PartAnswer, RouteAnswer } from './answer.js';
import { type CallOptions, type Fetch, type Settings, call } from './call.js';
import { type Clock, systemClock } from './clock.js';
import { credentials } from './credentials.js';
import type { IncomingHeaders } from './passage.js';
import { type At, ofPart, ofRoute } from './use.js';

export type { ClientFailure, Declared, Failed, PartAnswer, RouteAnswer } from './answer.js';
export type { CallOptions, Fetch } from './call.js';
export type { Clock, Timer } from './clock.js';
export type { IncomingHeaders } from './passage.js';
export type { At } from './use.js';

/** How long a call may take where nothing else is said. */
export const DEFAULT_DEADLINE_MS = 10_000;

/** What a client may call: parts of products (`auth.getUser.reads({ name: true })`) and composed routes, by names of your choice. */
export type Uses = Readonly<Record<string, Part<unknown, unknown, ErrorStatuses, Need> | AnyRoute>>;

/** How one use is called. The promise never rejects for expected trouble. */
export type Call<U> =
  U extends Part<infer I, infer T, infer E, infer N>
    ? (input: I, options?: CallOptions) => Promise<PartAnswer<T, E, N>>
    : U extends Route<infer I, infer O, infer E, infer P extends Parts>
      ? (input: z.input<I>, options?: CallOptions) => Promise<RouteAnswer<z.output<O>, E, keyof P & string>>
      : never;

/** One function per use. */
export type Client<U> = { readonly [K in keyof U]: Call<U[K]> };

/** Who calls, where, and what. */
export interface ClientOptions<U extends Uses> {
  /** The name of the caller, as its contract has it: a frontend's or a product's. The gateway knows it by `key` or `token`. */
  readonly consumer: string;
  /** Where the gateway (or the product) answers: `https://api.example.org`; in a browser also a path such as `/api`, or nothing for the page's own origin. */
  readonly baseUrl: string;
  readonly uses: U;
  /**
   * `product` calls straight on a product, for tests, as the gateway does: the key, which is then the product's, as
   * `Authorization: Bearer`, the user's token as `x-user-token`. Default: through the gateway.
   */
  readonly at?: At;
  /** Who calls: the consumer's own key, for what is not in everybody's hands (a browser has none). Sent as `x-api-key`. */
  readonly key?: string;
  /**
   * For which user, where the call or the request that it helps to answer does not say: a token, or what gives one, asked
   * at each call. Sent as `Authorization: Bearer`.
   */
  readonly token?: string | (() => string | undefined);
  /** For a whole call, a second attempt included. Default 10 s. */
  readonly deadlineMs?: number;
  /** The trace that calls belong to, asked for at each call. */
  readonly traceparent?: () => string | undefined;
  /** The headers of the request that calls help to answer, asked for at each call that does not name them (see `CallOptions`). */
  readonly answering?: () => IncomingHeaders | undefined;
  readonly fetch?: Fetch;
  readonly clock?: Clock;
}

/**
 * A typed client of the uses, on `fetch` alone: for Node and for browsers. What comes is validated for what is read and
 * no more. A repeatable call that is told when to come again (503 or 429 with `Retry-After`) does so once, within its deadline.
 * @throws TypeError where a name or a key can't be sent in a header, or `baseUrl` is no address.
 */
export function client<const U extends Uses>(options: ClientOptions<U>): Client<U> {
  const baseUrl = options.baseUrl.replace(/\/+$/, '');
  if (!/^(https?:\/\/[^/]|\/|$)/.test(options.baseUrl))
    throw new TypeError(`client: baseUrl: expected an http(s) address or a path, got "${options.baseUrl}"`);
  const at = options.at ?? 'gateway';
  const { key, token } = options;
  const settings: Settings = {
    headers: new Headers({ accept: 'application/json', ...(key !== undefined && credentials[at].key(key)) }),
    credentials: credentials[at],
    token: typeof token === 'function' ? token : () => token,
    deadlineMs: options.deadlineMs ?? DEFAULT_DEADLINE_MS,
    // Not the bare function: a browser's `fetch` refuses to be called as a method of something else.
    fetch: options.fetch ?? ((url, init) => fetch(url, init)),
    clock: options.clock ?? systemClock,
    traceparent: options.traceparent ?? (() => undefined),
    answering: options.answering ?? (() => undefined),
  };
  const calls: Record<string, (input: Readonly<Record<string, unknown>>, options?: CallOptions) => Promise<unknown>> = {};
  for (const [name, made] of Object.entries(options.uses)) {
    const use = 'need' in made ? ofPart(made, baseUrl, at) : ofRoute(made, baseUrl);
    calls[name] = async (input, callOptions = {}) => use.give(await call(use, settings, input, callOptions));
  }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the kind of use decides both what `give` makes of an outcome and what `Call` says
  return calls as Client<U>;
}
