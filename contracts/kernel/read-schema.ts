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
    case 'readonly':
      return readSchema(def.innerType, mask, at);
    case 'lazy':
      return readSchema(def.getter(), mask, at);
    case 'array':
      return z.array(readSchema(def.element, mask, at));
    case 'object':
      return z.object(readShape(def.shape, mask, at));
    case 'record':
      return z.record(def.keyType as z.core.$ZodRecordKey, readSchema(def.valueType, fieldMask(mask, '*', ['*'], at), join(at, '*')));
    case 'union':
      return readUnion(def as z.core.$ZodDiscriminatedUnionDef, mask, at);
    default:
      throw new TypeError(`reads: "${at}" is a ${def.type} and has no fields to choose from: say true`);
  }
}

function readShape(shape: z.core.$ZodShape, mask: Exclude<AnyMask, true>, at: string, also: readonly string[] = []): z.core.$ZodLooseShape {
  const read: z.core.$ZodLooseShape = {};
  for (const key of also) if (shape[key] !== undefined) read[key] = shape[key];
  for (const key of Object.keys(mask)) {
    const field = Object.hasOwn(shape, key) ? shape[key] : undefined;
    if (field === undefined) throw unknownField(key, Object.keys(shape), at);
    read[key] = readSchema(field, mask[key] ?? true, join(at, key));
  }
  return read;
}

/** Each arm keeps the fields of the mask that it has; the discriminator is always read along. */
function readUnion(def: z.core.$ZodDiscriminatedUnionDef, mask: Exclude<AnyMask, true>, at: string): z.ZodType {
  const tag = def.discriminator;
  if (tag === undefined) throw new TypeError(`reads: "${at}" is a union without a discriminator, readable only whole: say true`);
  const shapes = def.options.map((option) => shapeOf(option, at));
  const known = new Set(shapes.flatMap((shape) => Object.keys(shape)));
  for (const key of Object.keys(mask)) if (!known.has(key)) throw unknownField(key, [...known], at);
  const arms = shapes.map((shape) => {
    const own = Object.fromEntries(Object.entries(mask).filter(([key]) => Object.hasOwn(shape, key)));
    return z.object(readShape(shape, own, at, [tag]));
  });
  const [first, ...rest] = arms;
  if (first === undefined) throw new TypeError(`reads: "${at}" is a union without arms`);
  return z.discriminatedUnion(tag, [first, ...rest] as never);
}

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
    const def: Def | undefined = at && defOf(unwrap(at));
    if (def?.type === 'array') at = def.element;
    else if (def?.type === 'tuple') at = def.items[Number(key)];
    else if (def?.type === 'record') {
      names.push('*');
      at = def.valueType;
    } else if (def?.type === 'object' || def?.type === 'union') {
      names.push(String(key));
      at = fieldIn(def, key);
    } else break;
  }
  return names.join('.') || '.';
}

function fieldIn(def: z.core.$ZodObjectDef | z.core.$ZodUnionDef, key: PropertyKey): Schema | undefined {
  if (def.type === 'object') return def.shape[String(key)];
  for (const option of def.options) {
    const arm = defOf(unwrap(option));
    const field = arm.type === 'object' || arm.type === 'union' ? fieldIn(arm, key) : undefined;
    if (field) return field;
  }
  return undefined;
}
