import type { PartStates } from '#contracts/kernel/index.js';
import type { Composition } from '../composition/composition.js';
import type { Category, Response } from './problems.js';
import { etagOf } from './respond.js';

/** The envelope of a composed answer. Incomplete ones are stored by nobody. */
export function envelope(
  { data, complete, parts }: { readonly data: unknown; readonly complete: boolean; readonly parts: PartStates },
  { route, uses }: Composition,
): Response {
  const body = JSON.stringify({ data, complete, parts });
  const control = complete ? cacheControl(Object.values(uses).map(({ operation }) => operation.dependsOn)) : 'no-store';
  return success(
    200,
    complete ? 'success_complete' : 'success_incomplete',
    body,
    control,
    { 'gateway-complete': complete ? '?1' : '?0' },
    complete && route.wire.method === 'get',
  );
}

/** A body as it goes, with a validator where it may be asked for again. */
export function success(
  status: number,
  category: Category,
  body: string,
  control: string,
  headers: Readonly<Record<string, string>>,
  validator: boolean,
): Response {
  return {
    status,
    category,
    type: 'application/json; charset=utf-8',
    body,
    headers: { 'cache-control': control, ...(validator && body !== '' ? { etag: etagOf(body) } : {}), ...headers },
  };
}

/** The strictest part wins: what depends on a caller is private. Nothing is fresh without being asked for, so far. */
export const cacheControl = (dependsOn: readonly string[]): string =>
  dependsOn.every((on) => on === 'public') ? 'no-cache' : 'private, no-cache';
