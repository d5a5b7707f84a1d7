import type { z } from 'zod';
import type { AnyPart, AnyRoute, ErrorStatuses, Frozen, Need, Part, Parts, Route } from '#contracts/kernel/index.js';
import type { Gather } from './gather.js';

/** A call of a part that is on its way. It was scheduled when it was called; awaiting only collects. */
export type Pending<T> = PromiseLike<T>;

/** How a composition calls a part: it takes the operation's input and gives what is read, or `undefined` where an optional part is missing. */
export type PartCall<P> =
  P extends Part<infer I, infer T, ErrorStatuses, infer N> ? (input: I) => Pending<N extends 'optional' ? T | undefined : T> : never;

/** Who asks, as far as it is proven: a frontend or product, and the user, as the issuer of its token names it. */
export interface Caller {
  readonly consumer: string | undefined;
  readonly user: string | undefined;
}

/** What `compose` is given besides its parts. */
export interface Given<I, E> {
  readonly input: I;
  readonly caller: Caller;
  /** Aborts when the answer is no longer wanted: for a composition that waits for other things than its parts. */
  readonly signal: AbortSignal;
  /** Collects parts, lists of parts and parts that were not called, all under way at once. */
  readonly gather: Gather;
  /** An error that the route declares: `throw fail('orderNotFound')`. */
  fail(error: E): Error;
}

/** Which declared error of a required part is which declared error of the route. What is not named travels under its own name and status. */
export type ErrorMap<U, E> = {
  readonly [K in keyof U]?: U[K] extends Part<infer _I, infer _T, infer PE, 'required'> ? { readonly [Name in keyof PE]?: E } : never;
};

/** The uses fit the route: each part that it lists, with the need that it lists, and no other. */
type Uses<P extends Parts> = { readonly [K in keyof P]: Part<unknown, unknown, ErrorStatuses, P[K] & Need> };

/** What a composition is: what it uses, and plain code. */
export interface CompositionTerms<I, O, E, P extends Parts, U extends Uses<P>> {
  readonly uses: U & { readonly [K in Exclude<keyof U, keyof P>]: never };
  readonly errors?: ErrorMap<U, E>;
  compose(given: Given<I, E> & { readonly [K in keyof U]: PartCall<U[K]> }): Promise<O>;
}

/** The code behind one public route, its types no longer known. */
export interface Composition {
  readonly route: AnyRoute;
  readonly uses: Readonly<Record<string, AnyPart>>;
  readonly errors: Readonly<Record<string, Readonly<Record<string, string>> | undefined>>;
  readonly compose: (given: object) => Promise<unknown>;
}

/**
 * The code behind a public route: the parts it uses, by the names that its contract lists, and a plain async function
 * that joins them.
 *
 * An absent optional part is `undefined` in the type, so a merge that forgets it does not compile. A required part's
 * failure ends the answer there and then: what awaits the part goes no further, into no `catch` and no `finally`. What
 * `compose` throws besides `fail` is a bug, and a 500.
 */
export function composition<I extends z.ZodObject, O extends z.ZodType, E extends ErrorStatuses, P extends Parts, U extends Uses<P>>(
  route: Route<I, O, E, P>,
  terms: CompositionTerms<z.output<I>, Frozen<z.input<O>>, keyof E & string, P, U>,
): Composition {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the types have done their work: what runs knows the parts by name
  const { uses, errors = {}, compose } = terms as unknown as Omit<Composition, 'route' | 'errors'> & Partial<Pick<Composition, 'errors'>>;
  const self: Composition = { route, uses, errors, compose };
  compositions.add(self);
  return self;
}

const compositions = new WeakSet<object>();

/** Whether a value was made by `composition`. */
export const isComposition = (value: unknown): value is Composition =>
  typeof value === 'object' && value !== null && compositions.has(value);
