import { Database } from './database.js';
import { listener } from './listener.js';
import { migrate } from './migrate.js';
import type { ProductDefinition } from './product.js';
import type { Verify } from './user.js';

/** What a product's process, or a test, decides. */
interface Settings {
  /** The key that callers must send. */
  readonly key: string;
  /** Tells for which user a call is made. */
  readonly verify: Verify;
  /** The folder of the database file. */
  readonly dataDir: string;
  /** 0 takes any free one. */
  readonly port: number;
  /** Takes a line about a bug; stderr where it is left out. */
  readonly log?: (line: string) => void;
}

/** A product that listens. Disposing of it lets the answers in flight go out, then closes its database. */
interface RunningProduct extends AsyncDisposable {
  /** `http://127.0.0.1:4101`; version 1 is served below `/v1`. */
  readonly url: string;
}

const toStderr = (line: string): void => void process.stderr.write(`${line}\n`);

/** Opens the product's database, brings it up to date and serves its contracts on loopback. */
export async function startProduct(
  product: ProductDefinition,
  { key, verify, dataDir, port, log = toStderr }: Settings,
): Promise<RunningProduct> {
  using opening = new DisposableStack();
  const db = opening.use(new Database(dataDir, product.name));
  migrate(db, product.name, product.migrations, product.seed);
  const closing = new AbortController();
  const app = listener(product, { db, key, verify, log, closing: closing.signal });
  const url = await app.listen({ host: '127.0.0.1', port });
  const open = opening.move();
  return {
    url,
    async [Symbol.asyncDispose]() {
      closing.abort();
      await app.close();
      open.dispose();
    },
  };
}
