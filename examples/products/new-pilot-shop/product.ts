import { shop } from '#contracts/products/new-pilot-shop/v1.js';
import { type ProductDefinition, serve } from '../../kit/index.js';
import { findItem, itemsById, pageOfItems } from './catalog.js';
import { findOrder, pageOfOrders } from './orders.js';
import { seedCatalog } from './seed-catalog.js';
import { seedOrders } from './seed-orders.js';

/** What pilots can buy, and who bought what. */
export const shopProduct: ProductDefinition = {
  name: 'new-pilot-shop',
  port: 4104,
  keyVariable: 'NEW_PILOT_SHOP_API_KEY',
  migrations: [
    `CREATE TABLE items (
       id TEXT PRIMARY KEY,
       name TEXT NOT NULL,
       description TEXT NOT NULL,
       category TEXT NOT NULL,
       amount INTEGER NOT NULL CHECK (amount >= 0),
       currency TEXT NOT NULL,
       image_url TEXT
     ) STRICT, WITHOUT ROWID;
     CREATE INDEX items_by_category ON items (category, id)`,
    `CREATE TABLE orders (
       id TEXT PRIMARY KEY,
       customer_id TEXT NOT NULL,
       placed_at TEXT NOT NULL,
       status TEXT NOT NULL,
       delivery TEXT,
       payment TEXT NOT NULL
     ) STRICT, WITHOUT ROWID;
     CREATE INDEX orders_by_time ON orders (placed_at, id);
     CREATE INDEX orders_of_customer ON orders (customer_id, placed_at, id);
     CREATE TABLE order_lines (
       order_id TEXT NOT NULL REFERENCES orders,
       position INTEGER NOT NULL,
       item_id TEXT NOT NULL REFERENCES items,
       quantity INTEGER NOT NULL CHECK (quantity > 0),
       unit_amount INTEGER NOT NULL,
       unit_currency TEXT NOT NULL,
       PRIMARY KEY (order_id, position)
     ) STRICT, WITHOUT ROWID`,
  ],
  seed(db, random) {
    seedOrders(db, random, seedCatalog(db, random));
  },
  serves: [
    serve(shop, {
      getItem({ input, db, fail }) {
        const item = findItem(db, input.id);
        if (item === undefined) throw fail('itemNotFound');
        return item;
      },
      listItems: ({ input, db }) => ({ items: itemsById(db, input.ids) }),
      searchItems: ({ input, db }) => pageOfItems(db, input),
      getOrder({ input, db, fail }) {
        const order = findOrder(db, input.id);
        if (order === undefined) throw fail('orderNotFound');
        return order;
      },
      listOrders: ({ input, db }) => pageOfOrders(db, input),
    }),
  ],
};
