import { createHash } from 'node:crypto';
import { z } from 'zod';
import { Database, type ProductDefinition } from '../../../examples/kit/index.js';
import { migrate } from '../../../examples/kit/migrate.js';
import { temporaryFolder } from '../kit-fixture.js';

/** A product's seeded database without its HTTP side; disposing of it removes it. */
export function seeded(product: ProductDefinition): Disposable & { readonly db: Database } {
  using opening = new DisposableStack();
  const folder = opening.use(temporaryFolder());
  const db = opening.use(new Database(folder.path, product.name));
  migrate(db, product.name, product.migrations, product.seed);
  const open = opening.move();
  return { db, [Symbol.dispose]: () => open.dispose() };
}

const Table = z.object({ name: z.string() });

/** How many rows each of a product's own tables has, and a digest of them all: equal for equal data. */
export function contentOf(db: Database): { readonly rows: Readonly<Record<string, number>>; readonly digest: string } {
  const digest = createHash('sha256');
  const tables = db.all(Table, "SELECT name FROM sqlite_schema WHERE type = 'table' AND name <> 'migrations' ORDER BY name");
  const rows = tables.map(({ name }): [string, number] => {
    const found = db.all(z.record(z.string(), z.json()), `SELECT * FROM ${name}`);
    digest.update(JSON.stringify([name, found]));
    return [name, found.length];
  });
  return { rows: Object.fromEntries(rows), digest: digest.digest('hex') };
}
