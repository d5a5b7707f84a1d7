import { Refusal } from './refusal.ts';

/** One name in every spelling that the code needs. */
export interface Name {
  /** `flight-school`: files, products, paths. */
  readonly kebab: string;
  /** `flightSchool`: values. */
  readonly camel: string;
  /** `FlightSchool`: schemas. */
  readonly pascal: string;
  /** `flight_school`: tables. */
  readonly snake: string;
  /** `flight school`: sentences. */
  readonly words: string;
}

const KEBAB = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;

/** @throws Refusal where the text is no name in lower case with dashes. */
export function nameOf(text: string, what: string): Name {
  if (!KEBAB.test(text)) throw new Refusal(`${what} "${text}": expected lower case with dashes, like "flight-school"`);
  const camel = text.replaceAll(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
  return {
    kebab: text,
    camel,
    pascal: capital(camel),
    snake: text.replaceAll('-', '_'),
    words: text.replaceAll('-', ' '),
  };
}

/** The name of many: `lesson` gives `lessons`, `category` gives `categories`. */
export function plural({ kebab }: Name): Name {
  const many = /[^aeiou]y$/.test(kebab) ? `${kebab.slice(0, -1)}ies` : /(s|x|z|ch|sh)$/.test(kebab) ? `${kebab}es` : `${kebab}s`;
  return nameOf(many, 'plural');
}

/** The name of one of many: `lessons` gives `lesson`; what is no plural stays. */
export const singular = (kebab: string): string =>
  kebab.endsWith('ies') ? `${kebab.slice(0, -3)}y` : /(s|x|z|ch|sh)es$/.test(kebab) ? kebab.slice(0, -2) : kebab.replace(/(?<=[^s])s$/, '');

/** With its first letter in upper case. */
export const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** Each word once, as a sentence has them: `auth, babonbo and clickai`. */
export function listed(words: readonly string[]): string {
  const own = [...new Set(words)];
  return own.length > 1 ? `${own.slice(0, -1).join(', ')} and ${own.at(-1)}` : own.join('');
}

/** Words of the language, which name no value. */
const KEYWORDS =
  'arguments await break case catch class const continue debugger default delete do else enum eval export extends false finally for function if implements import in instanceof interface let new null package private protected public return static super switch this throw true try typeof undefined var void while with yield';

/**
 * Refuses a name that no value can have where the generated code has these values already.
 * @throws Refusal naming it.
 */
export function refuseTaken(camel: string, what: string, taken: string): void {
  if (`${KEYWORDS} ${taken}`.split(' ').includes(camel))
    throw new Refusal(`${what} "${camel}": that name has a meaning in the code; choose another`);
}
