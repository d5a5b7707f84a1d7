import { z } from 'zod';
import { Shortage, Stock, inventory } from '#contracts/products/inventory/v1.js';
import { type ProductDefinition, json, page, serve } from '../../kit/index.js';
import { seedStock } from './seed.js';

const STOCK = 'SELECT item_id AS itemId, warehouse, available, reserved, counted_on AS countedOn FROM stock';

const ShortageRow = Shortage.extend({ supplier: json(Shortage.shape.supplier) });
const SHORTAGES = `
  SELECT item_id AS itemId, available, reorder_point AS reorderPoint, reorder_quantity AS reorderQuantity, warehouse,
    json_object('id', suppliers.id, 'name', suppliers.name) AS supplier
  FROM stock JOIN suppliers ON suppliers.id = supplier_id
  WHERE available < reorder_point AND item_id > $after ORDER BY item_id LIMIT $take`;

/** How much of the catalog's items there is, and what has to be ordered again. */
export const inventoryProduct: ProductDefinition = {
  name: 'inventory',
  port: 4105,
  keyVariable: 'INVENTORY_API_KEY',
  migrations: [
    'CREATE TABLE suppliers (id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT, WITHOUT ROWID',
    `CREATE TABLE stock (
       item_id TEXT PRIMARY KEY,
       warehouse TEXT NOT NULL,
       available INTEGER NOT NULL CHECK (available >= 0),
       reserved INTEGER NOT NULL CHECK (reserved >= 0),
       counted_on TEXT NOT NULL,
       reorder_point INTEGER NOT NULL,
       reorder_quantity INTEGER NOT NULL,
       supplier_id TEXT NOT NULL REFERENCES suppliers
     ) STRICT;
     CREATE INDEX shortages ON stock (item_id) WHERE available < reorder_point`,
  ],
  seed: seedStock,
  serves: [
    serve(inventory, {
      getStock({ input, db, fail }) {
        const stock = db.one(Stock, `${STOCK} WHERE item_id = $itemId`, { itemId: input.itemId });
        if (stock === undefined) throw fail('stockNotFound');
        return stock;
      },
      listStock: ({ input, db }) => ({
        stock: db.all(Stock, `${STOCK} WHERE item_id IN (SELECT value FROM json_each($itemIds))`, {
          itemIds: JSON.stringify(input.itemIds),
        }),
      }),
      listShortages({ input, db }) {
        const { rows, next } = page(input, {
          key: z.string(),
          first: '',
          read: (after, take) => db.all(ShortageRow, SHORTAGES, { after, take }),
          keyOf: ({ itemId }) => itemId,
        });
        return { shortages: rows, next };
      },
    }),
  ],
};
