import { readFileSync } from 'node:fs';
import { type Document, type ErrorCode, LineCounter, isMap, isPair, isScalar, parseDocument, visit } from 'yaml';
import { z } from 'zod';
import { didYouMean } from '#contracts/kernel/index.js';
import { expectation, shown } from './expectation.js';
import { GatewayConfig } from './schema.js';
import { type Variables, substitute } from './variables.js';

/** A file that can't be in force. Each problem is one line: `gateway.yaml:31:7 products.billing.deadline: expected …, got …`. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  constructor(readonly problems: readonly string[]) {
    super(problems.join('\n'));
  }
}

/** A configuration with the places of its values, so that later checks can name them. */
export interface Loaded {
  readonly config: GatewayConfig;
  /** `gateway.yaml:31:7 products.billing.deadline`: a value's place, or its nearest parent's where it is not written. */
  place(path: readonly PropertyKey[]): string;
  /** What is written at a path, before it is read; undefined where nothing is. */
  written(path: readonly string[]): unknown;
}

/**
 * Reads and validates `gateway.yaml`, the values of variables in the place of `${NAME}`.
 * @throws ConfigError naming every problem by file, line and column.
 */
export function load(file: string, variables: Variables = {}): Loaded {
  return parse(readText(file), file, variables);
}

/** Like `load`, on a text. `name` stands for the file in messages. */
export function parse(text: string, name: string, variables: Variables = {}): Loaded {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const broken = [...faults(document)];
  if (broken.length === 0) broken.push(...substitute(document, variables));
  if (broken.length > 0)
    throw new ConfigError(
      broken.map(({ at, what }) => {
        const { line, col } = lines.linePos(at);
        return `${name}:${line}:${col} ${what}`;
      }),
    );
  const place = (path: readonly PropertyKey[], ofKey = false): string => {
    const { line, col } = lines.linePos(offsetOf(document, path, ofKey));
    return `${name}:${line}:${col}${path.length > 0 ? ` ${path.map(String).join('.')}` : ''}`;
  };
  const parsed = GatewayConfig.safeParse(document.toJS() ?? {}, { error: expectation });
  if (!parsed.success) throw new ConfigError(parsed.error.issues.flatMap((issue) => describe(issue, document, place)));
  return { config: parsed.data, place, written: (path) => document.getIn(path) };
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const why = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : 'unknown';
    throw new ConfigError([`${file}: expected a configuration file, can't read it (${why}); GATEWAY_CONFIG names another one`]);
  }
}

function describe(issue: z.core.$ZodIssue, document: Document, place: (path: readonly PropertyKey[], ofKey?: boolean) => string): string[] {
  if (issue.code === 'unrecognized_keys') {
    const known = knownKeys(issue.path);
    return issue.keys.map(
      (key) => `${place([...issue.path, key], true)}: unknown key${didYouMean(key, known)}; known here: ${known.join(', ')}`,
    );
  }
  return [`${place(issue.path)}: ${issue.message}, got ${shown(issue.path, document.getIn(issue.path))}`];
}

/** What makes a text no YAML that a configuration may be, by offset. */
function* faults(document: Document.Parsed): Generator<{ readonly at: number; readonly what: string }> {
  for (const { pos, code, message } of [...document.errors, ...document.warnings]) yield { at: pos[0], what: FAULTS[code] ?? message };
  const aliases: number[] = [];
  visit(document, { Alias: (_, alias) => void aliases.push(alias.range?.[0] ?? 0) });
  for (const at of aliases) yield { at, what: 'expected no alias: write the value out, so that its place can be named' };
}

/** What the library says in words of its own, in ours. */
const FAULTS: Partial<Record<ErrorCode, string>> = {
  DUPLICATE_KEY: 'expected each key once: this one stands above already',
  MULTIPLE_DOCS: 'expected one document: take out the line "---"',
  TAB_AS_INDENT: 'expected spaces at the beginning of a line, got a tab',
};

/** The keys that the schema knows at a path. */
function knownKeys(path: readonly PropertyKey[]): string[] {
  let at = inner(GatewayConfig);
  for (const key of path) {
    const next = at instanceof z.core.$ZodRecord ? at._zod.def.valueType : shapeOf(at)[String(key)];
    if (!next) return [];
    at = inner(next);
  }
  return Object.keys(shapeOf(at));
}

const shapeOf = (schema: z.core.$ZodType): z.core.$ZodShape => (schema instanceof z.core.$ZodObject ? schema._zod.def.shape : {});

/** Looks through what only says that a value may be left out. */
function inner(schema: z.core.$ZodType): z.core.$ZodType {
  return schema instanceof z.core.$ZodOptional || schema instanceof z.core.$ZodDefault || schema instanceof z.core.$ZodPrefault
    ? inner(schema._zod.def.innerType)
    : schema;
}

/** Where a value begins in the text, or its nearest written parent; `ofKey` asks for the key itself. */
function offsetOf(document: Document, path: readonly PropertyKey[], ofKey: boolean): number {
  if (ofKey) {
    const parent = document.getIn(path.slice(0, -1), true) ?? document.contents;
    if (isMap(parent)) {
      const pair = parent.items.find((item) => isPair(item) && isScalar(item.key) && item.key.value === path.at(-1));
      if (isScalar(pair?.key)) return pair.key.range?.[0] ?? 0;
    }
  }
  for (let depth = path.length; depth > 0; depth--) {
    const node: unknown = document.getIn(path.slice(0, depth), true);
    if (typeof node === 'object' && node !== null && 'range' in node && Array.isArray(node.range)) return Number(node.range[0]);
  }
  return 0;
}
