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
export const gather: Gather = <J extends Readonly<Record<string, Joinable>>>(parts: J) =>
  new Promise<Gathered<J>>((resolve, reject) => {
    const gathered: Record<string, unknown> = { ...parts };
    let left = 1;
    const end = (): void => {
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- no type follows a value to its key
      if (--left === 0) resolve(gathered as Gathered<J>);
    };
    for (const key of Object.keys(parts)) {
      const part = parts[key];
      if (part === undefined) continue;
      left++;
      const come = (value: unknown): void => {
        gathered[key] = value;
        end();
      };
      (Array.isArray(part) ? Promise.all<unknown>(part) : Promise.resolve<unknown>(part)).then(come, reject);
    }
    end();
  });
