import { z } from 'zod';
import { Item, Price } from '#contracts/products/new-pilot-shop/v1.js';
import { type Database, type PageInput, json, page } from '../../kit/index.js';

const Row = Item.extend({
  price: json(Price),
  imageUrl: z
    .url()
    .nullable()
    .transform((url) => url ?? undefined),
});
type Row = z.output<typeof Row>;

const ITEM = `SELECT id, name, description, category, json_object('amount', amount, 'currency', currency) AS price, image_url AS imageUrl FROM items`;

/** One item, or undefined where there is none. */
export const findItem = (db: Database, id: string): Row | undefined => db.one(Row, `${ITEM} WHERE id = $id`, { id });

/** The items of these ids that there are, in no particular order. */
export const itemsById = (db: Database, ids: readonly string[]): Row[] =>
  db.all(Row, `${ITEM} WHERE id IN (SELECT value FROM json_each($ids))`, { ids: JSON.stringify(ids) });

/** A page of the catalog, or of one category, by id. */
export function pageOfItems(
  db: Database,
  input: PageInput & { readonly category?: string | undefined },
): { items: Row[]; next: string | null } {
  const { category } = input;
  const { rows, next } = page(input, {
    key: z.string(),
    first: '',
    read: (after, take) =>
      category === undefined
        ? db.all(Row, `${ITEM} WHERE id > $after ORDER BY id LIMIT $take`, { after, take })
        : db.all(Row, `${ITEM} WHERE category = $category AND id > $after ORDER BY id LIMIT $take`, { after, take, category }),
    keyOf: (item) => item.id,
  });
  return { items: rows, next };
}
