import type { z } from 'zod';
import { type ErrorStatuses, refuseErrors } from './operation.js';
import type { Need } from './part.js';
import { refusals } from './refuse.js';
import { type Method, type Wire, methods, wire } from './wire.js';

/** The public names of a route's parts, and how much the answer needs each. */
export type Parts = Readonly<Record<string, Need>>;

/** A composed route: what it takes, what it gives, and what may be missing. It holds no server code. */
export interface Route<I extends z.ZodObject, O extends z.ZodType, E extends ErrorStatuses, P extends Parts> extends AnyRoute {
  readonly input: I;
  readonly output: O;
  readonly errors: E;
  readonly parts: P;
}

/** A route whose types are no longer known. */
export interface AnyRoute {
  /** Its name in metrics, logs and policy: `GET /v1/students/{studentId}/dashboard`. */
  readonly line: string;
  readonly summary: string | undefined;
  readonly input: z.ZodObject;
  readonly output: z.ZodType;
  readonly errors: ErrorStatuses;
  readonly parts: Parts;
  readonly wire: Wire;
}

/** What a composed route promises. */
export interface RouteTerms<I extends z.ZodObject, O extends z.ZodType, E extends ErrorStatuses, P extends Parts> {
  /** What it gives, in one sentence, for the docs. */
  readonly summary?: string;
  readonly input: I;
  readonly output: O;
  readonly errors?: E;
  /** The public names of its parts: the keys of `parts` in the answer. */
  readonly parts: P;
  /** The input fields that travel in headers: `{ language: 'accept-language' }`. */
  readonly headers?: Readonly<Partial<Record<keyof z.output<I> & string, string>>>;
}

/**
 * Declares a composed route, such as `route('GET /v1/orders/{orderId}', { … })`.
 * @throws TypeError, naming the line, where its path fields do not match its input or a schema is not a wire value.
 */
export function route<
  I extends z.ZodObject,
  O extends z.ZodType,
  const E extends ErrorStatuses = Record<never, never>,
  const P extends Parts = Parts,
>(line: string, terms: RouteTerms<I, O, E, P>): Route<I, O, E, P> {
  const [verb = '', path = '', more] = line.split(' ');
  const method = methods.find((known) => known.toUpperCase() === verb);
  try {
    if (method === undefined || more !== undefined) throw new TypeError('expected a line like "GET /v1/orders/{orderId}"');
    return made(line, method, path, terms);
  } catch (error) {
    throw new TypeError(`route "${line}": ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

/** What `compose` is given besides its parts. */
const GIVEN = ['input', 'caller', 'signal', 'gather', 'fail'];

function made<I extends z.ZodObject, O extends z.ZodType, E extends ErrorStatuses, P extends Parts>(
  line: string,
  method: Method,
  path: string,
  terms: RouteTerms<I, O, E, P>,
): Route<I, O, E, P> {
  const refused = [
    ...refusals(terms.input, 'input').map((r) => `input ${r}`),
    ...refusals(terms.output, 'output').map((r) => `output ${r}`),
  ];
  if (refused.length > 0) throw new TypeError(refused.join('; '));
  const errors = terms.errors ?? ({} as E);
  refuseErrors(errors);
  for (const part of Object.keys(terms.parts))
    if (GIVEN.includes(part))
      throw new TypeError(`part "${part}": that is what a composition is given besides its parts; choose another name`);
  const self: Route<I, O, E, P> = {
    line,
    summary: terms.summary,
    input: terms.input,
    output: terms.output,
    errors,
    parts: terms.parts,
    wire: wire(method, path, terms.input, terms.headers as Record<string, string> | undefined),
  };
  routes.add(self);
  return self;
}

const routes = new WeakSet<object>();

/** Whether a value was made by `route`. */
export const isRoute = (value: unknown): value is AnyRoute => typeof value === 'object' && value !== null && routes.has(value);
