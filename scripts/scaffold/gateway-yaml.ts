import { isDeepStrictEqual } from 'node:util';
import { isMap, isScalar, parse, parseDocument } from 'yaml';
import { Refusal } from './refusal.ts';

const FILE = 'gateway.yaml';

/** What gateway.yaml says of a product at the least. */
interface Entry {
  readonly urls: readonly string[];
  readonly credential: { readonly variable: string };
}

/**
 * The text of gateway.yaml with one more product, after the last one. Nothing else of it changes: comments and layout stay.
 * @throws Refusal where the product is there already, or `products` is not written as a block.
 */
export function addProduct(text: string, name: string, entry: Entry): string {
  const document = parseDocument(text);
  if (document.errors.length > 0) throw new Refusal(`${FILE}: ${document.errors[0]?.message}`);
  const products = document.get('products');
  if (!isMap(products)) throw new Refusal(`${FILE}: expected "products" with an entry for each`);
  if (products.has(name)) throw new Refusal(`${FILE}: the product "${name}" is there already`);
  const last = products.items.at(-1);
  const lines = [
    `${name}:`,
    `  urls: [${entry.urls.map((url) => `'${url}'`).join(', ')}]`,
    `  credential: { variable: ${entry.credential.variable} }`,
  ];
  const [begin, end] = products.range ?? [0, text.length];
  if (products.flow === true && last === undefined) {
    const opened = text.slice(0, begin).trimEnd(); // the `{}` goes
    return checked(text, below(opened + text.slice(end), opened.length, lines, '  '), name, entry);
  }
  const key = last !== undefined && isScalar(last.key) ? last.key.range?.[0] : undefined;
  if (products.flow === true || key === undefined)
    throw new Refusal(`${FILE}: expected "products" as a block, with each product on lines of its own`);
  const indent = ' '.repeat(key - (text.lastIndexOf('\n', key - 1) + 1));
  return checked(text, below(text, text.slice(0, end).trimEnd().length, lines, indent), name, entry);
}

/** The text with these lines below the one that holds the offset: what follows it there may be a comment. */
function below(text: string, offset: number, lines: readonly string[], indent: string): string {
  const end = text.indexOf('\n', offset);
  const at = end === -1 ? text.length : end;
  return text.slice(0, at) + lines.map((line) => `\n${indent}${line}`).join('') + text.slice(at);
}

/** The new text, if reading it gives what the old one gave and the new product. */
function checked(before: string, after: string, name: string, entry: Entry): string {
  const expected = parseDocument(before);
  expected.setIn(['products', name], entry);
  if (!isDeepStrictEqual(expected.toJS(), parse(after)))
    throw new Error(`${FILE}: "${name}" can't be added without changing something else`);
  return after;
}

/** The ports of this machine that the products of a gateway.yaml are called on. */
export const ports = (text: string): readonly number[] =>
  [...text.matchAll(/\/\/(?:127\.0\.0\.1|localhost|\[::1\]):(\d+)/g)].map(([, port]) => Number(port));
