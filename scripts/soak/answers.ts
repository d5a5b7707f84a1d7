import { type AnyOperation, segments } from '#contracts/kernel/index.js';
import { sample } from '#contracts/kernel/sample.js';
import { auth } from '#contracts/products/auth/v1.js';
import { aviation as aviationV1 } from '#contracts/products/aviation-infinity/v1.js';
import { aviation } from '#contracts/products/aviation-infinity/v2.js';
import { babonbo } from '#contracts/products/babonbo/v1.js';
import { clickai } from '#contracts/products/clickai/v1.js';
import { inventory } from '#contracts/products/inventory/v1.js';
import { shop } from '#contracts/products/new-pilot-shop/v1.js';
import { pilot } from '#contracts/products/want-to-be-a-pilot/v1.js';
import { MONOLITH } from './behaviour.ts';

/** The products that have a contract, with all versions of it. */
const contracts = [auth, aviationV1, aviation, babonbo, clickai, inventory, shop, pilot];

/** Every operation of them. */
export const operations: readonly AnyOperation[] = contracts.flatMap((contract) => Object.values<AnyOperation>(contract));

/** Their names. */
export const described: readonly string[] = [...new Set(operations.map(({ product }) => product))];

/** The product that has none, and is passed through. */
export const MONOLITH_NAME = 'monolith';

/** A request to a fake product: its path after the product's name, and what it says of who asks. */
export interface Asked {
  readonly product: string;
  readonly method: string;
  readonly url: URL;
  readonly who: string;
}

/** A good answer. */
export interface Good {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Whether a value has fields. */
export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What a product says when all is well: a sample of its contract, about what it is asked. Undefined where it knows no such thing. */
export function answerTo({ product, method, url, who }: Asked): Good | undefined {
  if (product === MONOLITH_NAME) {
    const cacheControl = MONOLITH[url.pathname.split('/')[1] ?? ''];
    const body = JSON.stringify({ path: url.pathname + url.search, who });
    return { status: 200, headers: { 'content-type': 'application/json', 'cache-control': cacheControl ?? 'no-store' }, body };
  }
  const found = operationAt(product, method, url);
  if (!found) return undefined;
  const { operation, params } = found;
  return { status: operation.status, headers: { 'content-type': 'application/json' }, body: bodyOf(operation, params, url) };
}

/** The operation that a product is asked for, with the fields of its path. Undefined where it has no such one. */
export function operationAt(
  product: string,
  method: string,
  { pathname }: URL,
): { readonly operation: AnyOperation; readonly params: Readonly<Record<string, string>> } | undefined {
  const given = pathname.slice(1).split('/');
  for (const operation of operations) {
    if (operation.product !== product || operation.wire.method.toUpperCase() !== method) continue;
    const params = matched(operation, given);
    if (params) return { operation, params };
  }
  return undefined;
}

/** The fields of the path, where it is this operation's. */
function matched({ version, wire }: AnyOperation, given: readonly string[]): Readonly<Record<string, string>> | undefined {
  const pieces = [{ text: `v${version}` }, ...segments(wire.path)];
  if (pieces.length !== given.length) return undefined;
  const params: Record<string, string> = {};
  for (const [i, piece] of pieces.entries()) {
    const value = given[i] ?? '';
    if ('field' in piece) params[piece.field] = decodeURIComponent(value);
    else if (piece.text !== value) return undefined;
  }
  return params;
}

function bodyOf(operation: AnyOperation, params: Readonly<Record<string, string>>, url: URL): string {
  const { batches } = operation;
  if (batches) {
    const one = operations.find(
      ({ product, version, name }) => product === operation.product && version === operation.version && name === batches.one,
    );
    const entity = one && made(one, 2).value;
    const entities = url.searchParams.getAll(batches.list).map((key) => ({ ...(isRecord(entity) ? entity : {}), [batches.by]: key }));
    return JSON.stringify(batches.at === undefined ? entities : { [batches.at]: entities });
  }
  const { value, text } = made(operation, Number(url.searchParams.get('limit') ?? 2));
  if (!isRecord(value)) return text;
  const asked = Object.entries(params).filter(([field]) => typeof value[field] === 'string');
  return asked.length === 0 ? text : JSON.stringify({ ...value, ...Object.fromEntries(asked) });
}

const samples = new Map<string, { readonly value: unknown; readonly text: string }>();

function made(operation: AnyOperation, items: number): { readonly value: unknown; readonly text: string } {
  const key = `${operation.product} ${operation.version} ${operation.name} ${items}`;
  let found = samples.get(key);
  if (!found) {
    const value: unknown = sample(operation.output, { items });
    samples.set(key, (found = { value, text: JSON.stringify(value) }));
  }
  return found;
}
