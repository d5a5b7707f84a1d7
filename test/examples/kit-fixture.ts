import { mkdtempDisposableSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ProductDefinition, startProduct } from '../../examples/kit/index.js';
import type { Verify } from '../../examples/kit/user.js';

/** The key of every product that a test starts. */
export const KEY = 'k-1';

const TOKEN = /^token-of-(u-\d+)$/;

/** What products of tests take for a token of this user. */
export const tokenOf = (user: string): string => `token-of-${user}`;

/** Takes the tokens of a test, and no others. */
const ofTests: Verify = async (token) => {
  const user = TOKEN.exec(token)?.[1];
  return user === undefined ? { ok: false, status: 401, detail: 'No token of a test.' } : { ok: true, user };
};

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
  /** Calls on behalf of u-0001. */
  get(path: string): Promise<Answered>;
  send(method: string, path: string, body?: unknown): Promise<Answered>;
}

/** A folder that goes away with its content. */
export const temporaryFolder = (): ReturnType<typeof mkdtempDisposableSync> => mkdtempDisposableSync(join(tmpdir(), 'interline-kit-'));

/** Starts a product with a database of its own, which goes away with it, or with one in the given folder. It takes tokens of tests, unless it is told otherwise. */
export async function running(product: ProductDefinition, dataDir?: string, verify: Verify = ofTests): Promise<Calls> {
  await using opening = new AsyncDisposableStack();
  const folder = dataDir ?? opening.use(temporaryFolder()).path;
  const log: string[] = [];
  const { url } = opening.use(await startProduct(product, { key: KEY, verify, dataDir: folder, port: 0, log: (line) => log.push(line) }));
  const open = opening.move();
  const send = (method: string, path: string, body?: unknown): Promise<Answered> =>
    call(url + path, { method, key: KEY, token: tokenOf('u-0001'), body });
  return { url, log, send, get: (path) => send('GET', path), [Symbol.asyncDispose]: () => open.disposeAsync() };
}

/** One call, as the gateway makes it: `key` travels as a bearer token, `token` is the user's, `body` as JSON. */
export async function call(
  url: string,
  { method = 'GET', key, token, body }: { method?: string; key?: string; token?: string; body?: unknown } = {},
): Promise<Answered> {
  const headers = new Headers();
  if (key !== undefined) headers.set('authorization', `Bearer ${key}`);
  if (token !== undefined) headers.set('x-user-token', token);
  if (body !== undefined) headers.set('content-type', 'application/json');
  const response = await fetch(url, { method, headers, body: body === undefined ? null : JSON.stringify(body) });
  const text = await response.text();
  const type = response.headers.get('content-type');
  return { status: response.status, type, body: type?.includes('json') ? JSON.parse(text) : text };
}
