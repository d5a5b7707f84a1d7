import type { AnyOperation, AnyPart } from '#contracts/kernel/index.js';
import type { Headers, Outcome } from '../upstream/answer.js';
import { joined } from './directives.js';

/** What a cache did with a request (RFC 9211). */
export type Handling = { readonly key?: string; readonly detail?: string } & (
  | { readonly hit: true; readonly ttlMs: number }
  | {
      /** Why the product was asked. */
      readonly fwd: 'bypass' | 'method' | 'miss' | 'uri-miss' | 'vary-miss' | 'stale' | 'partial';
      /** The status that the product answered with, where it is not the answer's own. */
      readonly fwdStatus?: number;
      readonly stored?: boolean;
      readonly ttlMs?: number;
    }
  | { readonly collapsed: true; readonly ttlMs: number }
);

/** The answer's headers with what this cache did, after what caches nearer to the product say they did. */
export function withStatus(headers: Headers, handling: Handling): Headers {
  const before = joined(headers['cache-status']);
  return { ...headers, 'cache-status': `${before === undefined ? '' : `${before}, `}${memberOf('interline', handling)}` };
}

/** What a cache did, as a member of the field. The cache of one part is named after it: `interline/orders`. */
export function memberOf(cache: string, handling: Handling): string {
  const { key, ttlMs, detail } = handling;
  let member = cache;
  if ('hit' in handling) member += '; hit';
  else if ('collapsed' in handling) member += '; fwd=uri-miss; collapsed';
  else {
    member += `; fwd=${handling.fwd}`;
    if (handling.fwdStatus !== undefined) member += `; fwd-status=${handling.fwdStatus}`;
    if (handling.stored) member += '; stored';
  }
  if (ttlMs !== undefined) member += `; ttl=${Math.floor(ttlMs / 1000)}`;
  if (key !== undefined) member += `; key="${key}"`;
  if (detail !== undefined) member += `; detail=${/^[a-z-]+$/i.test(detail) ? detail : `"${detail}"`}`;
  return member;
}

/** What a product's cache did with one call that came to something. `off`: nothing is to be kept of the operation. */
export function handlingOf({ from }: Pick<Outcome, 'from'>, { wire }: Pick<AnyOperation, 'wire'>): Handling {
  if (!from) return wire.method === 'get' ? { fwd: 'bypass', detail: 'off' } : { fwd: 'method' };
  const { ttlMs, key } = from;
  const named = key === undefined ? {} : { key };
  switch (from.state) {
    case 'hit':
      return { hit: true, ttlMs, ...named };
    case 'stale':
      return { hit: true, ttlMs: Math.min(0, ttlMs), ...named, ...(from.why && { detail: from.why }) };
    case 'revalidated':
      return { fwd: 'stale', fwdStatus: 304, stored: from.stored, ttlMs, ...named };
    case 'miss':
      return from.stored ? { fwd: 'miss', stored: true, ttlMs, ...named } : { fwd: 'miss', ...(from.why && { detail: from.why }) };
  }
}

/** What the cache of one part did with its calls, as a member of the field; none where all failed: the part's state tells. */
export function memberOfPart(name: string, { operation }: AnyPart, outcomes: readonly Outcome[]): string | undefined {
  if (!outcomes.some(({ from }) => from)) return outcomes.some(({ ok }) => ok) ? passedBy(name, operation) : undefined;
  const all = outcomes.filter(({ ok, from }) => ok || from !== undefined).map((outcome) => handlingOf(outcome, operation));
  const [first, ...others] = all;
  return first && memberOf(`interline/${name}`, others.length === 0 ? first : together(all));
}

const passed = new WeakMap<AnyOperation, Map<string, string>>();

/** The same each time for a part of which nothing is kept. */
function passedBy(name: string, operation: AnyOperation): string {
  let members = passed.get(operation);
  if (!members) passed.set(operation, (members = new Map<string, string>()));
  let member = members.get(name);
  if (member === undefined) members.set(name, (member = memberOf(`interline/${name}`, handlingOf({}, operation))));
  return member;
}

/** Several calls as one: what the product was asked for counts, and for how many of them it was not. */
function together(all: readonly Handling[]): Handling {
  const hits = all.filter((handling) => 'hit' in handling);
  const asked = all.filter((handling) => 'fwd' in handling);
  const [first] = asked;
  const detail = first && hits.length > 0 ? `${hits.length} of ${all.length} hit` : all.find((one) => one.detail !== undefined)?.detail;
  const told = detail === undefined ? {} : { detail };
  const ttlMs = Math.min(...all.map((handling) => handling.ttlMs ?? Infinity));
  if (!first) return { hit: true, ttlMs, ...told };
  return asked.every(({ stored }) => stored === true) ? { fwd: first.fwd, stored: true, ttlMs, ...told } : { fwd: first.fwd, ...told };
}
