import { fieldsOf } from '../../contracts/kernel/index.ts';
import { sample } from '../../contracts/kernel/sample.ts';
import { leafText } from './leaf-text.ts';
import { capital } from './name.ts';
import { Refusal } from './refusal.ts';
import { type Schema, definition, inside } from './schema.ts';
import type { UsedPart } from './used-part.ts';

/** One field of a route's input. */
export interface InputField {
  /** The code of its schema. */
  readonly code: string;
  readonly example: unknown;
}

/** What a route takes, and what each part is given of it. */
export interface Wiring {
  readonly input: Readonly<Record<string, InputField>>;
  /** By the part's name: its operation's field, and the route's field that it is given. */
  readonly given: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** The fields of the path that no part is given. */
  readonly idle: readonly string[];
}

/**
 * Gives each required field of each part one of the path's fields, by its name or because both are ids of one kind; a
 * field that finds none becomes a field of the route. A field that may be left out is given only what is in the path.
 * @throws Refusal where a required field is more than a plain value.
 */
export function wire(path: string, parts: readonly UsedPart[]): Wiring {
  const inPath = fieldsOf(path);
  const input: Record<string, InputField> = {};
  const given: Record<string, Record<string, string>> = Object.fromEntries(parts.map(({ name }) => [name, {}]));

  function give(part: UsedPart, field: string, code: string, names: readonly string[]): boolean {
    const from = names.find((name) => input[name] === undefined || input[name].code === code);
    if (from === undefined) return false;
    input[from] ??= { code, example: sample(part.operation.input)[field] };
    given[part.name] = { ...given[part.name], [field]: from };
    return true;
  }

  for (const part of parts)
    for (const [field, schema] of required(part)) {
      const code = leafText(schema, 'input');
      if (code === undefined)
        throw new Refusal(
          `part "${part.name}": its input "${field}" is more than a plain value; make the route with another part and add this one by hand`,
        );
      const own = [field, part.name + capital(field)].filter((name) => !inPath.includes(name));
      const names = [...inPathFor(field, part, inPath), ...(field === 'id' ? own.reverse() : own)];
      if (!give(part, field, code, names))
        throw new Refusal(`part "${part.name}": nothing in "${path}" can be its input "${field}", and the name is in use`);
    }
  for (const part of parts)
    for (const [field, schema] of dispensable(part)) {
      const code = leafText(schema, 'input');
      if (code !== undefined) give(part, field, code, inPathFor(field, part, inPath));
    }
  const idle = inPath.filter((field) => input[field] === undefined);
  for (const field of idle) input[field] = { code: 'z.string().min(1).max(64)', example: field };
  return { input, given, idle };
}

/** The fields of the path that may be given to a field of a part, the likeliest first: its namesake; for what tells things apart, any. */
function inPathFor(field: string, { name, operation }: UsedPart, inPath: readonly string[]): string[] {
  const tellsApart = field.endsWith('Id') || operation.wire.inPath.some((one) => one.name === field);
  const likely = tellsApart ? [field, `${name}Id`, ...inPath] : [field];
  return [...new Set(likely)].filter((name) => inPath.includes(name));
}

type Field = readonly [string, Schema];

const required = ({ operation }: UsedPart): readonly Field[] =>
  Object.entries(inside(operation.input).fields).filter(([, schema]) => schema._zod.optin === undefined);

/** The fields that may be left out and have no default, as what they are where they are there. */
const dispensable = ({ operation }: UsedPart): readonly Field[] =>
  Object.entries(inside(operation.input).fields).flatMap(([name, schema]): Field[] => {
    const def = definition(schema);
    return def.type === 'optional' ? [[name, def.innerType]] : [];
  });
