import type { AnyOperation } from '#contracts/kernel/index.js';
import type { Call } from '../upstream/call.js';

/** What to purge; exactly one of them. */
export type Selector =
  | { readonly tag: string }
  | { readonly product: string }
  /** `auth.v1.getUser` */
  | { readonly operation: string }
  /** The line of a composed route: whatever it was served from, and its own answers. */
  | { readonly route: string }
  /** As `Cache-Status` names it. */
  | { readonly key: string };

/** A purge as entries are labelled: the sort before the first colon, so that a contract's tag can't pass for another sort. */
export function labelOf(selector: Selector): string {
  if ('tag' in selector) return `tag:${selector.tag}`;
  if ('product' in selector) return `product:${selector.product}`;
  if ('operation' in selector) return `operation:${selector.operation}`;
  if ('route' in selector) return readerLabel(selector.route);
  return `${KEY}${selector.key}`;
}

/** What the label begins with that every entry has of its own key: in no index, but for what is made of other entries, whose keys are labels too. */
export const KEY = 'key:';

/** What the labels of readers begin with. */
export const READER = 'route:';

const BROAD = ['product:', 'operation:', READER];

/** Whether a label stands on so much that it is looked for where it is asked for, and led to by nothing: keeping that would cost with each entry. */
export const isBroad = (label: string): boolean => BROAD.some((sort) => label.startsWith(sort));

/** The label of what was served to a route or consumer. */
export const readerLabel = (reader: string): string => READER + reader;

/** The most tags that one entry may have: what has more is not stored, since a purge could miss it. */
const MAX_TAGS = 64;

/** The tags that a contract gives a call, as labels. */
export function tagsOf({ endpoint: { operation }, input }: Call): readonly string[] {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a call's input has passed its operation's schema
  const tags = new Set(operation.tags?.(input as never));
  return [...tags].map((tag) => labelOf({ tag }));
}

/** The label of what an address says, whatever its query: a write there makes all of it doubtful (RFC 9111, 4.4). */
export function addressLabel({ endpoint: { operation }, outgoing: { path } }: Call): string {
  const query = path.indexOf('?');
  return `uri:${versionOf(operation)}${query === -1 ? path : path.slice(0, query)}`;
}

const versionOf = ({ product, version }: AnyOperation): string => `${product}.v${version}`;

/** What a call's answer can be purged by; undefined where it has too many tags. */
export function labelsOf(call: Call): readonly string[] | undefined {
  const { endpoint, scope } = call;
  const tags = tagsOf(call);
  if (tags.length > MAX_TAGS) return undefined;
  const { product } = endpoint.operation;
  return [...tags, labelOf({ product }), labelOf({ operation: endpoint.id }), addressLabel(call), readerLabel(scope.reader)];
}
