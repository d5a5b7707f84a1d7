import type { Pending } from './composition.js';

type Joinable = Pending<unknown> | readonly (Pending<unknown> | undefined)[] | undefined;

type Settled<P> = P extends PromiseLike<infer T> ? T : P;
type Collected<P> = P extends readonly (infer E)[] ? Settled<E>[] : Settled<P>;

/** What `gather` gives: each part's value under its key, in the order of the keys; `undefined` for what was not called. */
export type Gathered<J> = {
  -readonly [K in keyof J]: Collected<J[K]>;
};

/** Collects parts that are under way. Keys are the composition's own; lists keep their order. */
export type Gather = <const J extends Readonly<Record<string, Joinable>>>(parts: J) => Promise<Gathered<J>>;

/** Collects parts, lists of parts and `undefined`. They were scheduled when they were called, so this only waits. */
export const gather: Gather = async <J extends Readonly<Record<string, Joinable>>>(parts: J) => {
  const keys = Object.keys(parts);
  const values = await Promise.all(
    Object.values(parts).map((part) => (Array.isArray(part) ? Promise.all<unknown>(part) : Promise.resolve(part))),
  );
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- no type follows a value through its entries
  return Object.fromEntries(keys.map((key, i) => [key, values[i]])) as Gathered<J>;
};
