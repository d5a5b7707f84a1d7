import { z } from 'zod';
import type { Database } from './database.js';
import { type Random, randomFrom } from './random.js';

/** One step of a product's tables: SQL, or a function where SQL does not do. */
export type Migration = string | ((db: Database) => void);

/** What fills a new database. The numbers it is given are the same on every machine. */
export type Seed = (db: Database, random: Random) => void;

const SEED = 'seed';
const Applied = z.object({ id: z.string() });

/**
 * Brings the database up to date: each migration once, in order, then the seed once, each in a transaction of its own.
 * Migrations are known by their number (`0001`), so they are only ever appended.
 */
export function migrate(db: Database, name: string, migrations: readonly Migration[], seed: Seed): void {
  db.exec('CREATE TABLE IF NOT EXISTS migrations (id TEXT PRIMARY KEY, applied_at TEXT NOT NULL) STRICT');
  const applied = new Set(db.all(Applied, 'SELECT id FROM migrations').map(({ id }) => id));
  const once = (id: string, work: () => void): void => {
    if (applied.has(id)) return;
    db.transaction(() => {
      work();
      db.run('INSERT INTO migrations (id, applied_at) VALUES ($id, $at)', { id, at: new Date().toISOString() });
    });
  };
  migrations.forEach((migration, i) =>
    once(String(i + 1).padStart(4, '0'), () => (typeof migration === 'string' ? db.exec(migration) : migration(db))),
  );
  once(SEED, () => seed(db, randomFrom(name)));
}
