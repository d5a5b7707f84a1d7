import { type Database, type Random, numbered } from '../../kit/index.js';
import { type Draft, draftSite } from './draft.js';

const SITES = 100;
const USERS = 200;

/** Websites with their trees; the first user has several, three in ten are drafts. */
export function seed(db: Database, random: Random): void {
  let blocks = 0;
  const insert = ({ kind, props, children }: Draft, parent: string | null, position: number): string => {
    const id = numbered('k', ++blocks);
    db.run('INSERT INTO blocks (id, parent, position, kind, props) VALUES ($id, $parent, $position, $kind, $props)', {
      id,
      parent,
      position,
      kind,
      props: JSON.stringify(props),
    });
    children.forEach((child, i) => insert(child, id, i));
    return id;
  };
  for (let n = 1; n <= SITES; n++) {
    const { title, root } = draftSite(random);
    db.run('INSERT INTO sites (id, owner_id, title, url, published_at, root) VALUES ($id, $ownerId, $title, $url, $publishedAt, $root)', {
      id: numbered('s', n),
      ownerId: numbered('u', n % 12 === 1 ? 1 : random.int(1, USERS)),
      title,
      url: `https://${title.toLowerCase().replaceAll(/[^a-z]+/g, '-')}-${n}.clickai.example`,
      publishedAt: random.chance(0.7)
        ? new Date(Date.UTC(2026, 0, random.int(1, 320), random.int(7, 19), random.int(0, 59))).toISOString()
        : null,
      root: insert(root, null, 0),
    });
  }
}
