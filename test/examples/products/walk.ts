import { z } from 'zod';
import type { Calls } from '../kit-fixture.js';

/** Everything that a list gives, page after page, the entities being in the field `at`. */
export async function walk<T>(product: Calls, path: string, at: string, entity: z.ZodType<T>): Promise<T[]> {
  const Page = z.object({ [at]: z.array(entity), next: z.string().nullable() });
  const found: T[] = [];
  let next: string | null | undefined;
  do {
    const url = `${path}${path.includes('?') ? '&' : '?'}limit=100${next ? `&cursor=${next}` : ''}`;
    const page = Page.parse((await product.get(url)).body);
    found.push(...z.array(entity).parse(page[at]));
    next = z.string().nullable().parse(page.next);
  } while (next !== null);
  return found;
}
