import { z } from 'zod';
import { Site, clickai } from '#contracts/products/clickai/v1.js';
import { page, serve } from '../../kit/index.js';
import { tree } from './tree.js';

const SELECT = 'SELECT id, owner_id AS ownerId, title, url, published_at AS publishedAt, root FROM sites';
const SiteRow = Site.extend({ root: z.string() });

/** Answers for version 1 of clickai. */
export const v1 = serve(clickai, {
  getSite({ input, db, fail }) {
    const site = db.one(SiteRow, `${SELECT} WHERE id = $id`, input);
    if (site === undefined) throw fail('siteNotFound');
    return { ...site, root: tree(db, site.root) };
  },
  listSites({ input, db }) {
    const { rows, next } = page(input, {
      key: z.string(),
      first: '',
      read: (after, take) =>
        db.all(Site, `${SELECT} WHERE owner_id = $ownerId AND id > $after ORDER BY id LIMIT $take`, {
          ownerId: input.ownerId,
          after,
          take,
        }),
      keyOf: ({ id }) => id,
    });
    return { sites: rows, next };
  },
});
