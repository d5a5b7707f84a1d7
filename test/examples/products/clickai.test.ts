import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { client } from '#contracts/client/index.js';
import { type Block, clickai } from '#contracts/products/clickai/v1.js';
import type { Database } from '../../../examples/kit/index.js';
import { clickaiProduct } from '../../../examples/products/clickai/product.js';
import { tree } from '../../../examples/products/clickai/tree.js';
import { KEY, running, tokenOf } from '../kit-fixture.js';
import { contentOf, seeded } from './seeded.js';
import { valueOf } from './value-of.js';

const clientOf = (url: string) =>
  client({
    consumer: 'test',
    baseUrl: `${url}/v1`,
    at: 'product',
    key: KEY,
    token: tokenOf('u-0001'),
    uses: {
      site: clickai.getSite.reads(true),
      kinds: clickai.getSite.reads({ root: { children: { kind: true } } }),
      sites: clickai.listSites.reads(true),
    },
  });

/** A block and everything below it. */
const flat = (block: Block): Block[] => [block, ...block.children.flatMap(flat)];

const insert = (db: Database, id: string, parent: string | null, position: number): void =>
  db.run("INSERT INTO blocks (id, parent, position, kind, props) VALUES ($id, $parent, $position, 'box', '{}')", { id, parent, position });

describe('clickai', () => {
  it('seeds websites with their trees, the same every time', () => {
    using one = seeded(clickaiProduct);
    using other = seeded(clickaiProduct);
    const { rows, digest } = contentOf(one.db);
    expect(rows.sites).toBe(100);
    expect(rows.blocks).toBeGreaterThan(2_000);
    expect(contentOf(other.db).digest).toBe(digest);
  });

  it('assembles a tree from its rows, children in their order', () => {
    using product = seeded({ ...clickaiProduct, seed: () => undefined });
    const { db } = product;
    insert(db, 'root', null, 0);
    insert(db, 'a-right', 'root', 1);
    insert(db, 'b-left', 'root', 0);
    insert(db, 'below-right', 'a-right', 0);
    insert(db, 'deepest', 'below-right', 0);
    insert(db, 'other-root', null, 0);
    const box = (id: string, ...children: Block[]): Block => ({ id, kind: 'box', props: {}, children });
    expect(tree(db, 'root')).toEqual(box('root', box('b-left'), box('a-right', box('below-right', box('deepest')))));
    expect(tree(db, 'other-root')).toEqual(box('other-root'));
  });

  it('puts every block into the tree of exactly one site', () => {
    using product = seeded(clickaiProduct);
    const { db } = product;
    const Id = z.object({ id: z.string() });
    const roots = db.all(Id, 'SELECT root AS id FROM sites');
    const placed = roots.flatMap(({ id }) => flat(tree(db, id)).map((block) => block.id));
    expect(placed.sort()).toEqual(db.all(Id, 'SELECT id FROM blocks ORDER BY id').map(({ id }) => id));
  });

  it('gives a site with its tree', async () => {
    await using product = await running(clickaiProduct);
    const site = valueOf(await clientOf(product.url).site({ id: 's-0001' }));
    expect(site).toMatchObject({ id: 's-0001', ownerId: 'u-0001', root: { kind: 'page' } });
    expect(site.root.children.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['header', 'hero', 'footer']));
  });

  it('can be read as deep as a consumer wants and no deeper', async () => {
    await using product = await running(clickaiProduct);
    const { root } = valueOf(await clientOf(product.url).kinds({ id: 's-0001' }));
    expect(root.children[0]).toEqual({ kind: 'header' });
  });

  it('says that there is no such site', async () => {
    await using product = await running(clickaiProduct);
    expect(await clientOf(product.url).site({ id: 's-9999' })).toMatchObject({ ok: false, error: 'siteNotFound', status: 404 });
  });

  it("pages through a user's sites, leaving out and repeating none", async () => {
    await using product = await running(clickaiProduct);
    const to = clientOf(product.url);
    const whole = valueOf(await to.sites({ ownerId: 'u-0001', limit: 100 })).sites;
    expect(whole.length).toBeGreaterThan(6);
    const first = valueOf(await to.sites({ ownerId: 'u-0001', limit: 4 }));
    const rest = valueOf(await to.sites({ ownerId: 'u-0001', limit: whole.length - 4, cursor: first.next ?? undefined }));
    expect(first.sites).toHaveLength(4);
    expect([...first.sites, ...rest.sites]).toEqual(whole);
    expect(rest.next).toBeNull();
    expect(whole.every(({ ownerId }) => ownerId === 'u-0001')).toBe(true);
  });
});
