import { z } from 'zod';
import type { Block } from '#contracts/products/clickai/v1.js';
import { type Database, json } from '../../kit/index.js';

const BlockRow = z.object({
  id: z.string(),
  parent: z.string().nullable(),
  kind: z.string(),
  props: json(z.record(z.string(), z.string())),
});

/** Everything below a block and itself, parents before their children, children in their order. */
const TREE = `
  WITH RECURSIVE tree AS (
    SELECT id, parent, position, kind, props, 0 AS depth FROM blocks WHERE id = $root
    UNION ALL
    SELECT blocks.id, blocks.parent, blocks.position, blocks.kind, blocks.props, depth + 1
    FROM tree JOIN blocks ON blocks.parent = tree.id
  )
  SELECT id, parent, kind, props FROM tree ORDER BY depth, position`;

/**
 * The block with everything that stands inside it, in one query.
 * @throws Error where there is no such block.
 */
export function tree(db: Database, root: string): Block {
  const blocks = new Map<string, Block>();
  for (const { id, parent, kind, props } of db.all(BlockRow, TREE, { root })) {
    const block: Block = { id, kind, props, children: [] };
    if (parent !== null) blocks.get(parent)?.children.push(block);
    blocks.set(id, block);
  }
  const found = blocks.get(root);
  if (found === undefined) throw new Error(`expected a block "${root}", got none`);
  return found;
}
