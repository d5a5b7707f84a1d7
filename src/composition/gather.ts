import type { Pending } from './composition.js';

type Joinable = Pending<unknown> | readonly (Pending<unknown> | undefined)[] | undefined;

type Settled<P> = P extends PromiseLike<infer T> ? T : P;

/** What `gather` gives: each part's value under its key, in the order of the keys; `undefined` for what was not called. */
export type Gathered<J> = {
  -readonly [K in keyof J]: J[K] extends readonly (infer E)[] ? Settled<E>[] : Settled<J[K]>;
};

/** Collects parts that are under way. Keys are the composition's own; lists keep their order. */
export type Gather = <const J extends Readonly<Record<string, Joinable>>>(parts: J) => Promise<Gathered<J>>;

/** Collects parts, lists of parts and `undefined`. They were scheduled when they were called, so this only waits. */
export const gather: Gather = async <J extends Readonly<Record<string, Joinable>>>(parts: J) => {
  const gathered: Record<string, unknown> = {};
  for (const [key, part] of Object.entries(parts)) gathered[key] = Array.isArray(part) ? await Promise.all<unknown>(part) : await part;
  return gathered as Gathered<J>;
};
