import { z } from 'zod';
import { id, operation, product } from '../../kernel/index.js';
import { next, pageInput } from '../pages.js';

/** An item of the shop's catalog. Inventory knows its id and nothing else of it. */
const itemId = id('i');

/** Where stock lies. */
export const Warehouse = z.enum(['frankfurt', 'madrid', 'stockholm']);

/** How much of an item lies in its warehouse. */
export const Stock = z.object({
  itemId,
  warehouse: Warehouse,
  available: z.int().min(0).meta({ description: 'What can be sold now.', example: 14 }),
  reserved: z.int().min(0).meta({ description: 'What is sold and not yet shipped.', example: 2 }),
  countedOn: z.iso.date().meta({ description: 'When it was last counted by hand.', example: '2026-10-01' }),
});

/** An item that has to be ordered again. */
export const Shortage = z.object({
  itemId,
  available: z.int().min(0).meta({ example: 3 }),
  reorderPoint: z.int().min(1).meta({ description: 'Below this many available, the item is short.', example: 10 }),
  reorderQuantity: z.int().min(1).meta({ description: 'How many to order.', example: 40 }),
  warehouse: Warehouse,
  supplier: z.object({ id: id('v'), name: z.string().meta({ example: 'Nordwind Avionics' }) }),
});

/** What inventory promises: the stock of the catalog's items, and what has to be ordered again. */
export const inventory = product('inventory', 1, {
  getStock: operation({
    get: '/stock/{itemId}',
    summary: 'The stock of one item.',
    input: z.object({ itemId }),
    output: Stock,
    errors: { stockNotFound: 404 },
    absent: 'stockNotFound',
    dependsOn: 'public',
    tags: ({ itemId: item }) => [`stock:${item}`],
  }),
  listStock: operation({
    get: '/stock',
    summary: 'The stock of items by their ids, in no particular order.',
    input: z.object({ itemIds: z.array(itemId).min(1).max(100) }),
    output: z.object({ stock: z.array(Stock) }),
    dependsOn: 'public',
    batches: { one: 'getStock', each: 'itemId', list: 'itemIds', at: 'stock', by: 'itemId', atMost: 100 },
  }),
  listShortages: operation({
    get: '/shortages',
    summary: 'What has to be ordered again, page by page, by item.',
    input: z.object({ ...pageInput }),
    output: z.object({ shortages: z.array(Shortage), next }),
    dependsOn: 'public',
    tags: () => ['shortages'],
  }),
});
