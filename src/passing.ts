/** After how many values a map is left behind. */
const MOST = 1000;

/**
 * A map for what comes and soon goes again. In a map that much comes to and goes from, V8 copies what is there again and again, and
 * each copy that has grown old keeps the next one alive, with all that was ever in it, until the whole heap is looked at. So this one
 * begins another map every thousand values, and leaves the one before behind once that is empty.
 */
export class Passing<V> {
  #latest = new Map<string, V>();
  #before = new Map<string, V>();
  #added = 0;

  /** How many are there. */
  get size(): number {
    return this.#latest.size + this.#before.size;
  }

  get(key: string): V | undefined {
    const latest = this.#latest.get(key);
    return latest !== undefined || this.#before.size === 0 ? latest : this.#before.get(key);
  }

  /** Puts a value in the place of what the key had. */
  set(key: string, value: V): void {
    if (++this.#added > MOST && this.#before.size === 0) {
      this.#before = this.#latest;
      this.#latest = new Map();
      this.#added = 1;
    }
    if (this.#before.size > 0) this.#before.delete(key);
    this.#latest.set(key, value);
  }

  delete(key: string): void {
    if (!this.#latest.delete(key)) this.#before.delete(key);
  }
}
