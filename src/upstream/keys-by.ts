import { z } from 'zod';
import { type KeysOf, keysOf } from './whole.js';

/**
 * `keysOf` for values of one schema, as code of its own: it knows each field by its name, where `keysOf` looks each one up. What the
 * schema does not say plainly (a union, a record, what is transformed) is left to `keysOf`; and so is all of it where the process may
 * not make code.
 */
export function keysBy(schema: z.core.$ZodType): KeysOf {
  const known = compiled.get(schema);
  if (known) return known;
  const made = compile(schema);
  compiled.set(schema, made);
  return made;
}

const compiled = new WeakMap<z.core.$ZodType, KeysOf>();

function compile(schema: z.core.$ZodType): KeysOf {
  const writer = new Writer();
  const name = writer.nameOf(schema);
  if (name === undefined || name === OTHER) return keysOf;
  try {
    // oxlint-disable-next-line typescript/no-implied-eval, typescript/no-unsafe-type-assertion -- made of a contract alone, its names quoted
    const make = new Function(OTHER, `${writer.text}return ${name};`) as (other: KeysOf) => KeysOf;
    return make(keysOf);
  } catch {
    return keysOf;
  }
}

/** What `keysOf` is called in the code. */
const OTHER = 'other';

/** Values that are equal by `===`, or not at all. */
const plain: ReadonlySet<z.core.$ZodTypeDef['type']> = new Set(['string', 'number', 'boolean', 'null', 'literal', 'enum']);

/** Writes a function for each object and list of a schema. */
class Writer {
  text = '';
  readonly #names = new Map<z.core.$ZodType, string>();

  /** The name of the function for a schema's values; undefined where they are plain. */
  nameOf(schema: z.core.$ZodType): string | undefined {
    const known = this.#names.get(schema);
    if (known !== undefined) return known;
    if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable || schema instanceof z.ZodReadonly)
      return this.nameOf(schema.def.innerType);
    if (schema instanceof z.ZodObject && Object.keys(schema.shape).some((field) => field in {})) return OTHER; // all objects have those
    if (schema instanceof z.ZodObject) return this.#write(schema, () => objectText(this.#fieldsOf(schema)));
    if (schema instanceof z.ZodArray) return this.#write(schema, () => listText(this.nameOf(schema.def.element)));
    return plain.has(schema._zod.def.type) ? undefined : OTHER;
  }

  /** A schema that contains itself is named before it is written. */
  #write(schema: z.core.$ZodType, text: () => string): string {
    const name = `keys${this.#names.size}`;
    this.#names.set(schema, name);
    const body = text();
    this.text += `function ${name}(read, value) {${body}}\n`;
    return name;
  }

  #fieldsOf({ shape }: z.ZodObject): readonly (readonly [field: string, name: string | undefined])[] {
    return Object.entries<z.core.$ZodType>(shape).map(([field, schema]) => [JSON.stringify(field), this.nameOf(schema)]);
  }
}

/** Where a value has other fields than the schema's, all of them are looked at. */
const objectText = (fields: readonly (readonly [field: string, name: string | undefined])[]): string => `
  if (typeof read !== 'object' || typeof value !== 'object' || read === null || value === null || read === value) return other(read, value);
  if (Array.isArray(read) || Array.isArray(value)) return other(read, value);
  let all = 0;
  for (const _ in value) all++;
  let keys = all;
  let field;
${fields
  .map(
    ([field, name]) => `
  field = value[${field}];
  if (field !== undefined) all--;
  ${name === undefined ? `if (read[${field}] !== field) return NaN` : `keys += ${name}(read[${field}], field)`};`,
  )
  .join('')}
  return all === 0 ? keys : other(read, value);
`;

const listText = (name: string | undefined): string => `
  if (!Array.isArray(read) || !Array.isArray(value) || read === value || read.length !== value.length) return other(read, value);
  let keys = 0;
  for (let i = 0; i < value.length; i++) ${name === undefined ? 'if (read[i] !== value[i]) return NaN' : `keys += ${name}(read[i], value[i])`};
  return keys;
`;
