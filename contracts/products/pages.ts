import { z } from 'zod';

/** The input fields of every list that is read page by page, in all products. */
export const pageInput = {
  limit: z.int().min(1).max(100).default(20).meta({ description: 'How many at most.' }),
  cursor: z.string().min(1).max(200).optional().meta({ description: 'The `next` of the page before; left out for the first page.' }),
};

/** The field of a page that says where the next one begins; null on the last page. */
export const next = z.string().nullable().meta({ description: 'The `cursor` of the next page; null on the last one.' });
