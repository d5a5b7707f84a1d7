/** The least room that is made for what comes in several pieces. */
const LEAST = 4096;

/**
 * Bytes that come in pieces, put together as they come. It holds less than twice what they come to, or 4 KiB, however small they
 * are: a list of pieces would hold a hundred bytes for each, and with each the whole read of the socket that it was cut from.
 */
export class Pieces {
  #room: Buffer | undefined;
  #length = 0;

  /** How many bytes there are. */
  get length(): number {
    return this.#length;
  }

  /** Puts a piece to the end. */
  add(piece: Buffer): void {
    const length = this.#length + piece.length;
    // Mostly the first is the only one: it is not copied, and nothing is written behind it, since it has no room.
    if (!this.#room) this.#room = piece;
    else {
      if (length > this.#room.length) {
        const larger = Buffer.allocUnsafe(Math.max(length, 2 * this.#length, LEAST));
        this.#room.copy(larger, 0, 0, this.#length);
        this.#room = larger;
      }
      piece.copy(this.#room, this.#length);
    }
    this.#length = length;
  }

  /** Gives all of them as one that may be kept: it holds no more than itself. Begins anew. */
  takeOwn(): Buffer {
    const whole = this.#room;
    return whole && whole.length === this.#length ? this.take() : Buffer.from(this.take());
  }

  /** Gives all of them as one, and begins anew. What one piece brought alone is that piece, not a copy. */
  take(): Buffer {
    const whole = this.#room?.subarray(0, this.#length) ?? Buffer.alloc(0);
    this.#room = undefined;
    this.#length = 0;
    return whole;
  }
}
