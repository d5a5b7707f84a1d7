import type { Outgoing } from './client.js';
import { WireError } from './wire-error.js';

/** A request as it goes over the wire: one write, or two where its headers and its body are not of one encoding. */
export interface Written {
  readonly text: string;
  readonly encoding: 'latin1' | 'utf8';
  /** A body in UTF-8, where the head is not. */
  readonly rest: string | undefined;
  /** Whether it asks for a head alone. */
  readonly bodiless: boolean;
}

// As undici has it: what can't stand in a request is refused before anything of it goes out.
const NOT_IN_PATH = /[^\u0021-\u00ff]/;
const NOT_IN_VALUE = /[^\t\u0020-\u007e\u0080-\u00ff]/;
const TOKEN = /^[\w!#$%&'*+.^`|~-]+$/;
// oxlint-disable-next-line no-control-regex -- whether it is ASCII
const ASCII = /^[\u0000-\u007f]*$/;

/** Methods whose requests say how long their body is, even where there is none (RFC 9110, 8.6). */
const WITH_BODY: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH', 'QUERY', 'PROPFIND', 'PROPPATCH']);

/** Headers that frame a message or belong to a connection, and whether a request may bring them: undici then makes sense of them. */
const FRAMES: ReadonlyMap<string, boolean> = new Map([
  ['connection', true],
  ['content-length', true],
  ['host', true],
  ['expect', false],
  ['keep-alive', false],
  ['transfer-encoding', false],
  ['upgrade', false],
]);

/** How many names are remembered, by their places, and how long a value is that is: most are those of the request before. */
const [MOST_PLACES, LONGEST] = [32, 128];

/** A name that may stand in a request, the value that it had last, and the line that they make, once that has come twice. */
interface Field {
  readonly name: string;
  readonly frames: boolean | undefined;
  value: string | undefined;
  line: string | undefined;
}

/** Writes the requests to one address. */
export class RequestWriter {
  /** What follows the path, where the connection is kept. */
  readonly #kept: string;
  readonly #closed: string;
  /** Of the request before: its fields stand in the same order. */
  readonly #before: Field[] = [];
  #method: string | undefined;

  /** @param host as it stands in the header */
  constructor(host: string) {
    this.#kept = ` HTTP/1.1\r\nhost: ${host}\r\nconnection: keep-alive\r\n`;
    this.#closed = ` HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n`;
  }

  /**
   * Writes a request. HEAD asks for the connection to be closed, as the body that some products send all the same could else be
   * taken for an answer.
   * @returns undefined where the body comes as it goes, or the headers say how the message is framed: such a request is not written here
   * @throws WireError where a part of it can't stand there
   */
  write({ method, path, headers, body }: Outgoing): Written | undefined {
    let plain = typeof body !== 'object' && method !== 'CONNECT' && (!body || WITH_BODY.has(method));
    if (method !== this.#method && !TOKEN.test(method)) throw invalid('method');
    this.#method = method;
    if (!path.startsWith('/') || NOT_IN_PATH.test(path)) throw invalid('path');
    const bodiless = method === 'HEAD';
    let head = `${method} ${path}${bodiless ? this.#closed : this.#kept}`;
    let place = 0;
    for (const name of Object.keys(headers)) {
      const value = headers[name];
      if (value === undefined) continue;
      const field = this.#fieldAt(place++, name);
      if (field.frames === false) throw invalid(`header ${name}`);
      plain &&= field.frames === undefined;
      head += value === field.value ? (field.line ??= flat(lineOf(name, value))) : newLine(name, value, field);
    }
    if (!plain || typeof body === 'object') return undefined;
    if (!body) {
      head += WITH_BODY.has(method) ? 'content-length: 0\r\n\r\n' : '\r\n';
      return { text: head, encoding: 'latin1', rest: undefined, bodiless };
    }
    const length = Buffer.byteLength(body);
    head += `content-length: ${length}\r\n\r\n`;
    if (length === body.length) return { text: head + body, encoding: 'latin1', rest: undefined, bodiless };
    if (ASCII.test(head)) return { text: head + body, encoding: 'utf8', rest: undefined, bodiless };
    return { text: head, encoding: 'latin1', rest: body, bodiless };
  }

  /** @throws WireError where it is no name */
  #fieldAt(place: number, name: string): Field {
    const before = this.#before[place];
    if (before?.name === name) return before;
    const field = fieldOf(name);
    if (place < MOST_PLACES) this.#before[place] = field;
    return field;
  }
}

/** @throws WireError where it is no name */
function fieldOf(name: string): Field {
  if (!TOKEN.test(name)) throw invalid('name of a header');
  return { name, frames: FRAMES.get(name.toLowerCase()), value: undefined, line: undefined };
}

/** @throws WireError where the value can't stand there */
function newLine(name: string, value: string, field: Field): string {
  if (NOT_IN_VALUE.test(value)) throw invalid(`header ${name}`);
  [field.value, field.line] = [value.length <= LONGEST ? value : undefined, undefined];
  return lineOf(name, value);
}

const lineOf = (name: string, value: string): string => `${name}: ${value}\r\n`;

/** The same text in one piece: one that is put together is taken apart again each time that it is written. */
const flat = (text: string): string => Buffer.from(text, 'latin1').toString('latin1');

const invalid = (what: string): WireError => new WireError('ERR_WIRE_REQUEST', `a ${what} that can't stand in a request`);
