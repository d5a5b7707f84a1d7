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

/**
 * Writes a request. HEAD asks for the connection to be closed, as the body that some products send all the same could else be
 * taken for an answer.
 * @param host as it stands in the header
 * @returns undefined where the body comes as it goes, or the headers say how the message is framed: such a request is not written here
 * @throws WireError where a part of it can't stand there
 */
export function written({ method, path, headers, body }: Outgoing, host: string): Written | undefined {
  let plain = typeof body !== 'object' && method !== 'CONNECT' && (!body || WITH_BODY.has(method));
  if (!TOKEN.test(method)) throw invalid('method');
  if (!path.startsWith('/') || NOT_IN_PATH.test(path)) throw invalid('path');
  const bodiless = method === 'HEAD';
  let head = `${method} ${path} HTTP/1.1\r\nhost: ${host}\r\nconnection: ${bodiless ? 'close' : 'keep-alive'}\r\n`;
  for (const name of Object.keys(headers)) {
    const value = headers[name];
    if (value === undefined) continue;
    const field = fieldOf(name);
    if (value !== field.value) {
      if (NOT_IN_VALUE.test(value)) throw invalid(`header ${name}`);
      if (value.length <= LONGEST) field.value = value;
    }
    if (field.frames === false) throw invalid(`header ${name}`);
    plain &&= field.frames === undefined;
    head += `${name}: ${value}\r\n`;
  }
  if (!plain || typeof body === 'object') return undefined;
  if (!body)
    return {
      text: WITH_BODY.has(method) ? `${head}content-length: 0\r\n\r\n` : `${head}\r\n`,
      encoding: 'latin1',
      rest: undefined,
      bodiless,
    };
  const length = Buffer.byteLength(body);
  head += `content-length: ${length}\r\n\r\n`;
  if (length === body.length) return { text: head + body, encoding: 'latin1', rest: undefined, bodiless };
  if (ASCII.test(head)) return { text: head + body, encoding: 'utf8', rest: undefined, bodiless };
  return { text: head, encoding: 'latin1', rest: body, bodiless };
}

/** How many names are remembered, and how long a value is that is: those of most requests are the same as of the one before. */
const [MOST, LONGEST] = [500, 64];

/** A name that may stand in a request, and the value that it had last. */
interface Field {
  readonly frames: boolean | undefined;
  value: string | undefined;
}

const known = new Map<string, Field>();

/** @throws WireError where it is no name */
function fieldOf(name: string): Field {
  let field = known.get(name);
  if (field) return field;
  if (!TOKEN.test(name)) throw invalid('name of a header');
  if (known.size === MOST) known.clear();
  known.set(name, (field = { frames: FRAMES.get(name.toLowerCase()), value: undefined }));
  return field;
}

const invalid = (what: string): WireError => new WireError('ERR_WIRE_REQUEST', `a ${what} that can't stand in a request`);
