import type { PartStates } from '#contracts/kernel/index.js';
import type { Output } from '../composition/output.js';

/** What is joined, and what became of its parts. */
export interface Joined extends Output {
  readonly complete: boolean;
  readonly parts: PartStates;
}

/** An envelope as JSON. What a product said in these very bytes is not written anew. */
export function written({ data, whole, complete, parts }: Joined): Buffer {
  if (whole.size === 0) return Buffer.from(JSON.stringify({ data, complete, parts }));
  const pieces: (string | Buffer)[] = [];
  let text = '{"data":{';
  let comma = '';
  for (const [name, value] of Object.entries(data ?? {})) {
    text += comma + nameOf(name);
    comma = ',';
    const bytes = whole.get(name);
    if (!bytes) text += JSON.stringify(value);
    else {
      pieces.push(text, bytes);
      text = '';
    }
  }
  pieces.push(`${text}},"complete":${complete},"parts":${statesOf(parts)}}`);
  return joined(pieces);
}

/** Names of fields and parts as JSON writes them: those of contracts, so there are only so many. */
const names = new Map<string, string>();

function nameOf(name: string): string {
  let text = names.get(name);
  if (text === undefined) names.set(name, (text = `${JSON.stringify(name)}:`));
  return text;
}

function statesOf(parts: PartStates): string {
  let text = '{';
  for (const [name, part] of Object.entries(parts)) {
    if (text.length > 1) text += ',';
    text += nameOf(name) + (part.state === 'ok' ? '{"state":"ok"}' : JSON.stringify(part));
  }
  return `${text}}`;
}

function joined(pieces: readonly (string | Buffer)[]): Buffer {
  let length = 0;
  for (const piece of pieces) length += Buffer.byteLength(piece);
  const bytes = Buffer.allocUnsafe(length);
  let at = 0;
  for (const piece of pieces) at += typeof piece === 'string' ? bytes.write(piece, at) : piece.copy(bytes, at);
  return bytes;
}
