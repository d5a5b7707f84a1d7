import type { AnyOperation, AnyRoute } from '#contracts/kernel/index.js';

/** `purchase-orders` as `PurchaseOrders`. */
export const pascal = (word: string): string =>
  word
    .split(/[^A-Za-z0-9]+/)
    .filter((piece) => piece !== '')
    .map((piece) => piece.charAt(0).toUpperCase() + piece.slice(1))
    .join('');

function singular(word: string): string {
  if (/(ss|us|is)$/.test(word)) return word;
  if (word.endsWith('ies')) return `${word.slice(0, -3)}y`;
  if (/(ss|x|z|ch|sh)es$/.test(word)) return word.slice(0, -2);
  return word.endsWith('s') ? word.slice(0, -1) : word;
}

/** What a composed route gives: `StudentDashboard` of `/v1/students/{studentId}/dashboard`; from version 2 on the version is said. */
export function routeNoun({ wire: { path } }: AnyRoute): string {
  const [first = '', ...others] = path.slice(1).split('/');
  const version = /^v(\d+)$/.exec(first)?.[1];
  const segments = version === undefined ? [first, ...others] : others;
  let noun = '';
  segments.forEach((segment, i) => {
    const isField = segment.startsWith('{');
    const followsText = i > 0 && !segments[i - 1]?.startsWith('{');
    if (!isField) noun += pascal(segments[i + 1]?.startsWith('{') ? singular(segment) : segment);
    else if (!followsText) noun += `By${pascal(segment)}`;
  });
  return version === undefined || version === '1' ? noun : `${noun}V${version}`;
}

/** The operationId of a composed route: `getStudentDashboard`. Made of its line alone, so that no other route can change it. */
export const routeId = (route: AnyRoute): string => route.wire.method + routeNoun(route);

/** `auth.v1`: a product's version, as its operationIds and components begin. */
export const versionOf = ({ product, version }: AnyOperation): string => `${product}.v${version}`;

/** The operationId of a product's operation: `auth.v1.getUser`. */
export const productId = (operation: AnyOperation): string => `${versionOf(operation)}.${operation.name}`;

/** What an operation gives, the best name first: `User`, then `GetUser`. */
export function operationNouns({ name }: AnyOperation): readonly string[] {
  const noun = /^(?:get|list)([A-Z].*)$/.exec(name)?.[1];
  return noun === undefined ? [pascal(name)] : [noun, pascal(name)];
}
