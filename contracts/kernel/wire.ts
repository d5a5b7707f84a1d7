import type { z } from 'zod';
import { didYouMean } from './nearest.js';
import { type Schema, unwrap } from './read-schema.js';
import { refusesSegment, segments } from './template.js';

/** The methods that an operation or a route may have, in lower case as a contract names them. */
export const methods = ['get', 'post', 'put', 'patch', 'delete'] as const;
export type Method = (typeof methods)[number];

/** A field that travels as text, and how its text is read. */
interface TextField {
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

/** One thing that is wrong with an input. */
export interface InputIssue {
  readonly in: 'path' | 'query' | 'header' | 'body';
  readonly path: string;
  readonly message: string;
}

/** An HTTP request as far as a contract knows it. Header names in lower case. */
export interface Incoming {
  readonly params: Readonly<Record<string, string | undefined>>;
  readonly query: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: unknown;
}

/** What goes out for one input. */
export interface Outgoing {
  /** Path and query, beginning with `/`. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON text, where the method sends a body. */
  readonly body: string | undefined;
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

const NUMBER = /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/;

/** A text as the value that its field declares; text that is no such value stays text, for the schema to refuse. */
function fromText(field: TextField, text: string): unknown {
  if (field.kind === 'number') return NUMBER.test(text) ? Number(text) : text;
  if (field.kind === 'boolean') return text === 'true' ? true : text === 'false' ? false : text;
  return text;
}

/**
 * Reads a request into the contract's input. Unknown query keys and body fields are refused with the nearest known
 * name, a repeated key unless a list is declared, a path value that could leave its segment.
 * @returns the input as the schema gives it, or every issue by path.
 */
export function readInput<T>(
  wire: Wire,
  schema: z.ZodType<T>,
  from: Incoming,
): { readonly ok: true; readonly input: T } | { readonly ok: false; readonly issues: readonly InputIssue[] } {
  const issues: InputIssue[] = [];
  const raw: Record<string, unknown> = {};
  const place = new Map<string, InputIssue['in']>();
  for (const field of wire.inPath) {
    const text = from.params[field.name] ?? '';
    const refusal = refusesSegment(text);
    place.set(field.name, 'path');
    if (refusal) issues.push({ in: 'path', path: field.name, message: refusal });
    else raw[field.name] = fromText(field, text);
  }
  for (const field of wire.inHeaders) {
    const value = from.headers[field.wire];
    place.set(field.name, 'header');
    if (Array.isArray(value)) issues.push({ in: 'header', path: field.wire, message: 'expected it once, got it more than once' });
    else if (typeof value === 'string') raw[field.name] = fromText(field, value);
  }
  readQuery(wire, from, raw, issues);
  if (wire.inBody) readBody(wire.inBody, from.body, raw, place, issues);
  if (issues.length > 0) return { ok: false, issues };
  const parsed = schema.safeParse(raw);
  if (parsed.success) return { ok: true, input: parsed.data };
  return {
    ok: false,
    issues: parsed.error.issues.slice(0, 50).map((issue) => ({
      in: place.get(String(issue.path[0])) ?? (wire.inBody ? 'body' : 'query'),
      path: issue.path.join('.'),
      message: issue.message,
    })),
  };
}

function readQuery(wire: Wire, from: Incoming, raw: Record<string, unknown>, issues: InputIssue[]): void {
  for (const key of Object.keys(from.query)) {
    const field = wire.inQuery.find((known) => known.wire === key);
    const value = from.query[key];
    if (field === undefined) {
      const known = wire.inQuery.map((known) => known.wire);
      issues.push({ in: 'query', path: shorten(key), message: `unknown query parameter${didYouMean(key, known)}` });
    } else if (field.list) raw[field.name] = (typeof value === 'string' ? [value] : (value ?? [])).map((text) => fromText(field, text));
    else if (typeof value === 'string') raw[field.name] = fromText(field, value);
    else issues.push({ in: 'query', path: field.name, message: 'expected it once, got it more than once' });
  }
}

function readBody(
  fields: readonly string[],
  body: unknown,
  raw: Record<string, unknown>,
  place: Map<string, InputIssue['in']>,
  issues: InputIssue[],
): void {
  const given = body ?? {};
  if (typeof given !== 'object' || Array.isArray(given)) {
    issues.push({ in: 'body', path: '', message: 'expected a JSON object' });
    return;
  }
  for (const [key, value] of Object.entries(given)) {
    place.set(key, 'body');
    if (fields.includes(key)) raw[key] = value;
    else issues.push({ in: 'body', path: shorten(key), message: `unknown field${didYouMean(key, fields)}` });
  }
}

const shorten = (key: string): string => (key.length > 64 ? `${key.slice(0, 64)}…` : key);

/**
 * Makes the writer of an operation's requests: everything that does not depend on the input is worked out here, once.
 * The writer gives what goes out, or the issue where a value can't stand in the path or in a header.
 */
export function writer(wire: Wire): (input: Readonly<Record<string, unknown>>) => Outgoing | InputIssue {
  const pieces = segments(wire.path);
  const none: Readonly<Record<string, string>> = {};
  return function write(input) {
    let path = '';
    for (const piece of pieces) {
      if ('text' in piece) path += `/${piece.text}`;
      else {
        const value = String(input[piece.field]);
        const refusal = refusesSegment(value);
        if (refusal) return { in: 'path', path: piece.field, message: refusal };
        path += `/${encodeURIComponent(value)}`;
      }
    }
    let separator = '?';
    for (const field of wire.inQuery) {
      const value = input[field.name];
      if (value === undefined || value === null) continue;
      for (const each of field.list ? (value as readonly unknown[]) : [value]) {
        path += `${separator}${field.wire}=${encodeURIComponent(String(each).toWellFormed())}`;
        separator = '&';
      }
    }
    let headers = none;
    if (wire.inHeaders.length > 0) {
      const own: Record<string, string> = {};
      for (const field of wire.inHeaders) {
        const value = input[field.name];
        if (value === undefined || value === null) continue;
        const text = String(value);
        if (!HEADER_VALUE.test(text)) return { in: 'header', path: field.wire, message: 'expected visible ASCII characters and spaces' };
        own[field.wire] = text;
      }
      headers = own;
    }
    if (wire.inBody === undefined) return { path, headers, body: undefined };
    const body: Record<string, unknown> = {};
    for (const name of wire.inBody) body[name] = input[name];
    return { path, headers, body: JSON.stringify(body) };
  };
}

const HEADER_VALUE = /^[\t\x20-\x7e]*$/;
