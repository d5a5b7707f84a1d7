import type { z } from 'zod';
import { didYouMean } from './nearest.js';
import { type Schema, unwrap } from './read-schema.js';
import { segments } from './template.js';

/** The methods that an operation or a route may have, in lower case as a contract names them. */
export const methods = ['get', 'post', 'put', 'patch', 'delete'] as const;
export type Method = (typeof methods)[number];

/** A field that travels as text, and how its text is read. */
export interface TextField {
  readonly name: string;
  /** Its name on the wire: a header's, else the field's own. */
  readonly wire: string;
  readonly kind: 'string' | 'number' | 'boolean';
  readonly list: boolean;
}

/** Where each field of an input travels. Worked out once, when the contract is made. */
export interface Wire {
  readonly method: Method;
  readonly path: string;
  readonly inPath: readonly TextField[];
  readonly inQuery: readonly TextField[];
  readonly inHeaders: readonly TextField[];
  /** The fields of the JSON body; undefined where the method sends none. */
  readonly inBody: readonly string[] | undefined;
}

/**
 * Sorts an input's fields: those of the template travel in the path, those named by `headers` in headers, the rest in
 * the query (GET, DELETE) or in a JSON body (POST, PUT, PATCH).
 * @throws TypeError where the template's fields do not match the input, or a field can't be said where it would travel.
 */
export function wire(method: Method, path: string, input: z.ZodObject, headers: Readonly<Record<string, string>> = {}): Wire {
  const shape = input.def.shape;
  const inPath = segments(path).flatMap((s) => ('field' in s ? [s.field] : []));
  for (const name of inPath) {
    if (!Object.hasOwn(shape, name))
      throw new TypeError(`path "${path}" names {${name}}, which the input has not${didYouMean(name, Object.keys(shape))}`);
    if (isOptional(shape[name])) throw new TypeError(`path "${path}": {${name}} is optional in the input; a path field has to be there`);
  }
  if (new Set(inPath).size !== inPath.length) throw new TypeError(`path "${path}" names a field twice`);
  refuseHeaders(headers, shape, inPath);
  const rest = Object.keys(shape).filter((name) => !inPath.includes(name) && !Object.hasOwn(headers, name));
  const hasBody = method === 'post' || method === 'put' || method === 'patch';
  return {
    method,
    path,
    inPath: inPath.map((name) => textField(name, name, shape[name], false)),
    inHeaders: Object.entries(headers).map(([name, header]) => textField(name, header.toLowerCase(), shape[name], false)),
    inQuery: hasBody ? [] : rest.map((name) => textField(name, name, shape[name], true)),
    inBody: hasBody ? rest : undefined,
  };
}

/** What the gateway or HTTP itself sends: a contract can't hand these to a caller. */
const RESERVED = [
  'authorization',
  'connection',
  'content-length',
  'content-type',
  'cookie',
  'host',
  'te',
  'traceparent',
  'transfer-encoding',
  'upgrade',
  'x-request-id',
];
const HEADER_NAME = /^[a-z0-9]+(-[a-z0-9]+)*$/;

/** Why a text may not travel in a header, or undefined where it may. */
export const refusesHeader = (value: string): string | undefined =>
  /^[\t\x20-\x7e]*$/.test(value) ? undefined : 'expected visible ASCII characters and spaces';

function refuseHeaders(headers: Readonly<Record<string, string>>, shape: z.core.$ZodShape, inPath: readonly string[]): void {
  const taken = new Set<string>();
  for (const [name, given] of Object.entries(headers)) {
    const header = given.toLowerCase();
    if (!Object.hasOwn(shape, name))
      throw new TypeError(`headers name "${name}", which the input has not${didYouMean(name, Object.keys(shape))}`);
    if (inPath.includes(name)) throw new TypeError(`headers name "${name}", which travels in the path`);
    if (!HEADER_NAME.test(header)) throw new TypeError(`headers: expected a name like "accept-language", got "${given}"`);
    if (RESERVED.includes(header)) throw new TypeError(`headers: "${header}" is not a contract's to send`);
    if (taken.has(header)) throw new TypeError(`headers name "${header}" twice`);
    taken.add(header);
  }
}

const isOptional = (schema: Schema | undefined): boolean => schema?._zod.optin !== undefined;

function isNullable(schema: Schema): boolean {
  const def = schema._zod.def as z.core.$ZodTypes['_zod']['def'];
  return def.type === 'nullable' || ('innerType' in def && isNullable(def.innerType));
}

function textField(name: string, wireName: string, schema: Schema | undefined, mayList: boolean): TextField {
  const def = schema && (unwrap(schema)._zod.def as z.core.$ZodTypes['_zod']['def']);
  if (def?.type === 'array' && mayList) return { ...textField(name, wireName, def.element, false), list: true };
  const kind = def && textKind(def);
  if (kind === undefined)
    throw new TypeError(
      `input "${name}": expected a string, number, boolean or enum where it travels as text, got ${def?.type ?? 'nothing'}`,
    );
  if (schema && isNullable(schema)) throw new TypeError(`input "${name}": null can't travel as text; say optional()`);
  return { name, wire: wireName, kind, list: false };
}

function textKind(def: z.core.$ZodTypes['_zod']['def']): TextField['kind'] | undefined {
  switch (def.type) {
    case 'string':
    case 'enum':
    case 'template_literal':
      return 'string';
    case 'literal':
      return def.values.every((value) => typeof value === 'string') ? 'string' : undefined;
    case 'number':
      return 'number';
    case 'boolean':
      return 'boolean';
    default:
      return undefined;
  }
}
