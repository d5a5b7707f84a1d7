import type { z } from 'zod';
import { didYouMean } from './nearest.js';
import { refusesSegment } from './template.js';
import { type TextField, type Wire, refusesHeader } from './wire.js';

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

const NUMBER = /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/;

/** A text as the value that its field declares; text that is no such value stays text, for the schema to refuse. */
function fromText(field: TextField, text: string): unknown {
  if (field.kind === 'number') return NUMBER.test(text) ? Number(text) : text;
  if (field.kind === 'boolean') return text === 'true' ? true : text === 'false' ? false : text;
  return text;
}

/** How many issues one answer names: 64 KiB of unknown keys would make ten times as much of them. */
const NAMED = 50;

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
    else if (typeof value === 'string') {
      const refusal = refusesHeader(value);
      if (refusal) issues.push({ in: 'header', path: field.wire, message: refusal });
      else raw[field.name] = fromText(field, value);
    }
  }
  readQuery(wire, from, raw, issues);
  if (wire.inBody) readBody(wire.inBody, from.body, raw, place, issues);
  if (issues.length > 0) return { ok: false, issues: issues.slice(0, NAMED) };
  const parsed = schema.safeParse(raw);
  if (parsed.success) return { ok: true, input: parsed.data };
  return {
    ok: false,
    issues: parsed.error.issues.slice(0, NAMED).map((issue) => ({
      in: place.get(String(issue.path[0])) ?? (wire.inBody ? 'body' : 'query'),
      path: issue.path.map((key) => nameOf(String(key))).join('.'),
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
      issues.push({ in: 'query', path: nameOf(key), message: `unknown query parameter${didYouMean(key, known)}` });
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
    else issues.push({ in: 'body', path: nameOf(key), message: `unknown field${didYouMean(key, fields)}` });
  }
}

const NAME = /^[\w.:$[\]-]+$/;

/** A key as an answer may repeat it, at 64 characters: what is no name (markup, a path, a command) is not repeated. */
function nameOf(key: string): string {
  if (!NAME.test(key)) return '(not a name)';
  return key.length > 64 ? `${key.slice(0, 64)}…` : key;
}
