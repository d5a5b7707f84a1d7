import { joined } from './directives.js';
import type { Headers } from '../upstream/answer.js';

/** What the cache did with a request (RFC 9211). */
export type Handling = { readonly key?: string; readonly detail?: string } & (
  | { readonly hit: true; readonly ttlMs: number }
  | {
      /** Why the product was asked. */
      readonly fwd: 'bypass' | 'method' | 'uri-miss' | 'vary-miss' | 'stale' | 'partial';
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
  return { ...headers, 'cache-status': `${before === undefined ? '' : `${before}, `}${memberOf(handling)}` };
}

/** What the cache did, as a member of the field. */
function memberOf(handling: Handling): string {
  const { key, detail } = handling;
  const ttl = handling.ttlMs === undefined ? [] : [`ttl=${Math.floor(handling.ttlMs / 1000)}`];
  return [
    'interline',
    ...('hit' in handling ? ['hit'] : []),
    ...('collapsed' in handling ? ['fwd=uri-miss', 'collapsed'] : []),
    ...('fwd' in handling ? [`fwd=${handling.fwd}`] : []),
    ...('fwd' in handling && handling.fwdStatus !== undefined ? [`fwd-status=${handling.fwdStatus}`] : []),
    ...('fwd' in handling && handling.stored ? ['stored'] : []),
    ...ttl,
    ...(key === undefined ? [] : [`key="${key}"`]),
    ...(detail === undefined ? [] : [`detail=${detail}`]),
  ].join('; ');
}
