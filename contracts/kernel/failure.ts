/** What a kind of failure leads to: one row of the table of failures. */
interface Consequence {
  /** What happened, for a person. */
  readonly title: string;
  /** The status of the whole answer where a required part fails so. 499 is for the log only: the caller has left. */
  readonly status: number;
  /** Whether a circuit breaker counts it against the product. */
  readonly breaks: boolean;
  /** Whether a repeatable operation may be tried again. */
  readonly retryable: boolean;
  /** Whether a stale entry may be served in its place. */
  readonly staleMayServe: boolean;
}

const row = (title: string, status: number, breaks: boolean, retryable: boolean, staleMayServe: boolean): Consequence => ({
  title,
  status,
  breaks,
  retryable,
  staleMayServe,
});

/** The one table of failures: every expected trouble of a call to a product, and what it leads to. */
export const failures = {
  //                                                                      status breaks retryable staleMayServe
  timeout: row('The product was out of time', /*                        */ 504, true, true, true),
  unreachable: row('The product could not be reached', /*               */ 502, true, true, true),
  malformed: row('The product sent something that is not an answer', /* */ 502, true, false, true),
  error: row('The product had an error of its own', /*                  */ 502, true, true, true),
  declared: row('The product gave an error that its contract names', /* */ 502, false, false, false),
  refused: row('The product refused the call', /*                       */ 502, false, false, false),
  throttled: row('The product asked to be called less', /*              */ 503, false, false, true),
  contract: row('A field that is read broke its contract', /*           */ 502, false, false, true),
  open: row('The breaker of the product is open', /*                    */ 503, false, false, true),
  limited: row('The limit toward the product is used up', /*            */ 503, false, false, true),
  busy: row('Too many calls to the product are in flight', /*           */ 503, false, false, true),
  budget: row('The request made more product calls than it may', /*     */ 503, false, false, false),
  cancelled: row('Nobody waits for the answer any more', /*             */ 499, false, false, false),
} as const satisfies Record<string, Consequence>;

/** The kinds of expected trouble. */
export type FailureKind = keyof typeof failures;

/** All kinds, in the order of the table. */
export const failureKinds = Object.keys(failures) as [FailureKind, ...FailureKind[]];

/** Expected trouble of one call to a product: a value, never thrown by a layer. */
export interface Failure {
  readonly kind: FailureKind;
  readonly product: string;
  readonly version: number;
  readonly operation: string;
  /** What was expected and what came; safe to show to a caller: it never holds a product's bytes or an inner address. */
  readonly message: string;
  /** `declared`: the name that the contract gives the error. */
  readonly error?: string;
  /** The status that the product answered with, where it did. */
  readonly status?: number;
  /** `contract`: the fields that broke, as dotted paths of the contract (`items.price`). */
  readonly fields?: readonly string[];
  /** Seconds after which a new try makes sense. */
  readonly retryAfter?: number;
  /** What lay beneath, for the log alone. */
  readonly cause?: unknown;
}
