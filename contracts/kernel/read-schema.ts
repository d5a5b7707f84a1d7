import { z } from 'zod';
import type { AnyMask } from './mask.js';
import { didYouMean } from './nearest.js';

/** What zod says of a schema, for the kinds that a contract may use. */
export type Schema = z.core.$ZodType;
type Def = z.core.$ZodTypes['_zod']['def'];
const defOf = (schema: Schema): Def => schema._zod.def as Def;

/** Looks through the wrappers that change only absence or mutability: optional, nullable, default, readonly, lazy. */
export function unwrap(schema: Schema): Schema {
  const def = defOf(schema);
  switch (def.type) {
    case 'optional':
    case 'nullable':
    case 'readonly':
    case 'default':
    case 'prefault':
    case 'nonoptional':
      return unwrap(def.innerType);
    case 'lazy':
      return unwrap(def.getter());
    default:
      return schema;
  }
}

/**
 * The schema that validates only what is read and drops all else, so that a field that nobody reads can be wrong
 * without harm. Built from shapes: `.pick()` throws on refined objects and loses the arms of a union. A refinement of
 * a whole object holds only where that object is read whole.
 *
 * @throws TypeError where the mask names a field that the schema has not, or goes into a union without a discriminator.
 */
export function readSchema(schema: Schema, mask: AnyMask, at = ''): z.ZodType {
  if (mask === true) return schema as z.ZodType;
  const def = defOf(schema);
  switch (def.type) {
    case 'optional':
      return z.optional(readSchema(def.innerType, mask, at));
    case 'nullable':
      return z.nullable(readSchema(def.innerType, mask, at));
    case 'nonoptional':
      return z.nonoptional(readSchema(def.innerType, mask, at));
    case 'readonly':
      return readSchema(def.innerType, mask, at);
    case 'lazy':
      return readSchema(def.getter(), mask, at);
    case 'array':
      return z.array(readSchema(def.element, mask, at));
    case 'object':
      return z.object(readShape(def.shape, mask, at));
    case 'record': {
      const shape = shapeOfRecord(def);
      if (shape) return z.object(readShape(shape, mask, at));
      return z.record(def.keyType, readSchema(def.valueType, fieldMask(mask, '*', ['*'], at), join(at, '*')));
    }
    case 'union':
      return readUnion(def as z.core.$ZodDiscriminatedUnionDef, mask, at);
    default:
      throw new TypeError(`reads: "${at}" is a ${def.type} and has no fields to choose from: say true`);
  }
}

function readShape(shape: z.core.$ZodShape, mask: Exclude<AnyMask, true>, at: string, also: Iterable<string> = []): z.core.$ZodLooseShape {
  const read: z.core.$ZodLooseShape = {};
  for (const key of also) if (shape[key] !== undefined) read[key] = shape[key];
  for (const key of Object.keys(mask)) {
    const field = Object.hasOwn(shape, key) ? shape[key] : undefined;
    if (field === undefined) throw unknownField(key, Object.keys(shape), at);
    read[key] = readSchema(field, mask[key] ?? true, join(at, key));
  }
  return read;
}

/** The fields of a record whose keys the contract names: those are read by name, as an object's are. */
function shapeOfRecord(def: z.core.$ZodRecordDef): z.core.$ZodShape | undefined {
  const keys = def.keyType._zod.values;
  if (!keys) return undefined;
  const value = def.partial ? z.optional(def.valueType) : def.valueType;
  return Object.fromEntries([...keys].map((key) => [String(key), value]));
}

/** Each arm keeps the fields of the mask that it has; the discriminator is always read along. */
function readUnion(def: z.core.$ZodDiscriminatedUnionDef, mask: Exclude<AnyMask, true>, at: string): z.ZodType {
  const tag = def.discriminator;
  if (tag === undefined) throw new TypeError(`reads: "${at}" is a union without a discriminator, readable only whole: say true`);
  const shapes = def.options.map((option) => shapeOf(option, at));
  const tags = new Set([tag, ...tagsOf(shapes)]);
  const known = new Set(shapes.flatMap((shape) => Object.keys(shape)));
  for (const key of Object.keys(mask)) if (!known.has(key)) throw unknownField(key, [...known], at);
  const arms = shapes.map((shape) => {
    const own = Object.fromEntries(Object.entries(mask).filter(([key]) => Object.hasOwn(shape, key)));
    return z.object(readShape(shape, own, at, tags));
  });
  const [first, ...rest] = arms;
  if (first === undefined) throw new TypeError(`reads: "${at}" is a union without arms`);
  return z.discriminatedUnion(tag, [first, ...rest] as never);
}

/** The fields that tell the arms apart: each arm has them, of literal values, and no value stands in two arms. `Picked` says the same of types. */
function tagsOf(shapes: readonly z.core.$ZodShape[]): readonly string[] {
  return Object.keys(shapes[0] ?? {}).filter((key) => {
    const values = shapes.map((shape) => [...(shape[key]?._zod.values ?? [])]);
    return values.every((own) => own.length > 0 && own.every(isTag)) && new Set(values.flat()).size === values.flat().length;
  });
}

const isTag = (value: unknown): boolean => typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';

function shapeOf(option: Schema, at: string): z.core.$ZodShape {
  const def = defOf(unwrap(option));
  if (def.type !== 'object') throw new TypeError(`reads: "${at}" is a union of other things than objects, readable only whole: say true`);
  return def.shape;
}

function fieldMask(mask: Exclude<AnyMask, true>, key: string, known: readonly string[], at: string): AnyMask {
  for (const other of Object.keys(mask)) if (other !== key) throw unknownField(other, known, at);
  return mask[key] ?? true;
}

const join = (at: string, key: string): string => (at === '' ? key : `${at}.${key}`);

function unknownField(key: string, known: readonly string[], at: string): TypeError {
  return new TypeError(`reads: no field "${join(at, key)}" in the contract${didYouMean(key, known)}`);
}

/**
 * The declared field that a broken value stands for: an issue's path without list positions and with `*` for the keys
 * of records, so that a product cannot make up names that end in metrics.
 */
export function fieldOf(schema: Schema, path: readonly PropertyKey[]): string {
  let at: Schema | undefined = schema;
  const names: string[] = [];
  for (const key of path) {
    const into: Step | undefined = at && step(at, key);
    if (into === undefined) break;
    if (into.name !== undefined) names.push(into.name);
    at = into.to;
  }
  return names.join('.') || '.';
}

/** Where one key of a path leads, and the name it has in the contract: none for a position in a list. */
interface Step {
  readonly name?: string;
  readonly to: Schema | undefined;
}

/** Where one key of a value leads in its schema; undefined where the schema does not look at it. */
export function step(from: Schema, key: PropertyKey): Step | undefined {
  const def = defOf(unwrap(from));
  switch (def.type) {
    case 'array':
      return typeof key === 'number' ? { to: def.element } : undefined;
    case 'tuple':
      return typeof key === 'number' ? { to: def.items[key] ?? def.rest ?? undefined } : undefined;
    case 'record':
      return typeof key === 'string' ? { name: def.keyType._zod.values?.has(key) ? key : '*', to: def.valueType } : undefined;
    case 'object':
      return typeof key === 'string' && Object.hasOwn(def.shape, key) ? { name: key, to: def.shape[key] } : undefined;
    case 'union':
      return first(def.options, key);
    case 'intersection':
      return first([def.left, def.right], key);
    default:
      return undefined;
  }
}

function first(options: readonly Schema[], key: PropertyKey): Step | undefined {
  for (const option of options) {
    const into = step(option, key);
    if (into) return into;
  }
  return undefined;
}
