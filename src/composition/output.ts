import { z } from 'zod';
import { type AnyPart, type AnyRoute, type Checked, checker } from '#contracts/kernel/index.js';
import type { Outcome } from '../upstream/answer.js';
import { keysBy } from '../upstream/keys-by.js';
import { type KeysOf, wholeOf } from '../upstream/whole.js';

/** What a composition gave, by its contract. */
export interface Output {
  readonly data: unknown;
  /** The fields of `data` that a product said in these very bytes: they were validated when they were read, and go out as they came. */
  readonly whole: ReadonlyMap<string, Buffer>;
}

/** What the calls of a part came to that have ended, by its place. */
export type OutcomesOf = (place: number) => readonly Outcome[];

/** Checks what a composition gives. */
export type OutputCheck = (composed: unknown, outcomesOf: OutcomesOf) => Checked<Output>;

type Fields = Readonly<Record<string, unknown>>;

/** A field of the output that may be a part as it was read. */
interface Through {
  readonly name: string;
  /** The parts that may be, by their places. */
  readonly places: readonly number[];
  /** Counts the keys of such a part. */
  readonly keys: KeysOf;
}

const NONE: ReadonlyMap<string, Buffer> = new Map();

/**
 * Checks what a composition gives by its route's contract. A field that hands a part through whole, under the schema by which the
 * part was read, was checked when it was read.
 */
export function outputCheck({ output }: Pick<AnyRoute, 'output'>, parts: readonly AnyPart[]): OutputCheck {
  const check = checker(output);
  const anew = (composed: unknown): Checked<Output> => {
    const checked: Checked<unknown> = check(composed);
    return checked.ok ? { ok: true, value: { data: checked.value, whole: NONE } } : checked;
  };
  const through = isPlain(output) ? throughOf(output, parts) : [];
  if (!isPlain(output) || through.length === 0) return anew;
  const names = Object.keys(output.shape);
  const restOf = restsOf(output);

  return function checkOutput(composed, outcomesOf) {
    if (!isFields(composed)) return anew(composed);
    const whole = new Map<string, Buffer>();
    for (const one of through) {
      const { name } = one;
      const bytes = bytesOf(composed[name], one, outcomesOf);
      if (bytes) whole.set(name, bytes);
    }
    if (whole.size === 0) return anew(composed);
    const given = Object.keys(composed);
    if (whole.size === names.length && given.length === names.length) return { ok: true, value: { data: composed, whole } };
    const rest: Record<string, unknown> = {};
    for (const name of given) if (!whole.has(name)) rest[name] = composed[name];
    const checked = restOf(whole)(rest);
    if (!checked.ok) return checked;
    const data: Record<string, unknown> = {};
    for (const name of names) {
      const value = whole.has(name) ? composed[name] : checked.value[name];
      if (value !== undefined) data[name] = value;
    }
    return { ok: true, value: { data, whole } };
  };
}

const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Whether each field of an output stands for itself: nothing is said of all together, and there are no others. */
const isPlain = (output: z.ZodType): output is z.ZodObject =>
  output instanceof z.ZodObject &&
  (output.def.checks ?? []).length === 0 &&
  (output.def.catchall === undefined || output.def.catchall._zod.def.type === 'never');

/** The fields that have the very schema by which a part is read whole, be they optional or not. */
const throughOf = ({ shape }: z.ZodObject, parts: readonly AnyPart[]): readonly Through[] =>
  Object.entries<z.core.$ZodType>(shape).flatMap(([name, schema]) => {
    const places = parts.flatMap(({ mask, operation: { output } }, place) =>
      mask === true && (output === schema || output === innerOf(schema)) ? [place] : [],
    );
    return places.length === 0 ? [] : [{ name, places, keys: keysBy(schema) }];
  });

const innerOf = (schema: z.core.$ZodType): unknown =>
  schema instanceof z.ZodOptional || schema instanceof z.ZodNullable ? schema.def.innerType : undefined;

/** The bytes in which a product said a value, where it is the whole of what a part was answered. */
function bytesOf(value: unknown, { places, keys }: Through, outcomesOf: OutcomesOf): Buffer | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  for (const place of places)
    for (const outcome of outcomesOf(place)) if (outcome.ok && outcome.value === value) return wholeOf(outcome.answer, value, keys);
  return undefined;
}

/** The checks of what is left once some fields need none, made when they are first needed. */
function restsOf(output: z.ZodObject): (whole: ReadonlyMap<string, Buffer>) => (rest: Fields) => Checked<Fields> {
  const rests = new Map<string, (rest: Fields) => Checked<Fields>>();
  return (whole) => {
    const key = [...whole.keys()].join(' ');
    let rest = rests.get(key);
    if (!rest) rests.set(key, (rest = checker(output.clone({ ...output.def, shape: without(output.shape, whole) }))));
    return rest;
  };
}

const without = (shape: z.ZodObject['shape'], whole: ReadonlyMap<string, Buffer>): z.ZodObject['shape'] =>
  Object.fromEntries(Object.entries(shape).filter(([name]) => !whole.has(name)));
