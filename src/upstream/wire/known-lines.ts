import { CR, LF } from './octets.js';
import type { FieldLine } from './response-head.js';

/** How many lines of a head are known at most, and how long they are. */
const [MOST, LONGEST] = [32, 256];

/** How often in a row another line stands in its place before a known one gives way: a date changes, a length never stays. */
const PATIENCE = 8;

interface Known extends FieldLine {
  /** With its line end. */
  readonly bytes: Uint8Array;
  misses: number;
}

/**
 * Header lines as answers of one product had them lately, by their places: nearly all come again in the next one, byte for byte, and
 * to see that costs less than to read them.
 */
export class KnownLines {
  readonly #lines: Known[] = [];

  /** The line that is known at a place, where these bytes begin with it. */
  at(place: number, bytes: Uint8Array, from: number, to: number): Known | undefined {
    const known = this.#lines[place];
    if (!known) return undefined;
    const { bytes: own } = known;
    const { length } = own;
    let same = 0;
    if (from + length <= to) while (same < length && own[same] === bytes[from + same]) same++;
    if (same < length) {
      known.misses++;
      return undefined;
    }
    known.misses = 0;
    return known;
  }

  /** Another line came at a place, its line end left out. */
  note(place: number, line: FieldLine, bytes: Uint8Array, from: number, to: number): void {
    const known = this.#lines[place];
    const mayStay = place <= this.#lines.length && place < MOST && to - from <= LONGEST;
    if (mayStay && (!known || known.misses >= PATIENCE))
      this.#lines[place] = { ...line, bytes: Uint8Array.of(...bytes.subarray(from, to), CR, LF), misses: 0 };
  }
}
