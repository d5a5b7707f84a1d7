import { z } from 'zod';
import { type Definition, type Schema, definition } from './schema.ts';

/**
 * The code of a schema that has nothing inside (a text, a number, a choice, one of these or null), so that a public
 * contract declares it for itself and does not change with a product's. In an input a list of them counts too.
 * @returns undefined where the schema has something inside.
 */
export function leafText(schema: Schema, use: 'input' | 'output'): string | undefined {
  const def = definition(schema);
  const letter = def.type === 'string' ? letterOf(def) : undefined;
  if (letter !== undefined) return `id('${letter}')`; // it brings its own example
  const code = codeOf(def, use);
  return code && code + metaText(schema);
}

function codeOf(def: Definition, use: 'input' | 'output'): string | undefined {
  switch (def.type) {
    case 'optional':
    case 'nullable':
      return around('', leafText(def.innerType, use), `.${def.type}()`);
    case 'default':
      return around('', leafText(def.innerType, use), `.default(${JSON.stringify(def.defaultValue)})`);
    case 'array':
      return use === 'input' ? around('z.array(', leafText(def.element, use), `)${bounds(def.checks)}`) : undefined;
    case 'string':
      return stringText(def);
    case 'number':
      return ('format' in def && def.format === 'safeint' ? 'z.int()' : 'z.number()') + bounds(def.checks);
    case 'boolean':
      return 'z.boolean()';
    case 'enum':
      return `z.enum(${JSON.stringify(Object.values(def.entries))})`;
    case 'literal':
      return def.values.every((value) => typeof value !== 'bigint') ? `z.literal(${JSON.stringify(def.values)})` : undefined;
    default:
      return undefined;
  }
}

const around = (before: string, inner: string | undefined, after: string): string | undefined =>
  inner === undefined ? undefined : before + inner + after;

function stringText(def: z.core.$ZodStringDef): string {
  const options = ['offset', 'local', 'precision'].flatMap((name) => {
    const value: unknown = Reflect.get(def, name);
    return value === true || typeof value === 'number' ? [`${name}: ${value}`] : [];
  });
  const format: unknown = Reflect.get(def, 'format');
  const begin =
    format === 'date'
      ? 'z.iso.date()'
      : format === 'datetime'
        ? `z.iso.datetime(${options.length > 0 ? `{ ${options.join(', ')} }` : ''})`
        : format === 'email' || format === 'url' || format === 'uuid'
          ? `z.${format}()`
          : 'z.string()';
  return begin + bounds(def.checks);
}

/** The checks that a contract can say: others are the product's to make. */
function bounds(checks: readonly z.core.$ZodCheck[] = []): string {
  const texts = checks.map(({ _zod }) => {
    // As above: zod's checks are a union by `check`.
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion
    const check = _zod.def as z.core.$ZodChecks['_zod']['def'];
    switch (check.check) {
      case 'min_length':
        return `.min(${check.minimum})`;
      case 'max_length':
        return `.max(${check.maximum})`;
      case 'length_equals':
        return `.length(${check.length})`;
      case 'greater_than':
        return `.${check.inclusive ? 'min' : 'gt'}(${String(check.value)})`;
      case 'less_than':
        return `.${check.inclusive ? 'max' : 'lt'}(${String(check.value)})`;
      case 'string_format':
        return check.format === 'regex' && 'pattern' in check ? `.regex(${String(check.pattern)})` : '';
      default:
        return '';
    }
  });
  return texts.join('');
}

/** The letter of an id made by the kernel's `id`. */
function letterOf(def: z.core.$ZodStringDef): string | undefined {
  const patterns = (def.checks ?? []).map(({ _zod }) => String(Reflect.get(_zod.def, 'pattern')));
  return patterns.length === 1 ? /^\/\^([a-z])-\\d\{4,9\}\$\/$/.exec(patterns[0] ?? '')?.[1] : undefined;
}

function metaText(schema: Schema): string {
  const { description, example } = z.globalRegistry.get(schema) ?? {};
  const said = { ...(description === undefined ? {} : { description }), ...(example === undefined ? {} : { example }) };
  return Object.keys(said).length > 0 ? `.meta(${JSON.stringify(said)})` : '';
}
