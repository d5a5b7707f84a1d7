import type { AnyOperation } from '#contracts/kernel/index.js';
import { sample } from '#contracts/kernel/sample.js';
import { isRecord } from './answers.ts';

/** What stands in an answer that was made for nobody in particular. */
export const NOBODY = 'made-for-nobody';

/** Who asks, as products are told: a user, through a consumer; undefined where it is nobody in particular. */
export const nameOf = (user: string | undefined, consumer: string | undefined): string | undefined =>
  user === undefined || consumer === undefined ? (user ?? consumer) : `${user}-by-${consumer}`;

/** What stands in an answer that was made for somebody. */
export const markOf = (name: string | undefined): string => (name === undefined ? NOBODY : `made-for-${name}`);

/** The marks in a text. */
export const marksIn = (text: string): ReadonlySet<string> => new Set([...text.matchAll(/made-for-[a-z0-9-]+/g)].map(([mark]) => mark));

/** The longest of all marks: where it fits, the others do. */
const PLACE = markOf('u-0000-by-want-to-be-a-pilot');

const templates = new Map<string, string>();

/** The JSON of an answer by the contract in which every text that may hold any text is the mark. */
export function markedBody(operation: AnyOperation, url: URL, mark: string): string {
  const { product, version, name } = operation;
  const key = `${product} ${version} ${name} ${url.search}`;
  let template = templates.get(key);
  if (template === undefined) templates.set(key, (template = JSON.stringify(templateOf(operation, url)) ?? ''));
  return template.replaceAll(PLACE, mark);
}

function templateOf(operation: AnyOperation, { searchParams }: URL): unknown {
  const { output, batches } = operation;
  const keys = batches ? searchParams.getAll(batches.list) : [];
  const whole: unknown = structuredClone(sample(output, { items: Math.max(1, keys.length) }));
  const entities = batches?.at === undefined ? whole : isRecord(whole) ? whole[batches.at] : undefined;
  if (batches && Array.isArray(entities)) for (const [i, key] of keys.entries()) Reflect.set(entities[i], batches.by, key);
  const visit = (at: unknown): void => {
    if (typeof at !== 'object' || at === null) return;
    for (const [name, value] of Object.entries(at)) {
      if (typeof value !== 'string') visit(value);
      else if (name !== batches?.by) {
        Reflect.set(at, name, PLACE);
        if (!output.safeParse(whole).success) Reflect.set(at, name, value);
      }
    }
  };
  visit(whole);
  return whole;
}
