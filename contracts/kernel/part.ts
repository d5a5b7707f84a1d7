import { z } from 'zod';
import { MAX_DEPTH, nestsTooDeep } from './depth.js';
import { type AnyMask, paths } from './mask.js';
import type { AnyOperation, ErrorStatuses } from './operation.js';
import { fieldOf, readSchema } from './read-schema.js';

/** Whether an answer can do without a part: `required` decides the status, `optional` may be missing, `fallback` has a stand-in. */
export type Need = 'required' | 'optional' | 'fallback';

/** The outcome of validating what is read: the pruned value, or the declared fields that broke. */
export type Checked<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly fields: readonly string[]; readonly message: string };

declare const types: unique symbol;

/**
 * One use of an operation: what is read of its answer, and how much the answer is needed. `need` is a discriminant, not
 * a subtype, so that absence can't vanish by assignment.
 */
export interface Part<I, T, E extends ErrorStatuses, N extends Need> {
  readonly need: N;
  readonly operation: AnyOperation;
  readonly mask: AnyMask;
  /** The fields that are read, as sorted dotted paths; `.` is the whole. */
  readonly paths: readonly string[];
  /** Validates and prunes a product's decoded answer to what is read. */
  readonly check: (value: unknown) => Checked<T>;
  /** What stands in where the part fails: `need: 'fallback'` only. */
  readonly fallback?: unknown;
  /** For types alone; never there. */
  readonly [types]?: { readonly input: I; readonly value: T; readonly errors: E };
}

/** A part whose types are no longer known. */
export type AnyPart = Part<unknown, unknown, ErrorStatuses, Need>;

/** Marks a part as one that the answer can do without: its value is `T | undefined`. */
export function optional<I, T, E extends ErrorStatuses>(part: Part<I, T, E, 'required'>): Part<I, T, E, 'optional'> {
  return { ...part, need: 'optional' };
}

/** Gives a part a stand-in for where it fails; the answer then says `fallback` and is not complete. */
export function fallback<I, T, E extends ErrorStatuses>(part: Part<I, T, E, 'required'>, value: T): Part<I, T, E, 'fallback'> {
  return { ...part, need: 'fallback', fallback: value };
}

/** A required part of an operation whose types are not known; `true` reads the whole. @throws TypeError where the mask does not fit. */
export function partOf(operation: AnyOperation, mask: AnyMask): AnyPart {
  const schema = readSchema(operation.output, mask);
  return { need: 'required', operation, mask, paths: paths(mask), check: checker(schema) };
}

/** How many broken fields one failure names: a broken list could have as many as it has items. */
const NAMED = 5;

/**
 * Validates by the schema, compiled at its first use; says which declared fields broke. A schema that can't be compiled
 * is recursive (`z.json()` is), so the value alone bounds how deep it goes: that is checked before.
 */
export function checker(schema: z.ZodType): (value: unknown) => Checked<never> {
  let compiled: z.ZodType | undefined;
  return function check(value) {
    compiled ??= z.compile(schema);
    if (compiled === schema && nestsTooDeep(schema, value))
      return { ok: false, fields: ['.'], message: `.: expected lists and objects nested no deeper than ${MAX_DEPTH}` };
    const parsed = compiled.safeParse(value);
    if (parsed.success) return { ok: true, value: parsed.data as never };
    const { issues } = parsed.error;
    const fields = [...new Set(issues.slice(0, 1000).map((issue) => fieldOf(schema, issue.path)))];
    const [first] = issues;
    return {
      ok: false,
      fields: fields.slice(0, NAMED),
      message: `${fields[0]}: ${first?.message ?? 'invalid'}${issues.length > 1 ? ` (and ${issues.length - 1} more)` : ''}`,
    };
  };
}
