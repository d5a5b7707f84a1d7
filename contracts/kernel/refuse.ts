import type { z } from 'zod';
import type { Schema } from './read-schema.js';

/** Why each kind can't be said in a contract: contracts speak JSON as it travels, so that bytes can be handed through. */
const refused: Partial<Record<z.core.$ZodTypes['_zod']['def']['type'], string>> = {
  pipe: 'a codec, transform or pipe: the value would not be what travels; declare the wire value (an ISO string, a number)',
  transform: 'a transform: declare the wire value',
  catch: 'a catch: it would hide a broken field',
  success: 'a success: the value would not be what travels',
  date: 'a Date, which JSON has not: use z.iso.datetime()',
  bigint: 'a bigint, which JSON has not: use a string',
  map: 'a Map, which JSON has not: use z.record()',
  set: 'a Set, which JSON has not: use z.array()',
  symbol: 'a symbol, which JSON has not',
  function: 'a function, which JSON has not',
  file: 'a file: only JSON travels',
  promise: 'a promise',
  nan: 'NaN, which JSON has not',
  any: 'z.any(): say what it is, or z.json() for any JSON value',
  unknown: 'z.unknown(): say what it is, or z.json() for any JSON value',
  custom: 'a custom type: say what it is on the wire',
};

/**
 * Every place in a schema that is not a wire value, as `path: why`. In an answer a default is refused too (it would fill
 * a field that a product stopped sending), and so are strict and loose objects (a reader is tolerant, and undeclared
 * fields do not exist).
 */
export function refusals(schema: Schema, use: 'input' | 'output'): readonly string[] {
  const found: string[] = [];
  const seen = new Set<Schema>();
  const walk = (at: Schema | undefined | null, path: string): void => {
    if (!at || seen.has(at)) return;
    seen.add(at);
    const def = at._zod.def as z.core.$ZodTypes['_zod']['def'];
    const say = (why: string): number => found.push(`${path || '(whole)'}: ${why}`);
    const why = refused[def.type];
    if (why !== undefined) say(why);
    if ('coerce' in def && def.coerce) say('coercion: declare the wire value');
    if (use === 'output' && def.checks?.some((check) => check._zod.def.check === 'overwrite')) say('a check that changes the value');
    switch (def.type) {
      case 'object':
        if (use === 'output' && def.catchall) say('a strict or loose object, or a catchall: use z.object()');
        for (const [key, field] of Object.entries(def.shape)) walk(field, path === '' ? key : `${path}.${key}`);
        break;
      case 'default':
      case 'prefault':
        if (use === 'output') say('a default: it would hide that a product stopped sending the field');
        walk(def.innerType, path);
        break;
      case 'array':
        walk(def.element, path);
        break;
      case 'tuple':
        def.items.forEach((item, i) => walk(item, `${path}.${i}`));
        walk(def.rest, path);
        break;
      case 'literal':
        if (def.values.some((value) => typeof value === 'bigint')) say('a bigint, which JSON has not: use a string');
        break;
      case 'record':
        if (use === 'output' && def.mode === 'loose') say('a loose record: use z.record()');
        walk(def.keyType, `${path}.*`);
        walk(def.valueType, `${path}.*`);
        break;
      case 'union':
        for (const option of def.options) walk(option, path);
        break;
      case 'intersection':
        walk(def.left, path);
        walk(def.right, path);
        break;
      case 'lazy':
        walk(def.getter(), path);
        break;
      case 'optional':
      case 'nullable':
      case 'readonly':
      case 'nonoptional':
        walk(def.innerType, path);
        break;
      default:
    }
  };
  walk(schema, '');
  return found;
}
