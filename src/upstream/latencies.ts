/** How many answers are looked back on. */
const LATELY = 200;

/** How long answers took lately: the last 200 of them, in milliseconds. */
export class Latencies {
  /** In the order of their coming. */
  readonly #latest: number[] = [];
  /** The same, by size. */
  readonly #sorted: number[] = [];

  /** An answer took so long. */
  add(ms: number): void {
    if (this.#latest.length === LATELY) {
      const [oldest = 0] = this.#latest.splice(0, 1);
      this.#sorted.splice(this.#placeOf(oldest), 1);
    }
    this.#latest.push(ms);
    this.#sorted.splice(this.#placeOf(ms), 0, ms);
  }

  /** What nineteen of twenty took at most (nearest rank); 0 before the first. */
  get p95(): number {
    return this.#sorted[Math.ceil(this.#sorted.length * 0.95) - 1] ?? 0;
  }

  /** Where the first stands that is no smaller. */
  #placeOf(ms: number): number {
    let from = 0;
    let to = this.#sorted.length;
    while (from < to) {
      const middle = (from + to) >> 1;
      if ((this.#sorted[middle] ?? 0) < ms) from = middle + 1;
      else to = middle;
    }
    return from;
  }
}
