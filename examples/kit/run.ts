import type { ProductDefinition } from './product.js';
import { startProduct } from './start.js';
import { verifier } from './user.js';

/**
 * Runs a product as this process: demands its key, says where it listens, closes cleanly on SIGTERM and SIGINT. Reads
 * its key variable, `DATA_DIR` (default `.data`), `PRODUCT_PORT` (default its own port), and `GATEWAY_URL`, through which it
 * has the keys of users' tokens (default `http://127.0.0.1:8080`).
 */
export async function runProduct(product: ProductDefinition): Promise<void> {
  const { env } = process;
  const key = env[product.keyVariable];
  if (!key) return refuse(product, `expected its API key in the environment variable ${product.keyVariable}, got nothing`);
  const port = env['PRODUCT_PORT'] === undefined ? product.port : Number(env['PRODUCT_PORT']);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    return refuse(product, `expected a port in PRODUCT_PORT, got "${env['PRODUCT_PORT']}"`);
  try {
    const verify = verifier(product.name, env['GATEWAY_URL'] || 'http://127.0.0.1:8080');
    const running = await startProduct(product, { key, verify, dataDir: env['DATA_DIR'] || '.data', port });
    process.stdout.write(`${product.name}: listening on ${running.url}\n`);
    const stop = (): void => void running[Symbol.asyncDispose]();
    process.once('SIGTERM', stop);
    process.once('SIGINT', stop);
  } catch (error) {
    refuse(product, Error.isError(error) ? error.message : String(error));
  }
}

function refuse(product: ProductDefinition, why: string): void {
  process.stderr.write(`${product.name}: ${why}\n`);
  process.exitCode = 1;
}
