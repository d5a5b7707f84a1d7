import type { z } from 'zod';
import {
  type AnyOperation,
  type Batches,
  type ErrorStatuses,
  type Incoming,
  type InputIssue,
  type Operation,
  checker,
  nameOf,
  readInput,
} from '#contracts/kernel/index.js';
import type { Database } from './database.js';
import { DeclaredError } from './problem.js';

/** What a handler is given for one call. */
interface Call<I, E> {
  readonly input: I;
  /** The headers of the request: calls to others are given them as `answering`. */
  readonly headers: Incoming['headers'];
  readonly db: Database;
  /** For whom it is asked; undefined where the answer is nobody's in particular, by the contract. */
  readonly user: string | undefined;
  /** A declared error, to be thrown: `throw fail('userNotFound')`. */
  readonly fail: (error: keyof E & string, detail?: string) => Error;
}

type Handler<I extends z.ZodObject, O extends z.ZodType, E> = (call: Call<z.output<I>, E>) => z.input<O> | Promise<z.input<O>>;

type AnyHandler = Handler<z.ZodObject, z.ZodType, ErrorStatuses>;

/** A function for every operation of a contract: takes its input, gives its output. */
type Handlers<C> = {
  readonly [K in keyof C]: C[K] extends Operation<infer I, infer O, infer E, infer _B extends Batches | undefined>
    ? Handler<I, O, E>
    : never;
};

/** What stands behind an answer besides what was asked. */
interface Behind {
  readonly db: Database;
  readonly user: string | undefined;
}

/** One operation with what answers it, its types no longer known. */
export interface ServedOperation {
  readonly operation: AnyOperation;
  /** @throws DeclaredError, BadInput; anything else is a bug. */
  readonly answer: (
    incoming: Incoming,
    behind: Behind,
  ) => Promise<{ readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly issues: readonly InputIssue[] }>;
}

/** Binds one version of a contract to what answers it. Several versions of a product stand side by side. */
export function serve<const C extends Readonly<Record<string, AnyOperation>>>(
  contract: C,
  handlers: Handlers<C>,
): readonly ServedOperation[] {
  // What a handler takes and gives is checked where it is written; here its operation's own schemas stand for the types.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  const untyped = handlers as unknown as Readonly<Record<string, AnyHandler>>;
  return Object.entries(contract).map(([name, operation]) => {
    const handler = untyped[name];
    if (handler === undefined) throw new TypeError(`${nameOf(operation)}: nothing answers it`);
    return served(operation, handler);
  });
}

function served(operation: AnyOperation, handler: AnyHandler): ServedOperation {
  const check = checker(operation.output);
  const fail = (error: string, detail?: string): Error => new DeclaredError(error, operation.errors[error] ?? 500, detail);
  return {
    operation,
    async answer(incoming, { db, user }) {
      const read = readInput(operation.wire, operation.input, incoming);
      if (!read.ok) return read;
      const checked = check(await handler({ input: read.input, headers: incoming.headers, db, user, fail }));
      if (!checked.ok) throw new Error(`the answer breaks its contract: ${checked.message}`);
      return checked;
    },
  };
}
