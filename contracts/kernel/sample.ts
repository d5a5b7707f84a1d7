import { z } from 'zod';
import { type Schema, unwrap } from './read-schema.js';
import { countUp, lengths, numbers, texts } from './sample-leaf.js';

/** Which of the many valid values a sample is. */
export interface SampleOptions {
  /** Another seed takes other arms, members, numbers and absences. */
  readonly seed?: number;
  /** How many items a list or a record has, within the bounds that it declares. Default 2. */
  readonly items?: number;
}

/**
 * A believable value that the schema accepts, as it travels; the same one for the same options. Examples
 * (`.meta({ example })`, `examples`) and defaults are used as they stand, and an example that ends in a number is
 * counted up in a list (`u-0001`, `u-0002`). Without a seed everything is there, unions take their first arm and a list
 * goes through an enum's members. A recursive schema goes two levels deep.
 * @throws TypeError, naming the field, where no passing value can be made; an example on that field helps.
 */
export function sample<S extends z.ZodType>(schema: S, options: SampleOptions = {}): z.input<S> {
  const value = maker(choices(options.seed), options.items ?? 2)(schema, { path: '', nth: 0, within: [] });
  if (value === NONE) throw new TypeError('sample: the schema has no finite value');
  const parsed = z.safeParse(schema, value);
  if (parsed.success) return value as z.input<S>;
  const [issue] = parsed.error.issues;
  throw new TypeError(`sample: "${issue?.path.join('.') || '(whole)'}": ${issue?.message}; give it .meta({ example })`);
}

/** That a schema has no value: it never has, or not without going on for ever. */
const NONE = Symbol('none');

/** Where a value stands: its path, its position in the list around it, the schemas around it. */
interface Place {
  readonly path: string;
  readonly nth: number;
  readonly within: readonly Schema[];
}

/** What is left to chance; without a seed, nothing. */
interface Choices {
  /** A whole number below `count`. */
  below(count: number): number;
  /** Whether what may be absent is. */
  absent(): boolean;
  /** A number from 0 to 1, or undefined for a plain one. */
  share(): number | undefined;
}

function choices(seed: number | undefined): Choices {
  if (seed === undefined) return { below: () => 0, absent: () => false, share: () => undefined };
  // mulberry32: small, and equal on every engine
  let state = seed | 0;
  const random = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  return { below: (count) => Math.floor(random() * count), absent: () => random() < 0.25, share: random };
}

type Def = z.core.$ZodTypes['_zod']['def'];
type Make = (schema: Schema, place: Place) => unknown;

/** How often a schema may stand within itself. */
const LEVELS = 2;

function maker(choose: Choices, items: number): Make {
  return function make(schema: Schema, place: Place): unknown {
    if (place.within.filter((outer) => outer === schema).length >= LEVELS) return NONE;
    const example = exampleOf(schema, place);
    if (example !== undefined) return example;
    const def = schema._zod.def as Def;
    const inside: Place = { ...place, within: [...place.within, schema] };
    switch (def.type) {
      case 'string':
        return passing(schema, place, texts(def, wordOf(place.path), place.nth));
      case 'number':
        return passing(schema, place, numbers(def, place.nth, choose.share()));
      case 'boolean':
        return choose.below(2) === 0;
      case 'null':
        return null;
      case 'undefined':
      case 'void':
        return undefined;
      case 'literal':
      case 'enum': {
        const values = [...(schema._zod.values ?? [])];
        return values[(choose.below(values.length) + place.nth) % values.length];
      }
      case 'template_literal':
        return passing(schema, place, [def.parts.map((part) => (isSchema(part) ? String(make(part, inside)) : String(part))).join('')]);
      case 'object':
        return object(def, make, inside);
      case 'array':
        return list(def, make, inside, items);
      case 'tuple':
        return tuple(def, make, inside);
      case 'record':
        return record(def, make, inside, items);
      case 'union':
        return union(schema, def, make, inside, choose);
      case 'intersection':
        return both(make(def.left, inside), make(def.right, inside));
      case 'lazy':
        return make(def.getter(), inside);
      case 'readonly':
        return make(def.innerType, inside);
      case 'nonoptional': {
        const value = make(def.innerType, inside);
        return value === undefined ? make(unwrap(def.innerType), inside) : value;
      }
      case 'optional': {
        const value = choose.absent() ? undefined : make(def.innerType, inside);
        return value === NONE ? undefined : value;
      }
      case 'nullable': {
        const value = choose.absent() ? null : make(def.innerType, inside);
        return value === NONE ? null : value;
      }
      case 'default':
      case 'prefault':
        return def.defaultValue;
      case 'never':
        return NONE;
      default:
        throw new TypeError(`sample: ${named(place)} is a ${def.type}, which no contract may have`);
    }
  };
}

/** What the contract itself gives as an example, checked: one that does not pass would mislead every reader. */
function exampleOf(schema: Schema, place: Place): unknown {
  const meta = z.globalRegistry.get(schema);
  const listed = Array.isArray(meta?.examples) && meta.examples.length > 0 ? meta.examples[place.nth % meta.examples.length] : undefined;
  const example: unknown = meta?.['example'] ?? listed;
  if (example === undefined) return undefined;
  const parsed = z.safeParse(schema, example);
  if (!parsed.success) throw new TypeError(`sample: ${named(place)}: its own example does not pass: ${parsed.error.issues[0]?.message}`);
  return typeof example === 'string' ? countUp(schema, example, place.nth) : example;
}

function object(def: z.core.$ZodObjectDef, make: Make, place: Place): unknown {
  const fields: [string, unknown][] = [];
  for (const [key, field] of Object.entries(def.shape)) {
    const value = make(field, { ...place, path: join(place.path, key) });
    if (value === NONE) return NONE;
    if (value !== undefined) fields.push([key, value]);
  }
  return Object.fromEntries(fields);
}

function list(def: z.core.$ZodArrayDef, make: Make, place: Place, items: number): unknown {
  const [least, most] = lengths(def.checks);
  const values: unknown[] = [];
  for (let nth = 0; nth < Math.max(least, Math.min(items, most)); nth++) {
    const value = make(def.element, { ...place, nth });
    if (value === NONE) return least === 0 ? [] : NONE;
    values.push(value);
  }
  return values;
}

function tuple(def: z.core.$ZodTupleDef, make: Make, place: Place): unknown {
  const values = def.items.map((item, i) => make(item, { ...place, path: join(place.path, String(i)) }));
  while (values.length > 0 && values.at(-1) === undefined) values.pop(); // JSON has no undefined: what is absent ends the list
  return values.includes(NONE) ? NONE : values;
}

function record(def: z.core.$ZodRecordDef, make: Make, place: Place, items: number): unknown {
  const inside = { ...place, path: join(place.path, '*') };
  const declared = def.keyType._zod.values;
  const keys = declared ? [...declared] : Array.from({ length: items }, (_, nth) => make(def.keyType, { ...inside, nth }));
  const entries: [string, unknown][] = keys.map((key, nth) => [
    String(key),
    make(def.valueType, { ...inside, nth: declared ? place.nth : nth }),
  ]);
  const must = declared !== undefined && !def.partial;
  if (must && entries.some(([, value]) => value === NONE)) return NONE;
  return Object.fromEntries(entries.filter(([, value]) => value !== NONE && value !== undefined));
}

function union(schema: Schema, def: z.core.$ZodUnionDef, make: Make, place: Place, choose: Choices): unknown {
  const first = choose.below(def.options.length);
  for (const option of [...def.options.slice(first), ...def.options.slice(0, first)]) {
    const value = make(option, place);
    if (value !== NONE && z.safeParse(schema, value).success) return value;
  }
  return NONE;
}

const both = (left: unknown, right: unknown): unknown =>
  left === NONE || right === NONE
    ? NONE
    : isFields(left) && isFields(right)
      ? Object.fromEntries([...Object.entries(left), ...Object.entries(right)])
      : left;

/** The first candidate that the schema takes. */
function passing<T>(schema: Schema, place: Place, candidates: readonly T[]): T {
  const found = candidates.find((candidate) => z.safeParse(schema, candidate).success);
  if (found !== undefined) return found;
  throw new TypeError(`sample: ${named(place)}: none could be made that passes ${demand(schema)}; give it .meta({ example })`);
}

/** A schema's rules in a few words, for the message. */
function demand(schema: Schema): string {
  const { def } = schema._zod;
  const rules = [...('check' in def ? [def] : []), ...(def.checks ?? []).map((check) => check._zod.def)];
  return (
    rules.map((rule) => ('pattern' in rule && rule.pattern instanceof RegExp ? String(rule.pattern) : String(rule.check))).join(', ') ||
    `a ${def.type}`
  );
}

const named = (place: Place): string => `"${place.path || '(whole)'}"`;
const join = (path: string, key: string): string => (path === '' ? key : `${path}.${key}`);
const isSchema = (part: unknown): part is Schema => typeof part === 'object' && part !== null && '_zod' in part;
const isFields = (value: unknown): value is object => typeof value === 'object' && value !== null && !Array.isArray(value);

/** A field's name as words: `examTitle` gives `exam title`. */
function wordOf(path: string): string {
  const name = path.slice(path.lastIndexOf('.') + 1);
  if (name === '*') return 'key';
  return name.replace(/([a-z0-9])([A-Z])/g, (_, before: string, after: string) => `${before} ${after.toLowerCase()}`) || 'text';
}
