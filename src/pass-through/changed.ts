import type { Passed } from './exchange.js';
import { headerOf } from './stored.js';

/** An address of the product: what stands before a path there. */
export interface Place {
  readonly origin: string;
  readonly prefix: string;
}

/** Methods that change nothing (RFC 9110, 9.2.1); whatever is not known to be one may have changed what it was sent to. */
const SAFE: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'PROPFIND', 'QUERY', 'REPORT', 'SEARCH']);

/**
 * The paths of which nothing that is kept can be relied on any more (RFC 9111, 4.4): what was written to, and what the answer
 * names where that is the product's own.
 */
export function changedBy(
  { method, path }: { readonly method: string; readonly path: string },
  { status, headers }: Passed,
  places: readonly Place[],
): readonly string[] {
  if (SAFE.has(method) || status >= 400) return [];
  const named = ['location', 'content-location'].flatMap((name) => headerOf(headers, name) ?? []);
  const own = places.flatMap(({ origin, prefix }) =>
    named.flatMap((text) => {
      const url = URL.parse(text, `${origin}${prefix}${path}`);
      return url?.origin === origin && url.pathname.startsWith(`${prefix}/`) ? [url.pathname.slice(prefix.length)] : [];
    }),
  );
  return [path, ...own];
}
