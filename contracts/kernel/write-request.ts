import type { InputIssue } from './read-input.js';
import { type Segment, refusesSegment, segments } from './template.js';
import { type Wire, refusesHeader } from './wire.js';

/** What goes out for one input. */
export interface Outgoing {
  /** Path and query, beginning with `/`. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON text, where the method sends a body. */
  readonly body: string | undefined;
}

/**
 * Makes the writer of an operation's requests: everything that does not depend on the input is worked out here, once.
 * The writer gives what goes out, or the issue where a value can't stand in the path or in a header.
 */
export function writer(wire: Wire): (input: Readonly<Record<string, unknown>>) => Outgoing | InputIssue {
  const pieces = joined(segments(wire.path));
  const none: Readonly<Record<string, string>> = {};
  const inQuery = wire.inQuery.map(({ name, wire: written, list }) => ({ name, list, key: `${encodeURIComponent(written)}=` }));
  return function write(input) {
    let path = '';
    for (const piece of pieces) {
      if ('text' in piece) {
        path += piece.text;
        continue;
      }
      const value = String(input[piece.field]);
      if (PLAIN.test(value)) path += value;
      else {
        const refusal = refusesSegment(value);
        if (refusal) return { in: 'path', path: piece.field, message: refusal };
        path += encoded(value);
      }
    }
    let separator = '?';
    for (const field of inQuery) {
      const value = input[field.name];
      if (value === undefined || value === null) continue;
      for (const each of field.list ? (value as readonly unknown[]) : [value]) {
        path += `${separator}${field.key}${encoded(String(each))}`;
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
        const refusal = refusesHeader(text);
        if (refusal) return { in: 'header', path: field.wire, message: refusal };
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

/** The fields of a path, with all that stands before, between and after them. */
function joined(all: readonly Segment[]): readonly Segment[] {
  const pieces: Segment[] = [];
  let text = '';
  for (const segment of all) {
    text += '/';
    if ('text' in segment) text += segment.text;
    else {
      pieces.push({ text }, segment);
      text = '';
    }
  }
  return text === '' ? pieces : [...pieces, { text }];
}

/** A value that may stand in a path, as it is: most are. What begins with a dot may be a dot segment. */
const PLAIN = /^[\w~-][\w.~-]*$/;

const UNRESERVED = /^[\w.~-]*$/;

/** A text as it stands in an address; most are made of what stands there as it is (RFC 3986, 2.3). */
const encoded = (text: string): string => (UNRESERVED.test(text) ? text : encodeURIComponent(text.toWellFormed()));
