import { type AnyOperation, type AnyRoute, type Method, PartState, Problem, envelope, methods, shapeOf } from '#contracts/kernel/index.js';
import { headers, operationAnswers, routeAnswers, sharedAnswers } from './answers.js';
import { operationNouns, productId, routeId, routeNoun, versionOf } from './naming.js';
import { request } from './request.js';
import { type Root, emit } from './schemas.js';
import type { JsonSchema, OpenApiDocument, PathItem, PathOperation } from './specification.js';

const DESCRIPTION = `One answer joined from several products' APIs, with the missing part named.

**Composed routes** answer with an envelope: \`data\`, whether it is \`complete\`, and what became of each of its \`parts\`.
**Product routes** (\`/products/…\`) hand through one product's own answer, stripped to its contract.

Whatever goes wrong is a problem (RFC 9457, \`application/problem+json\`): branch on its \`code\`. HEAD is answered wherever GET is.`;

/** What the document is made of. */
export interface Contracts {
  /** The operations of all versions of all products. */
  readonly operations: readonly AnyOperation[];
  readonly routes: readonly AnyRoute[];
  /** The version of the gateway. */
  readonly version?: string;
}

/**
 * The OpenAPI 3.1 document of every composed route and every product route, from their contracts alone. The same
 * contracts give the same document, whatever their order.
 * @throws TypeError, naming both, where two routes would have one operationId.
 */
export function openapi({ operations, routes, version = 'unreleased' }: Contracts): OpenApiDocument {
  const composed = routes
    .map((route) => ({ route, envelope: envelope(route.output, Object.keys(route.parts)) }))
    .sort((a, b) => order(a.route.line, b.route.line));
  const products = operations.toSorted(
    (a, b) => order(a.product, b.product) || a.version - b.version || readsFirst(a) - readsFirst(b) || order(a.name, b.name),
  );
  refuseTwins(composed.map(({ route }) => route));

  const taken = new Set<string>();
  const outputs = emit(
    [
      { schema: Problem, owner: '', names: ['Problem'] },
      { schema: PartState, owner: '', names: ['PartState'] },
      ...products
        .filter(hasOutput)
        .map((operation): Root => ({ schema: operation.output, owner: `${versionOf(operation)}.`, names: operationNouns(operation) })),
      ...composed.flatMap(({ route, envelope }): Root[] => [
        { schema: route.output, owner: '', names: [routeNoun(route), `${routeNoun(route)}Data`] },
        { schema: envelope, owner: '', names: [`${routeNoun(route)}Answer`] },
      ]),
    ],
    'output',
    taken,
  );
  const inputs = emit(
    [
      ...products.map((operation): Root => ({
        schema: operation.input,
        owner: `${versionOf(operation)}.`,
        names: [`${operationNouns(operation).at(-1)}Input`],
      })),
      ...composed.map(({ route }): Root => ({ schema: route.input, owner: '', names: [`${routeNoun(route)}Input`] })),
    ],
    'input',
    taken,
  );
  const problem = outputs.refTo(Problem);

  const paths = filer();
  for (const { route, envelope } of composed)
    paths.file(route.wire.path, route.wire.method, (path) => ({
      operationId: routeId(route),
      tags: ['composed'],
      ...(route.summary !== undefined && { summary: route.summary }),
      description: partsTable(route),
      ...request(route.wire, inputs.component(route.input), path),
      responses: routeAnswers(route, outputs.refTo(envelope), problem),
      'x-interline-parts': route.parts,
    }));
  for (const operation of products)
    paths.file(`/products/${operation.product}/v${operation.version}${operation.wire.path}`, operation.wire.method, (path) => ({
      operationId: productId(operation),
      tags: [tagOf(operation)],
      ...(operation.summary !== undefined && { summary: operation.summary }),
      ...request(operation.wire, inputs.component(operation.input), path),
      responses: operationAnswers(operation, hasOutput(operation) ? outputs.refTo(operation.output) : undefined, problem),
      'x-interline-depends-on': operation.dependsOn,
      'x-interline-repeatable': operation.repeatable,
      ...(operation.absent !== undefined && { 'x-interline-absent': operation.absent }),
      ...(operation.batches && { 'x-interline-batches': operation.batches }),
    }));

  const filed = paths.filed();
  const responses = sharedAnswers(problem);
  return {
    openapi: '3.1.1',
    info: { title: 'Interline', version, description: DESCRIPTION },
    servers: [{ url: '/' }],
    tags: [
      ...(composed.length > 0 ? [{ name: 'composed', description: "Answers joined from several products' APIs." }] : []),
      ...new Map(
        products.map((operation) => [
          tagOf(operation),
          { name: tagOf(operation), description: `Version ${operation.version} of ${operation.product}, as its contract says.` },
        ]),
      ).values(),
    ],
    paths: filed,
    components: { schemas: reached({ filed, responses }, { ...outputs.components, ...inputs.components }), responses, headers },
  };
}

const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
/** Those that read one entity first: they give the entity its name. */
const readsFirst = ({ name }: AnyOperation): number => (name.startsWith('get') ? 0 : 1);
const hasOutput = ({ output }: AnyOperation): boolean => output.def.type !== 'undefined';
const tagOf = ({ product, version }: AnyOperation): string => `${product} v${version}`;

function refuseTwins(routes: readonly AnyRoute[]): void {
  for (const [id, [first, second]] of Map.groupBy(routes, routeId))
    if (first && second)
      throw new TypeError(
        `operationId "${id}": both "${first.line}" and "${second.line}" would have it; name a segment of one of them otherwise`,
      );
}

function partsTable({ parts }: AnyRoute): string {
  const meaning = {
    required: 'required: where it fails, so does the answer',
    optional: 'optional: the answer does without it',
    fallback: 'fallback: something stands in for it',
  };
  const rows = Object.entries(parts).map(([part, need]) => `| \`${part}\` | ${meaning[need]} |`);
  return ['| part | need |', '|---|---|', ...rows].join('\n');
}

/** Files operations under their paths, by shape: OpenAPI refuses two paths that differ in their fields' names alone. */
function filer(): {
  readonly file: (path: string, method: Method, make: (path: string) => PathOperation) => void;
  readonly filed: () => Readonly<Record<string, PathItem>>;
} {
  const byShape = new Map<string, { readonly path: string; readonly item: Partial<Record<Method, PathOperation>> }>();
  return {
    file(path, method, make) {
      const shape = shapeOf(path);
      const entry = byShape.get(shape) ?? { path, item: {} };
      byShape.set(shape, entry);
      entry.item[method] = make(entry.path);
    },
    filed() {
      return Object.fromEntries(
        [...byShape.values()].map(({ path, item }) => [
          path,
          Object.fromEntries(methods.flatMap((method) => (item[method] ? [[method, item[method]]] : []))),
        ]),
      );
    },
  };
}

/** The components that something points to, by name. */
function reached(from: unknown, components: Readonly<Record<string, JsonSchema>>): Readonly<Record<string, JsonSchema>> {
  const found = new Set<string>();
  const walk = (at: unknown): void => {
    if (typeof at !== 'object' || at === null) return;
    for (const [key, value] of Object.entries(at)) {
      const name = key === '$ref' && typeof value === 'string' ? /^#\/components\/schemas\/([^/]+)$/.exec(value)?.[1] : undefined;
      if (name === undefined) walk(value);
      else if (!found.has(name)) {
        found.add(name);
        walk(components[name]);
      }
    }
  };
  walk(from);
  return Object.fromEntries([...found].sort(order).map((name) => [name, components[name] ?? {}]));
}
