import { type Document, visit } from 'yaml';

/** The environment's variables. */
export type Variables = Readonly<Record<string, string | undefined>>;

/** What stands where a variable was expected, by offset. */
export interface VariableFault {
  readonly at: number;
  readonly what: string;
}

/** `$$` stands for a dollar sign, `${NAME}` for a variable; any other brace after a dollar sign is a mistake. */
const PLACES = /\$\$|\$\{([^}]*)\}?/g;
const NAME = /^[A-Z][A-Z0-9_]*$/;

/**
 * Puts the values of variables where `${NAME}` stands, in values and nowhere else. A value that is nothing but a variable is
 * a number, or true or false, where the variable looks like one. The text of a variable is taken as it is: it holds no YAML.
 */
export function substitute(document: Document, variables: Variables): readonly VariableFault[] {
  const faults: VariableFault[] = [];
  visit(document, {
    Scalar(key, scalar) {
      const { value, range } = scalar;
      if (key === 'key' || typeof value !== 'string' || !value.includes('$')) return;
      const text = value.replaceAll(PLACES, (place, name: string | undefined) => {
        if (name === undefined) return '$';
        const found = NAME.test(name) && place.endsWith('}') ? variables[name] : undefined;
        if (found === undefined) faults.push({ at: range?.[0] ?? 0, what: fault(place, name) });
        return found ?? '';
      });
      scalar.value = /^\$\{[^}]*\}$/.test(value) ? plain(text) : text;
    },
  });
  return faults;
}

function fault(place: string, name: string): string {
  if (!NAME.test(name) || !place.endsWith('}'))
    return `expected the name of an environment variable, like \${AUTH_URL}, got ${place}; a dollar sign is $$`;
  return `expected the environment variable ${name} to be set: it stands here as ${place}`;
}

function plain(text: string): string | number | boolean {
  if (/^-?\d+(?:\.\d+)?$/.test(text)) return Number(text);
  return text === 'true' || text === 'false' ? text === 'true' : text;
}
