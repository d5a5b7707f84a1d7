import { isDeepStrictEqual } from 'node:util';
import { isMap, isScalar, parse, parseDocument } from 'yaml';
import { z } from 'zod';
import { listed } from './name.ts';
import { Refusal } from './refusal.ts';

const FILE = 'gateway.yaml';

/** Who may call. */
interface Access {
  readonly consumers: readonly string[];
}

/** What gateway.yaml says of a product at the least. */
interface Product {
  readonly urls: readonly string[];
  readonly credential: { readonly variable: string };
  readonly identity: 'none' | 'token' | 'minted';
  readonly access: Access;
}

/** What gateway.yaml says of a route at the least. */
interface Route {
  readonly access: Access;
}

const written = ({ consumers }: Access): string => `access: { consumers: [${consumers.join(', ')}] }`;

/**
 * The text of gateway.yaml with one more product, after the last one. Nothing else of it changes: comments and layout stay.
 * @throws Refusal where the product is there already, or `products` is not written as a block.
 */
export const addProduct = (text: string, name: string, product: Product): string =>
  add(text, { section: 'products', one: 'product', name, entry: product }, [
    `${name}:`,
    `  urls: [${product.urls.map((url) => `'${url}'`).join(', ')}]`,
    `  credential: { variable: ${product.credential.variable} }`,
    `  identity: ${product.identity}`,
    `  ${written(product.access)}`,
  ]);

/**
 * The text of gateway.yaml with one more route, after the last one; `routes` stand at the end where there were none.
 * @throws Refusal where the route is there already, or `routes` is not written as a block.
 */
export function addRoute(text: string, line: string, route: Route): string {
  const withRoutes = parseDocument(text).has('routes') ? text : `${text.trimEnd()}\n\nroutes: {}\n`;
  return add(withRoutes, { section: 'routes', one: 'route', name: line, entry: route }, [`${line}: { ${written(route.access)} }`]);
}

/** Everybody who may call, by name. */
export const consumersIn = (text: string): readonly string[] =>
  Object.keys(z.object({ consumers: z.record(z.string(), z.unknown()).nullish() }).parse(parse(text)).consumers ?? {});

/** What is to be thought of where everybody whom gateway.yaml names may call something new. */
export const mayCall = (consumers: readonly string[], what: string): string =>
  consumers.length > 0
    ? `gateway.yaml lets ${listed(consumers)} call ${what}: leave out of its access who shall not.`
    : `Say in the access of ${what} in gateway.yaml who may call it: it names no consumers yet, so nobody may.`;

/** What is added, and where. */
interface Addition {
  readonly section: 'products' | 'routes';
  readonly one: string;
  readonly name: string;
  readonly entry: Product | Route;
}

function add(text: string, addition: Addition, lines: readonly string[]): string {
  const { section, one, name } = addition;
  const document = parseDocument(text);
  if (document.errors.length > 0) throw new Refusal(`${FILE}: ${document.errors[0]?.message}`);
  const entries = document.get(section);
  if (!isMap(entries)) throw new Refusal(`${FILE}: expected "${section}" with an entry for each`);
  if (entries.has(name)) throw new Refusal(`${FILE}: the ${one} "${name}" is there already`);
  const last = entries.items.at(-1);
  const [begin, end] = entries.range ?? [0, text.length];
  if (entries.flow === true && last === undefined) {
    const opened = text.slice(0, begin).trimEnd(); // the `{}` goes
    return checked(text, below(opened + text.slice(end), opened.length, lines, '  '), addition);
  }
  const key = last !== undefined && isScalar(last.key) ? last.key.range?.[0] : undefined;
  if (entries.flow === true || key === undefined)
    throw new Refusal(`${FILE}: expected "${section}" as a block, with each ${one} on lines of its own`);
  const indent = ' '.repeat(key - (text.lastIndexOf('\n', key - 1) + 1));
  return checked(text, below(text, text.slice(0, end).trimEnd().length, lines, indent), addition);
}

/** The text with these lines below the one that holds the offset: what follows it there may be a comment. */
function below(text: string, offset: number, lines: readonly string[], indent: string): string {
  const end = text.indexOf('\n', offset);
  const at = end === -1 ? text.length : end;
  return text.slice(0, at) + lines.map((line) => `\n${indent}${line}`).join('') + text.slice(at);
}

/** The new text, if reading it gives what the old one gave and what was added. */
function checked(before: string, after: string, { section, name, entry }: Addition): string {
  const expected = parseDocument(before);
  expected.setIn([section, name], entry);
  if (!isDeepStrictEqual(expected.toJS(), parse(after)))
    throw new Error(`${FILE}: "${name}" can't be added without changing something else`);
  return after;
}

/** The ports of this machine that the products of a gateway.yaml are called on. */
export const ports = (text: string): readonly number[] =>
  [...text.matchAll(/\/\/(?:127\.0\.0\.1|localhost|\[::1\]):(\d+)/g)].map(([, port]) => Number(port));
