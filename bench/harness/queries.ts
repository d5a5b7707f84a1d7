import { type Item, items } from './items.ts';
import type { Peer } from './peers.ts';

/** How one work item is asked of a GraphQL server: the same answer by a query, sent as GET. */
export interface Query {
  readonly path: string;
  /** Its data as the other peers give it. */
  data(body: unknown): unknown;
}

/** Every field of a value, as a selection. */
function selection(value: unknown): string {
  if (Array.isArray(value)) return selection(value[0]);
  if (typeof value !== 'object' || value === null) return '';
  return `{ ${Object.entries(value)
    .map(([name, field]) => `${name} ${selection(field)}`)
    .join(' ')} }`;
}

const has = <K extends string>(value: unknown, key: K): value is Readonly<Record<K, unknown>> =>
  typeof value === 'object' && value !== null && key in value;

function partOf(name: string, part: string): unknown {
  const answer = items.find((item) => item.name === name)?.answer;
  if (!has(answer, part)) throw new RangeError(`${name} has no ${part}`);
  return answer[part];
}

const fields = (name: string, part: string): string => selection(partOf(name, part));

/** The id is a variable: a server may know the query already. */
const pathOf = (query: string, letter: string): string =>
  `/graphql?query=${encodeURIComponent(`query($id: String!) ${query.replaceAll(/\s+/g, ' ')}`)}&variables=${encodeURIComponent(`{"id":"${letter}-#"}`).replace('%23', '{n}')}`;

/** W3 hangs customer and items under their order, as a schema does. */
function order(body: unknown): unknown {
  const data = has(body, 'data') ? body.data : undefined;
  if (!has(data, 'order') || !has(data.order, 'customer') || !has(data.order, 'items')) return body;
  const { customer, items: list, ...rest } = data.order;
  return { order: rest, customer, items: list };
}

const queries: Readonly<Record<string, Query>> = {
  W2: {
    path: pathOf(
      `{ item(itemId: $id) ${fields('W2', 'item')} stock(itemId: $id) ${fields('W2', 'stock')} offer(itemId: $id) ${fields('W2', 'offer')} }`,
      'i',
    ),
    data: (body) => (has(body, 'data') ? body.data : body),
  },
  W3: {
    path: pathOf(
      `{ order(orderId: $id) { ${fields('W3', 'order').slice(1, -1)} customer ${fields('W3', 'customer')} items ${fields('W3', 'items')} } }`,
      'o',
    ),
    data: order,
  },
};

const isEnvelope = (body: unknown): body is { readonly data: unknown } =>
  has(body, 'data') && has(body, 'parts') && has(body, 'complete') && body.complete === true;

/** How a peer is asked for a work item, and where its answer stands: in ours, in the envelope. @throws RangeError where it has no query for it */
export function asked({ name, path }: Item, { speaksGraphQL }: Peer): Query {
  if (!speaksGraphQL) return { path, data: (body) => (isEnvelope(body) ? body.data : body) };
  const query = queries[name];
  if (!query) throw new RangeError(`no query for ${name}`);
  return query;
}
