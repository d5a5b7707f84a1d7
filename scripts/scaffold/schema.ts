import type { z } from 'zod';

/** A schema as zod's kernel knows it. */
export type Schema = z.core.$ZodType;

/** What a schema is made of, a union by `type`. */
export type Definition = z.core.$ZodTypes['_zod']['def'];

/** The definition of a schema: zod declares the union of all of them under this name and no other. */
// oxlint-disable-next-line typescript/no-unsafe-type-assertion
export const definition = (schema: Schema): Definition => schema._zod.def as Definition;

/** The fields of an object, or of the objects in a list; none for anything else. */
export function inside(schema: Schema): { readonly isList: boolean; readonly fields: Readonly<Record<string, Schema>> } {
  const def = definition(schema);
  if (def.type === 'array') return { isList: true, fields: inside(def.element).fields };
  return { isList: false, fields: def.type === 'object' ? def.shape : {} };
}
