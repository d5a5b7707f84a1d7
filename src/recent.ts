/**
 * Remembers what came lately: at least the last `least` keys, and never more than twice as many. It forgets half of them at a time,
 * which costs nothing; a list in the order of use costs several writes at each look.
 */
export class Recent<V> {
  #latest = new Map<string, V>();
  #before = new Map<string, V>();

  constructor(readonly least: number) {}

  get(key: string): V | undefined {
    if (this.#latest.size === 0) return undefined; // no text need be looked at
    return this.#latest.get(key) ?? this.#before.get(key);
  }

  set(key: string, value: V): void {
    if (this.#latest.size >= this.least) {
      this.#before = this.#latest;
      this.#latest = new Map();
    }
    this.#latest.set(key, value);
  }
}
