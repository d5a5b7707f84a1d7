import { Validator } from '@seriousme/openapi-schema-validator';
import type { OpenApiDocument, PathOperation } from '../../src/openapi/specification.js';

/** What the OpenAPI 3.1 schema finds wrong with a document; empty where it is valid. */
export async function faults(document: OpenApiDocument): Promise<readonly string[]> {
  // As it travels; the validator keeps its input besides.
  const copy: Record<string, unknown> = JSON.parse(JSON.stringify(document));
  const { valid, errors } = await new Validator().validate(copy);
  if (valid) return [];
  return typeof errors === 'string' ? [errors] : (errors ?? []).map((error) => `${error.instancePath}: ${error.message}`);
}

/** Every pointer of a document, however deep. */
export function refs(at: unknown): readonly string[] {
  if (typeof at !== 'object' || at === null) return [];
  return Object.entries(at).flatMap(([key, value]) => (key === '$ref' && typeof value === 'string' ? [value] : refs(value)));
}

/** What a pointer of a document leads to; undefined where it leads nowhere. */
export function resolve(document: OpenApiDocument, ref: string): unknown {
  if (!ref.startsWith('#/')) return undefined;
  return ref
    .slice(2)
    .split('/')
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce<unknown>(
      (at, token) => (typeof at === 'object' && at !== null ? Object.getOwnPropertyDescriptor(at, token)?.value : undefined),
      document,
    );
}

/** All calls of a document by operationId, with their path. */
export function calls(document: OpenApiDocument): ReadonlyMap<string, PathOperation & { readonly path: string }> {
  const all = Object.entries(document.paths).flatMap(([path, item]) => Object.values(item).map((call) => ({ ...call, path })));
  return new Map(all.map((call) => [call.operationId, call]));
}
