import { mkdtempDisposableSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ProductDefinition, startProduct } from '../../examples/kit/index.js';

/** The key of every product that a test starts. */
export const KEY = 'k-1';

/** What a product answered. */
export interface Answered {
  readonly status: number;
  readonly type: string | null;
  readonly body: unknown;
}

/** A product on a free port and how to call it. */
export interface Calls extends AsyncDisposable {
  readonly url: string;
  /** What the product logged. */
  readonly log: readonly string[];
  get(path: string): Promise<Answered>;
  send(method: string, path: string, body?: unknown): Promise<Answered>;
}

/** A folder that goes away with its content. */
export const temporaryFolder = (): ReturnType<typeof mkdtempDisposableSync> => mkdtempDisposableSync(join(tmpdir(), 'interline-kit-'));

/** Starts a product with a database of its own, which goes away with it, or with one in the given folder. */
export async function running(product: ProductDefinition, dataDir?: string): Promise<Calls> {
  await using opening = new AsyncDisposableStack();
  const folder = dataDir ?? opening.use(temporaryFolder()).path;
  const log: string[] = [];
  const { url } = opening.use(await startProduct(product, { key: KEY, dataDir: folder, port: 0, log: (line) => log.push(line) }));
  const open = opening.move();
  const send = (method: string, path: string, body?: unknown): Promise<Answered> => call(url + path, { method, key: KEY, body });
  return { url, log, send, get: (path) => send('GET', path), [Symbol.asyncDispose]: () => open.disposeAsync() };
}

/** One call: `key` travels as a bearer token, `body` as JSON. */
export async function call(
  url: string,
  { method = 'GET', key, body }: { method?: string; key?: string; body?: unknown } = {},
): Promise<Answered> {
  const headers = new Headers();
  if (key !== undefined) headers.set('authorization', `Bearer ${key}`);
  if (body !== undefined) headers.set('content-type', 'application/json');
  const response = await fetch(url, { method, headers, body: body === undefined ? null : JSON.stringify(body) });
  const text = await response.text();
  const type = response.headers.get('content-type');
  return { status: response.status, type, body: type?.includes('json') ? JSON.parse(text) : text };
}
