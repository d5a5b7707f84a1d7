import type { AnyOperation } from '#contracts/kernel/index.js';
import { Recent } from '../recent.js';
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

/** Whether a label stands on so much that it is looked for where it is asked for, and led to by nothing: keeping that would cost with each entry. */
export const isBroad = (label: string): boolean =>
  label.startsWith('product:') || label.startsWith('operation:') || label.startsWith(READER);

/** The label of what was served to a route or consumer. */
export const readerLabel = (reader: string): string => READER + reader;

/** The most tags that one entry may have: what has more is not stored, since a purge could miss it. */
const MAX_TAGS = 64;

/** The tags that a contract gives a call, as labels. */
export function tagsOf({ endpoint: { operation }, input }: Call): readonly string[] {
  if (!operation.tags) return UNTAGGED;
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a call's input has passed its operation's schema
  const tags = new Set(operation.tags(input as never));
  return [...tags].map((tag) => labelOf({ tag }));
}

const UNTAGGED: readonly string[] = [];

/** The label of what an address says, whatever its query: a write there makes all of it doubtful (RFC 9111, 4.4). */
export function addressLabel({ endpoint: { operation }, outgoing: { path } }: Call): string {
  const query = path.indexOf('?');
  return `uri:${versionOf(operation)}${query === -1 ? path : path.slice(0, query)}`;
}

const versionOf = ({ product, version }: AnyOperation): string => `${product}.v${version}`;

/** What a call's answer can be purged by; undefined where it has too many tags. */
export function labelsOf(call: Call): readonly string[] | undefined {
  const tags = tagsOf(call);
  return tags.length > MAX_TAGS ? undefined : tags.concat(addressLabel(call), broadOf(call));
}

/** How many readers of one operation are remembered at least. */
const LEAST_READERS = 100;

const broad = new WeakMap<AnyOperation, Recent<readonly string[]>>();

/** The broad labels of a call's answer: the same texts for all that one reader is given of an operation, so that they take their room once. */
function broadOf({ endpoint: { id, operation }, scope: { reader } }: Call): readonly string[] {
  let readers = broad.get(operation);
  if (!readers) broad.set(operation, (readers = new Recent(LEAST_READERS)));
  let labels = readers.get(reader);
  if (!labels) {
    labels = [labelOf({ product: operation.product }), labelOf({ operation: id }), readerLabel(reader)];
    readers.set(reader, labels);
  }
  return labels;
}
