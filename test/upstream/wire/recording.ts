import type { Headers } from '../../../src/upstream/answer.js';
import { KnownLines } from '../../../src/upstream/wire/known-lines.js';
import { ResponseParser } from '../../../src/upstream/wire/response-parser.js';

/** What a parser made of some bytes. */
export interface Told {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
  /** `whole`; `surplus` where more came after it; `partial` where more is to come; else the code of what is wrong. */
  readonly end: string;
  readonly keeps: boolean;
}

/** One for all responses that are read: what came before never changes how one is read. */
const lines = new KnownLines();

/** Has a parser read these pieces, one after the other, each from a buffer that is overwritten at once, as a connection's is. */
export function toldOf(pieces: readonly Buffer[], { closed = true, bodiless = false, known = lines } = {}): Told {
  let [status, headers, body, ended]: [number, Headers, string, boolean] = [0, {}, '', false];
  const reader = {
    begun: (): void => undefined,
    headed: (come: number, all: Headers): unknown => ([status, headers] = [come, all]),
    took: (chunk: Buffer): unknown => (body += chunk.toString('latin1')),
    ended: (): unknown => (ended = true),
  };
  const parser = new ResponseParser(reader, known);
  const told = (end: string): Told => ({ status, headers, body, end, keeps: parser.keeps });
  parser.begin(bodiless);
  try {
    for (const [nth, piece] of pieces.entries()) {
      const landing = Buffer.from(piece);
      const read = parser.read(landing, landing.length);
      landing.fill(0x78);
      if (ended && (read < piece.length || pieces.slice(nth + 1).some(({ length }) => length > 0))) return told('surplus');
    }
    if (!ended && closed) parser.end();
  } catch (error) {
    return told(error instanceof Error && 'code' in error ? String(error.code) : 'a bug');
  }
  return told(ended ? 'whole' : 'partial');
}
