/** Into how many pieces a window is cut: what grows old leaves it a piece at a time. */
const PIECES = 10;

interface Piece {
  readonly from: number;
  calls: number;
  failures: number;
}

/**
 * How many calls were made lately, and how many of them failed: a sliding window of ten pieces. Its length may change
 * from one moment to the next; what was counted stays, as far as it is not too old for the length in force.
 */
export class Window {
  #pieces: Piece[] = [];
  #calls = 0;
  #failures = 0;
  #lengthMs = 0;

  get calls(): number {
    return this.#calls;
  }

  get failures(): number {
    return this.#failures;
  }

  /** Counts one call in a window that from now on is so long. */
  add(failed: boolean, now: number, lengthMs: number): void {
    this.#lengthMs = lengthMs;
    this.forget(now);
    let piece = this.#pieces.at(-1);
    if (!piece || now - piece.from >= lengthMs / PIECES) this.#pieces.push((piece = { from: now, calls: 0, failures: 0 }));
    piece.calls++;
    this.#calls++;
    if (!failed) return;
    piece.failures++;
    this.#failures++;
  }

  /** Forgets what is older than the window. */
  forget(now: number): void {
    for (let oldest = this.#pieces[0]; oldest && oldest.from <= now - this.#lengthMs; oldest = this.#pieces[0]) {
      this.#pieces.shift();
      this.#calls -= oldest.calls;
      this.#failures -= oldest.failures;
    }
  }

  /** Forgets everything. */
  clear(): void {
    this.#pieces = [];
    this.#calls = 0;
    this.#failures = 0;
  }
}
