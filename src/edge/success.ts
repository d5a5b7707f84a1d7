import type { DependsOn, Wire } from '#contracts/kernel/index.js';
import type { Prepared } from '../composition/prepare.js';
import type { Provenance } from '../cache/provenance.js';
import type { Unstorable } from '../cache/terms.js';
import type { Category, Response } from './problems.js';
import { etagOf } from './respond.js';
import { type Joined, written } from './written.js';

type Fields = Readonly<Record<string, string>>;

const NONE: Fields = {};
const CODED: Fields = { vary: 'accept-encoding' };

/**
 * The envelope of a composed answer under these headers and its own; incomplete ones are stored by nobody. `isKept`: whether it may
 * come coded another time.
 */
export function envelope(
  joined: Joined,
  { composition, dependsOn }: Pick<Prepared, 'composition' | 'dependsOn'>,
  { unstorable, ageMs }: Pick<Provenance, 'unstorable' | 'ageMs'>,
  isKept: boolean,
  headers: Fields,
): Response {
  const { complete } = joined;
  const { wire } = composition.route;
  return success(
    200,
    complete ? 'success_complete' : 'success_incomplete',
    written(joined),
    complete ? cacheControl(dependsOn, unstorable) : 'no-store',
    { 'gateway-complete': complete ? '?1' : '?0', ...ageField(ageMs), ...varyField(wire, isKept), ...headers },
    complete && wire.method === 'get',
  );
}

/** A body as it goes, with a validator where it may be asked for again. */
export function success(
  status: number,
  category: Category,
  body: Buffer | '',
  control: string,
  headers: Fields,
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

/**
 * The strictest part wins: what depends on a caller is private, and so is what its product keeps from shared caches; what a
 * product says is not to be stored is stored by nobody. Nothing is fresh without being asked for: a purge reaches no browser.
 */
export function cacheControl(dependsOn: DependsOn, unstorable?: Unstorable): string {
  if (unstorable === 'no-store' || unstorable === 'malformed') return 'no-store';
  const shared = dependsOn === 'public' && (unstorable === undefined || unstorable === 'no-cache');
  return shared ? 'no-cache' : 'private, no-cache';
}

/** How old an answer is, in whole seconds (RFC 9111, 5.1); nothing where it was made for this very request. */
export const ageField = (ageMs: number | undefined): Fields => (ageMs === undefined ? NONE : { age: String(Math.floor(ageMs / 1000)) });

/** What of a request decides which answer it gets, besides its address (RFC 9110, 12.5.5). */
export function varyField({ inHeaders }: Pick<Wire, 'inHeaders'>, comesCoded: boolean): Fields {
  if (inHeaders.length === 0) return comesCoded ? CODED : NONE;
  const names = [...inHeaders.map(({ wire }) => wire), ...(comesCoded ? ['accept-encoding'] : [])];
  return { vary: names.join(', ') };
}
