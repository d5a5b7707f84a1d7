import { z } from 'zod';
import { id, operation, product } from '../../kernel/index.js';
import { next, pageInput } from '../pages.js';

/** A piece of a page, with the pieces that stand inside it. */
export interface Block {
  id: string;
  kind: string;
  props: Record<string, string>;
  children: Block[];
}

/** As deep as the page is. Recursive, so it can't be compiled; read no deeper than needed. */
export const Block: z.ZodType<Block, Block> = z.object({
  id: id('k'),
  kind: z.string().meta({ description: 'What draws it; new kinds come without notice.', example: 'heading' }),
  props: z.record(z.string(), z.string()),
  get children() {
    return z.array(Block);
  },
});

/** A website as it stands in a list. */
export const Site = z.object({
  id: id('s'),
  ownerId: id('u'),
  title: z.string().meta({ example: 'Lindqvist Flight Academy' }),
  url: z.url().meta({ example: 'https://lindqvist-flight-academy.clickai.example' }),
  publishedAt: z.iso.datetime().nullable().meta({ description: 'Null while it is a draft.', example: '2026-08-19T10:12:00Z' }),
});

/** Generated websites. */
export const clickai = product('clickai', 1, {
  getSite: operation({
    get: '/sites/{id}',
    summary: 'One website with its tree of components.',
    input: z.object({ id: id('s') }),
    output: z.object({ ...Site.shape, root: Block }),
    errors: { siteNotFound: 404 },
    absent: 'siteNotFound',
    tags: ({ id }) => [`site:${id}`],
  }),
  listSites: operation({
    get: '/sites',
    summary: "A user's websites without their trees, in the order they were made.",
    input: z.object({ ownerId: id('u'), ...pageInput }),
    output: z.object({ sites: z.array(Site), next }),
    tags: ({ ownerId }) => [`sites:${ownerId}`],
  }),
});
