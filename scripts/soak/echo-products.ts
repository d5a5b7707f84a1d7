import { fileURLToPath } from 'node:url';
import { child, freePort } from './child.ts';

const SCRIPT = fileURLToPath(new URL('echo-process.ts', import.meta.url));

/** Products that say for whom they made an answer, in a process of their own; a product stands at `{url}/{product}`, the keys at `{url}/jwks`. */
export async function startEchoProducts(seed: number, jwks: string): Promise<AsyncDisposable & { readonly url: string }> {
  const port = await freePort();
  const env = { PORT: String(port), SEED: String(seed), JWKS: jwks };
  const running = child(process.execPath, ['--disable-warning=ExperimentalWarning', SCRIPT], env);
  await running.finds((line) => (line === 'listening' ? line : undefined));
  return { url: `http://127.0.0.1:${port}`, [Symbol.asyncDispose]: () => running.kill() };
}
