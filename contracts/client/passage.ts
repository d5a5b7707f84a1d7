/** The headers of a request that came in: as `fetch` has them, or as Node's servers do, their names in lower case. */
export type IncomingHeaders = Pick<Headers, 'get'> | Readonly<Record<string, string | readonly string[] | undefined>>;

/** The header that says how many milliseconds the caller still waits. */
export const TIME_LEFT_HEADER = 'x-request-timeout-ms';

/** The header that brings a product the token of the user for whom it is asked. */
export const USER_TOKEN_HEADER = 'x-user-token';

/** Whole milliseconds, in eight digits at most: about a day. */
const TIME_LEFT = /^[1-9]\d{0,7}$/;

/** What a request that is being answered has the calls say and keep to that help to answer it. */
interface Passage {
  /** The way it came, `cdn-loop` (RFC 8586) and `via` (RFC 9110, 7.6.3): by them it is seen that it goes round in a circle. */
  readonly way: Readonly<Record<string, string>>;
  /** The trace that it belongs to. */
  readonly traceparent: string | undefined;
  /** For which user it is asked: the token that came along for the product, which it hands back to the gateway. */
  readonly token: string | undefined;
  /** How long its caller waits, in milliseconds; Infinity where it did not say. */
  readonly waitsMs: number;
}

/** What goes on of a request's headers; the rest of them was for whom they came to. */
export function passageOf(incoming: IncomingHeaders = {}): Passage {
  const way: Record<string, string> = {};
  for (const name of ['cdn-loop', 'via']) {
    const value = valueOf(incoming, name);
    if (value !== undefined) way[name] = value;
  }
  const waits = valueOf(incoming, TIME_LEFT_HEADER);
  return {
    way,
    traceparent: valueOf(incoming, 'traceparent'),
    token: valueOf(incoming, USER_TOKEN_HEADER),
    waitsMs: waits !== undefined && TIME_LEFT.test(waits) ? Number(waits) : Infinity,
  };
}

function valueOf(headers: IncomingHeaders, name: string): string | undefined {
  const value = isFetchs(headers) ? (headers.get(name) ?? undefined) : headers[name];
  return typeof value === 'object' ? value.join(', ') : value;
}

const isFetchs = (headers: IncomingHeaders): headers is Pick<Headers, 'get'> => typeof headers.get === 'function';
