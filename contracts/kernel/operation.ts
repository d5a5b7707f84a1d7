import type { z } from 'zod';
import { failureKinds } from './failure.js';
import type { Known, Mask, Picked } from './mask.js';
import { didYouMean } from './nearest.js';
import { type Part, partOf } from './part.js';
import { refusals } from './refuse.js';
import { type Method, type Wire, methods, wire } from './wire.js';

/** The errors that a contract declares, each with the status that it travels under. */
export type ErrorStatuses = Readonly<Record<string, number>>;

/** Whose answer it is: everybody's, each consumer's or each user's. */
export type DependsOn = 'public' | 'consumer' | 'user';

/** That an operation answers for many inputs of another one, matched by key. */
export interface Batches {
  /** The operation that it stands for. */
  readonly one: string;
  /** That operation's input field which tells its calls apart. */
  readonly each: string;
  /** The field of this operation's input that takes them as a list. */
  readonly list: string;
  /** Where the entities stand in this operation's answer; left out where the answer itself is the list. */
  readonly at?: string;
  /** The field of an entity that holds the key. */
  readonly by: string;
  /** How many one call may ask for. */
  readonly atMost: number;
}

/** What one operation promises. Exactly one of the methods names its path template. */
export interface OperationTerms<
  I extends z.ZodObject,
  O extends z.ZodType,
  E extends ErrorStatuses,
  B extends Batches | undefined,
> extends Partial<Record<Method, string>> {
  /** What it does, in one sentence, for the docs. */
  readonly summary?: string;
  readonly input: I;
  /** The body of its success; `z.undefined()` where it has none. */
  readonly output: O;
  /** The status of its success, for the docs: any 2xx is one. Default 200, 204 without an output. */
  readonly status?: number;
  readonly errors?: E;
  /** The declared error that means "there is none": an answer, not a failure. */
  readonly absent?: keyof E & string;
  /** Whose answer it is. Undeclared means `user`. */
  readonly dependsOn?: DependsOn;
  /** Whether it may be repeated safely. True for GET unless denied. */
  readonly repeatable?: boolean;
  /** What an answer is about, for purging: `['user:u-0001']`. */
  readonly tags?: (input: z.output<I>) => readonly string[];
  /** The input fields that travel in headers: `{ language: 'accept-language' }`. */
  readonly headers?: Readonly<Partial<Record<keyof z.output<I> & string, string>>>;
  readonly batches?: B;
}

declare const promised: unique symbol;

/** One call of a contract. Made by `operation`, named by `product`. */
export interface Operation<
  I extends z.ZodObject,
  O extends z.ZodType,
  E extends ErrorStatuses,
  B extends Batches | undefined = undefined,
> extends AnyOperation {
  readonly input: I;
  readonly output: O;
  readonly errors: E;
  readonly batches: B;
  /** One use of this operation that reads the named fields and no other: `reads({ lines: { price: true } })`; `true` for the whole. */
  reads<const M extends Mask<z.output<O>>>(mask: M & Known<M, Mask<z.output<O>>>): Part<z.input<I>, Picked<z.output<O>, M>, E, 'required'>;
  readonly [promised]?: { readonly input: z.output<I>; readonly output: z.output<O> };
}

/** An operation whose types are no longer known. */
export interface AnyOperation {
  readonly product: string;
  readonly version: number;
  readonly name: string;
  readonly summary: string | undefined;
  readonly input: z.ZodObject;
  readonly output: z.ZodType;
  readonly status: number;
  readonly errors: ErrorStatuses;
  readonly absent: string | undefined;
  readonly dependsOn: DependsOn;
  readonly repeatable: boolean;
  readonly tags: ((input: never) => readonly string[]) | undefined;
  readonly wire: Wire;
  readonly batches: Batches | undefined;
}

/** `auth v1 getUser`: an operation as messages and logs name it. */
export const nameOf = (operation: AnyOperation): string => `${operation.product} v${operation.version} ${operation.name}`;

/** What `product` is given: an operation that has no name yet. */
export interface Unnamed<I extends z.ZodObject, O extends z.ZodType, E extends ErrorStatuses, B extends Batches | undefined> {
  readonly named: (product: string, version: number, name: string) => Operation<I, O, E, B>;
}

/**
 * Declares one operation of a product's API.
 * @throws TypeError, naming the operation, where it has no or two methods, path fields that do not match its input, a
 * schema that is not a wire value, or an error that it can't have. Thrown by `product`, which knows the name.
 */
export function operation<
  I extends z.ZodObject,
  O extends z.ZodType,
  const E extends ErrorStatuses = Record<never, never>,
  const B extends Batches | undefined = undefined,
>(terms: OperationTerms<I, O, E, B>): Unnamed<I, O, E, B> {
  return {
    named(product, version, name) {
      try {
        return made(terms, product, version, name);
      } catch (error) {
        throw new TypeError(`${product} v${version} ${name}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
      }
    },
  };
}

function made<I extends z.ZodObject, O extends z.ZodType, E extends ErrorStatuses, B extends Batches | undefined>(
  terms: OperationTerms<I, O, E, B>,
  product: string,
  version: number,
  name: string,
): Operation<I, O, E, B> {
  const [method, path] = onlyMethod(terms);
  const refused = [
    ...refusals(terms.input, 'input').map((r) => `input ${r}`),
    ...refusals(terms.output, 'output').map((r) => `output ${r}`),
  ];
  if (refused.length > 0) throw new TypeError(refused.join('; '));
  const errors = terms.errors ?? ({} as E);
  refuseErrors(errors);
  if (terms.absent !== undefined && !Object.hasOwn(errors, terms.absent))
    throw new TypeError(`absent names "${terms.absent}", which is not among its errors${didYouMean(terms.absent, Object.keys(errors))}`);
  const self: Operation<I, O, E, B> = {
    product,
    version,
    name,
    summary: terms.summary,
    input: terms.input,
    output: terms.output,
    status: terms.status ?? (terms.output.def.type === 'undefined' ? 204 : 200),
    errors,
    absent: terms.absent,
    dependsOn: terms.dependsOn ?? 'user',
    repeatable: terms.repeatable ?? method === 'get',
    tags: terms.tags,
    wire: wire(method, path, terms.input, terms.headers as Record<string, string> | undefined),
    batches: terms.batches as B,
    reads(mask) {
      try {
        return partOf(self, mask) as ReturnType<typeof self.reads<never>>;
      } catch (error) {
        throw new TypeError(`${nameOf(self)} ${error instanceof Error ? error.message : String(error)}`, { cause: error });
      }
    },
  };
  return self;
}

function onlyMethod(terms: Partial<Record<Method, string>>): [Method, string] {
  const given = methods.filter((method) => terms[method] !== undefined);
  const [method] = given;
  const path = method && terms[method];
  if (method === undefined || path === undefined || given.length > 1)
    throw new TypeError(
      `expected exactly one of ${methods.join(', ')} with a path, got ${given.length === 0 ? 'none' : given.join(' and ')}`,
    );
  return [method, path];
}

/** Declared errors are statuses from 400 on, and no names that mean something else to a caller. */
export function refuseErrors(errors: ErrorStatuses): void {
  for (const [error, status] of Object.entries(errors)) {
    if (!Number.isInteger(status) || status < 400 || status > 599)
      throw new TypeError(`error "${error}": expected a status from 400 to 599, got ${status}`);
    if (error === 'failed' || (failureKinds as readonly string[]).includes(error))
      throw new TypeError(`error "${error}": that is the name of a failure; choose another`);
  }
}
