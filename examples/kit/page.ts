import type { z } from 'zod';
import { BadInput } from './problem.js';

/** The input fields of a list that is read page by page, as contracts/products/pages.ts declares them. */
export interface PageInput {
  readonly limit: number;
  readonly cursor?: string | undefined;
}

type Cell = string | number;
/** What rows are sorted by: a column, or several. (Said so, a compiler infers a pair and no list.) */
type Key = Cell | readonly [Cell, ...Cell[]];

/** How one page is cut out of a sorted list. */
interface Cut<K extends Key, R> {
  /** What a row is sorted by, unique in the list. */
  readonly key: z.ZodType<K>;
  /** A key that stands before all others in the order of the list. */
  readonly first: NoInfer<K>;
  /** The rows that come after a key, in order, `take` at most. */
  readonly read: (after: K, take: number) => readonly R[];
  readonly keyOf: (row: R) => K;
}

/**
 * One page by key, never by number: it stays right while rows come and go, and an index finds it. The cursor is the key
 * of the page's last row.
 * @throws BadInput where the cursor is none that this list gave.
 */
export function page<K extends Key, R>(input: PageInput, cut: Cut<K, R>): { rows: R[]; next: string | null } {
  const after = input.cursor === undefined ? cut.first : decode(input.cursor, cut.key);
  const found = cut.read(after, input.limit + 1); // one more tells whether there is a next page
  const rows = found.slice(0, input.limit);
  const last = rows.at(-1);
  return { rows, next: found.length > rows.length && last !== undefined ? encode(cut.keyOf(last)) : null };
}

const encode = (key: unknown): string => Buffer.from(JSON.stringify(key)).toString('base64url');

function decode<K>(cursor: string, schema: z.ZodType<K>): K {
  let key: unknown;
  try {
    key = JSON.parse(Buffer.from(cursor, 'base64url').toString());
  } catch {
    key = undefined;
  }
  const parsed = schema.safeParse(key);
  if (!parsed.success) throw new BadInput([{ in: 'query', path: 'cursor', message: 'expected the `next` of an earlier page' }]);
  return parsed.data;
}
