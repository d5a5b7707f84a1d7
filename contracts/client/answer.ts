import type { ErrorStatuses, FailureKind, InputIssue, Need, PartStates, Problem } from '../kernel/index.js';

/** Why there is no answer: expected trouble, as a value. */
export interface ClientFailure {
  /**
   * A row of the table of failures, as the gateway names it; `timeout`, `unreachable`, `malformed` and `cancelled` also
   * for the way to the gateway, `contract` also for an answer that breaks the contract which this client was built with.
   */
  readonly kind: FailureKind;
  /** What was expected and what came. */
  readonly message: string;
  /** The product whose answer is missing. */
  readonly product?: string;
  /** The part of a composed answer that could not be had. */
  readonly part?: string;
  /** `declared`: the name that the contract gives the error. */
  readonly error?: string;
  /** The status that came; left out where no answer came. */
  readonly status?: number;
  /** `contract`: the fields that broke, as dotted paths of the contract. */
  readonly fields?: readonly string[];
  /** `refused` for what was asked: what is wrong with the input, place by place. There only in that case. */
  readonly issues?: readonly InputIssue[];
  /** Seconds after which a new try makes sense. */
  readonly retryAfter?: number;
  /** The trace to look for in the gateway's logs. */
  readonly traceId?: string;
  /** What lay beneath, for logs alone. */
  readonly cause?: unknown;
}

/** A call without an answer. */
export interface Failed {
  readonly ok: false;
  readonly error: 'failed';
  readonly failure: ClientFailure;
}

/** The errors that a contract declares, told apart by `error`; each knows its status. */
export type Declared<E extends ErrorStatuses> = {
  [K in keyof E & string]: { readonly ok: false; readonly error: K; readonly status: E[K]; readonly problem?: Problem };
}[keyof E & string];

/**
 * What a call to a product gives. `required`: the value, a declared error or a failure. `optional`: besides, `undefined`
 * where the product says that there is none. `fallback`: the value or its stand-in, with the `failure` that it stands
 * in for; fails only where the caller has left.
 */
export type PartAnswer<T, E extends ErrorStatuses, N extends Need> = N extends 'fallback'
  ? { readonly ok: true; readonly value: T; readonly failure?: ClientFailure } | Failed
  : { readonly ok: true; readonly value: N extends 'optional' ? T | undefined : T } | Declared<E> | Failed;

/** What a call to a composed route gives: the data and what became of each part, a declared error or a failure. */
export type RouteAnswer<T, E extends ErrorStatuses, P extends string> =
  | { readonly ok: true; readonly data: T; readonly complete: boolean; readonly parts: PartStates<P> }
  | Declared<E>
  | Failed;

/** An answer whose types are no longer known; `body` is what the use makes of a success. */
export type Outcome =
  | { readonly ok: true; readonly body: unknown }
  | { readonly ok: false; readonly error: string; readonly status: number; readonly problem: Problem | undefined; readonly message: string }
  | Failed;

/** A failure as an answer. */
export const failed = (failure: ClientFailure): Failed => ({ ok: false, error: 'failed', failure });

/** What is known of a call before its answer. */
export type About = Pick<ClientFailure, 'product' | 'traceId'>;
