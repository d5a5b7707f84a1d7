import { z } from 'zod';
import { type Schema, step, unwrap } from './read-schema.js';

/** How deep a value may nest where its schema sets no bound: lists and objects inside one another. */
export const MAX_DEPTH = 64;

/**
 * Whether a value nests deeper than `MAX_DEPTH`, as far as the schema looks into it. Goes level by level and never calls
 * itself: a parser or `JSON.stringify`, which do, would overflow the stack.
 */
export function nestsTooDeep(schema: Schema, value: unknown): boolean {
  // The value alone is quicker to look at, and nearly always shallow enough.
  if (!isNest(value) || !passes(value, (nest) => Object.values(nest).filter(isNest))) return false;
  return passes<Place>({ schemas: new Set([schema]), value }, inside);
}

/** Whether there are more levels than `MAX_DEPTH`, the first included. */
function passes<T>(first: T, below: (at: T) => readonly T[]): boolean {
  let level: readonly T[] = [first];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth === MAX_DEPTH) return true;
    level = level.flatMap(below);
  }
  return false;
}

type Nest = Readonly<Record<string, unknown>>;
const isNest = (value: unknown): value is Nest => typeof value === 'object' && value !== null;

/** A list or an object, and all that it may be: which arm of a union it is, only the parser knows. */
interface Place {
  readonly schemas: ReadonlySet<Schema>;
  readonly value: Nest;
}

/** The lists and objects directly inside one, where a schema looks at them. */
function inside({ schemas, value }: Place): readonly Place[] {
  const arms = [...schemas].flatMap(armsOf);
  const found: Place[] = [];
  for (const [key, inner] of Object.entries(value)) {
    if (!isNest(inner)) continue;
    const to = new Set<Schema>();
    for (const arm of arms) {
      const next = step(arm, Array.isArray(value) ? Number(key) : key)?.to;
      if (next) to.add(next);
    }
    if (to.size > 0) found.push({ schemas: to, value: inner });
  }
  return found;
}

const known = new WeakMap<Schema, readonly Schema[]>();

/** A union's and an intersection's arms, theirs too; any other schema itself. */
function armsOf(schema: Schema): readonly Schema[] {
  let arms = known.get(schema);
  if (!arms) {
    const at = unwrap(schema);
    if (at instanceof z.core.$ZodUnion) arms = at._zod.def.options.flatMap(armsOf);
    else if (at instanceof z.core.$ZodIntersection) arms = [at._zod.def.left, at._zod.def.right].flatMap(armsOf);
    else arms = [at];
    known.set(schema, arms);
  }
  return arms;
}
