import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { z } from 'zod';

/** The values of a statement's `$name` parameters. */
type Params = Readonly<Record<string, SQLInputValue>>;

/** A column that holds JSON text, read as what the schema says. */
export const json = <T>(schema: z.ZodType<T>): z.ZodType<T> =>
  z
    .string()
    .transform((text): unknown => JSON.parse(text))
    .pipe(schema);

/**
 * A product's own database: one file, which no other process can open while the product runs, and from which no
 * statement reaches another file. Rows are parsed by a schema once, where they come in.
 */
export class Database implements Disposable {
  readonly #sqlite: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  /** Opens `<dataDir>/<name>.db` and makes it where there is none. */
  constructor(dataDir: string, name: string) {
    // A confined process may write its own files and no folder: whoever confined it has made the folder.
    if (process.permission?.has('fs.write', dataDir) ?? true) mkdirSync(dataDir, { recursive: true });
    this.#sqlite = new DatabaseSync(join(dataDir, `${name}.db`), { timeout: 5_000, limits: { attach: 0 } });
    // Exclusive before WAL: then the lock is taken at the first access and kept until the product stops.
    this.#sqlite.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON');
  }

  /** Runs statements that give nothing back, several at once if need be. */
  exec(sql: string): void {
    this.#sqlite.exec(sql);
  }

  /** Runs one statement for its effect. */
  run(sql: string, params: Params = {}): void {
    this.#statement(sql).run(params);
  }

  /** Every row, each as the schema says. @throws ZodError where a row is none. */
  all<T>(row: z.ZodType<T>, sql: string, params: Params = {}): T[] {
    return this.#statement(sql)
      .all(params)
      .map((found) => row.parse(found));
  }

  /** The first row, or undefined where there is none. */
  one<T>(row: z.ZodType<T>, sql: string, params: Params = {}): T | undefined {
    const found = this.#statement(sql).get(params);
    return found === undefined ? undefined : row.parse(found);
  }

  /** All of the work or, where it throws, nothing of it. */
  transaction(work: () => void): void {
    this.#sqlite.exec('BEGIN IMMEDIATE');
    try {
      work();
      this.#sqlite.exec('COMMIT');
    } catch (error) {
      this.#sqlite.exec('ROLLBACK');
      throw error;
    }
  }

  [Symbol.dispose](): void {
    this.#sqlite.close();
  }

  #statement(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) this.#statements.set(sql, (statement = this.#sqlite.prepare(sql)));
    return statement;
  }
}
