import { z } from 'zod';
import { pascal } from './naming.js';
import type { JsonSchema, Ref } from './specification.js';

type Schema = z.core.$ZodType;

/** A schema that gets a component of its own. */
export interface Root {
  readonly schema: Schema;
  /** What its names begin with, such as `auth.v1.`: names have to be unique within one owner only. */
  readonly owner: string;
  /** The names it may take, best first. */
  readonly names: readonly string[];
}

/** The components that some roots became. */
export interface Emitted {
  readonly components: Readonly<Record<string, JsonSchema>>;
  /** The component of a root. */
  readonly component: (root: Schema) => JsonSchema;
  /** A pointer to the component of a root. */
  readonly refTo: (root: Schema) => Ref;
}

const pointer = (name: string): string => `#/components/schemas/${name}`;

/**
 * JSON Schemas of what travels, as components that point to each other. Each root is one, each schema that holds
 * itself, and each that says `.meta({ id })`; all else stands where it is used.
 * @param taken names that are in use; the new ones are added.
 */
export function emit(roots: readonly Root[], io: 'input' | 'output', taken: Set<string>): Emitted {
  const registry = named(roots, taken);
  const { schemas } = z.toJSONSchema(registry, { io, uri: pointer, metadata: registry, override: tidy });
  const components: Record<string, JsonSchema> = {};
  for (const [name, { $schema: _dialect, $id: _uri, ...schema }] of Object.entries(schemas)) components[name] = schema;
  const nameOf = (schema: Schema): string => {
    const name = registry.get(schema)?.id;
    if (name === undefined) throw new TypeError('not a root of this emission');
    return name;
  };
  return {
    components,
    component: (root) => components[nameOf(root)] ?? {},
    refTo: (root) => ({ $ref: pointer(nameOf(root)) }),
  };
}

/** zod's own metadata of every schema within the roots, and an id for each that gets a component. */
function named(roots: readonly Root[], taken: Set<string>): z.core.$ZodRegistry<z.core.GlobalMeta> {
  const registry = z.registry<z.core.GlobalMeta>();
  const claim = (schema: Schema, owner: string, names: readonly string[]): void => {
    const meta = registry.get(schema);
    if (meta?.id !== undefined) return;
    let name = names.find((name) => !taken.has(owner + name)) ?? names.at(-1) ?? '';
    while (taken.has(owner + name)) name += 'Value';
    taken.add(owner + name);
    registry.add(schema, { ...meta, id: owner + name });
  };
  for (const { schema, owner, names } of roots) {
    const [rootName = ''] = names;
    const above = new Map<Schema, string>();
    const walk = (at: Schema, name: string): void => {
      const first = above.get(at);
      if (first !== undefined) return claim(at, owner, [first]);
      if (registry.has(at)) return;
      // A contract's own id would have to be unique among all products: it is taken as a wish, within its owner.
      const { id, ...meta } = z.globalRegistry.get(at) ?? {};
      registry.add(at, meta);
      if (at === schema) claim(at, owner, names);
      else if (id !== undefined) claim(at, owner, [id]);
      above.set(at, name);
      for (const [field, inner] of inside(at)) walk(inner, name + pascal(field));
      above.delete(at);
    };
    walk(schema, rootName);
    // It may stand inside an earlier root, and have been walked there.
    claim(schema, owner, names);
  }
  return registry;
}

/** The schemas directly inside one, each with the field it stands under, or '' where that has no name. */
function inside(schema: Schema): readonly (readonly [field: string, inner: Schema])[] {
  if (schema instanceof z.core.$ZodObject) return Object.entries<Schema>(schema._zod.def.shape);
  if (schema instanceof z.core.$ZodArray) return [['', schema._zod.def.element]];
  if (schema instanceof z.core.$ZodUnion) return schema._zod.def.options.map((option: Schema) => ['', option] as const);
  if (schema instanceof z.core.$ZodIntersection)
    return [
      ['', schema._zod.def.left],
      ['', schema._zod.def.right],
    ];
  if (schema instanceof z.core.$ZodRecord)
    return [
      ['', schema._zod.def.keyType],
      ['', schema._zod.def.valueType],
    ];
  if (schema instanceof z.core.$ZodTuple)
    return [...schema._zod.def.items, ...(schema._zod.def.rest ? [schema._zod.def.rest] : [])].map((item: Schema) => ['', item] as const);
  if (schema instanceof z.core.$ZodLazy) return [['', schema._zod.innerType]];
  // Optional, nullable, default, readonly and their like.
  const { def } = schema._zod;
  return 'innerType' in def && def.innerType instanceof z.core.$ZodType ? [['', def.innerType]] : [];
}

/** Leaves out what zod says for validators alone, and says an example as JSON Schema does. */
function tidy({ zodSchema, jsonSchema }: { readonly zodSchema: Schema; readonly jsonSchema: JsonSchema }): void {
  // A reader is tolerant: a field that is added later breaks nobody who validates by this document.
  if (zodSchema instanceof z.core.$ZodObject && !zodSchema._zod.def.catchall) delete jsonSchema.additionalProperties;
  if (zodSchema instanceof z.core.$ZodStringFormat && jsonSchema.format !== undefined) delete jsonSchema.pattern;
  if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
  if (jsonSchema.example !== undefined) {
    jsonSchema.examples ??= [jsonSchema.example];
    delete jsonSchema.example;
  }
}
