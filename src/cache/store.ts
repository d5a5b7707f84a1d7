import { LRUCache } from 'lru-cache';
import { KEY, isBroad } from './labels.js';

/** How much a store may hold, all partitions together. */
export interface StoreBounds {
  readonly maxBytes: number;
  readonly maxEntries: number;
}

/** One value that is held. */
interface Held<V> {
  readonly key: string;
  /** Where it is held. */
  readonly by: Part;
  readonly value: V;
  readonly bytes: number;
  /** A few, each once. */
  labels: readonly string[];
}

/** What a partition asks of its store. */
interface Ledger {
  readonly maxValueBytes: number;
  readonly maxBytes: number;
  added(held: Held<unknown>): void;
  dropped(held: Held<unknown>): void;
  labelled(held: Held<unknown>, label: string): void;
}

/** What a store asks of its partitions. */
interface Part {
  readonly entries: number;
  readonly bytes: number;
  delete(key: string): boolean;
  /** All that has a label, looked for one by one. */
  labelled(label: string): readonly Held<unknown>[];
  evict(): void;
}

/** What every value takes besides its own bytes (key, labels, index, what an entry is wrapped in), measured on small entries. */
const OVERHEAD_BYTES = 1800;

/** The part of a store that one product has, or one other use. Values keep their order of use; the least used goes first. */
export class Partition<V> implements Part {
  readonly #lru: LRUCache<string, Held<V>>;
  readonly #ledger: Ledger;

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
    // It only keeps the order and the sizes, the store keeps the bounds. A `max` would set aside the room for all entries at once.
    this.#lru = new LRUCache({
      maxSize: 2 * ledger.maxBytes,
      sizeCalculation: ({ bytes }) => bytes,
      dispose: (held) => ledger.dropped(held),
    });
  }

  get entries(): number {
    return this.#lru.size;
  }

  get bytes(): number {
    return this.#lru.calculatedSize;
  }

  get(key: string): V | undefined {
    return this.#lru.get(key)?.value;
  }

  /** Keeps a value in the place of what the key had; each label is named once. @returns whether it is kept: one that is too large is not. */
  set(key: string, value: V, bytes: number, labels: readonly string[] = []): boolean {
    if (bytes > this.#ledger.maxValueBytes) {
      this.delete(key);
      return false;
    }
    const held = { key, by: this, value, bytes: bytes + OVERHEAD_BYTES, labels };
    this.#lru.set(key, held);
    this.#ledger.added(held);
    return true;
  }

  /** What is held already takes so many bytes by now. */
  reweigh(key: string, bytes: number): void {
    const held = this.#lru.peek(key);
    if (held) this.set(key, held.value, bytes, held.labels);
  }

  /** Labels what is held already. */
  label(key: string, label: string): void {
    const held = this.#lru.peek(key);
    if (held && !held.labels.includes(label)) {
      held.labels = [...held.labels, label]; // they are not only its own
      this.#ledger.labelled(held, label);
    }
  }

  /** @returns whether there was one */
  delete(key: string): boolean {
    return this.#lru.delete(key);
  }

  labelled(label: string): readonly Held<unknown>[] {
    return [...this.#lru.values()].filter(({ labels }) => labels.includes(label));
  }

  clear(): void {
    this.#lru.clear();
  }

  /** Lets the least used value go. */
  evict(): void {
    this.#lru.pop();
  }
}

/** How many purges are remembered: what began before the first of them is not stored, to be safe. */
const REMEMBERED_PURGES = 10_000;

/**
 * A store in memory, bounded in bytes and in entries, with a partition for each product: where there is no room, the partition
 * that holds most lets go, so that one that holds no more than an equal share never loses anything to another.
 */
export class Store {
  readonly #partitions = new Map<string, Part>();
  /** By labels that are not broad. Most are one value's own: then it stands here itself. */
  readonly #index = new Map<string, Held<unknown> | Set<Held<unknown>>>();
  readonly #purged: string[] = [];
  #bytes = 0;
  #entries = 0;
  #generation = 0;
  #evicted = 0;

  constructor(readonly bounds: StoreBounds) {}

  /** A partition of its own. @throws RangeError where the name is taken. */
  partition<V>(name: string): Partition<V> {
    if (this.#partitions.has(name)) throw new RangeError(`the store has a partition "${name}" already`);
    const partition: Partition<V> = new Partition<V>({
      maxBytes: this.bounds.maxBytes,
      maxValueBytes: this.bounds.maxBytes / 8,
      added: (held) => {
        this.#bytes += held.bytes;
        this.#entries++;
        for (const label of held.labels) this.#add(held, label);
        this.#makeRoom();
      },
      dropped: (held) => {
        this.#bytes -= held.bytes;
        this.#entries--;
        this.#forget(held);
      },
      labelled: (held, label) => this.#add(held, label),
    });
    this.#partitions.set(name, partition);
    return partition;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get entries(): number {
    return this.#entries;
  }

  /** How many values had to go to make room. */
  get evicted(): number {
    return this.#evicted;
  }

  /** How many labels lead to values; broad ones do not. */
  get labels(): number {
    return this.#index.size;
  }

  /** Goes up with each purge. */
  get generation(): number {
    return this.#generation;
  }

  /** Lets everything with this label go. @returns the keys of what that was */
  purge(label: string): readonly string[] {
    this.#generation++;
    this.#purged.push(label);
    if (this.#purged.length > REMEMBERED_PURGES) this.#purged.shift();
    const key = label.startsWith(KEY) ? label.slice(KEY.length) : undefined;
    const named = key === undefined ? [] : [...this.#partitions.values()].filter((partition) => partition.delete(key)).map(() => key);
    const held = isBroad(label) ? [...this.#partitions.values()].flatMap((partition) => partition.labelled(label)) : this.#indexed(label);
    for (const { by, key } of held) by.delete(key);
    return [...named, ...held.map((one) => one.key)];
  }

  /** Whether something was purged, since that generation, that would have taken a value of this key and these labels along. */
  purgedSince(generation: number, key: string, labels: readonly string[] | ReadonlySet<string>): boolean {
    const since = this.#generation - generation;
    if (since === 0) return false;
    if (since > this.#purged.length) return true;
    const has = (label: string): boolean => ('has' in labels ? labels.has(label) : labels.includes(label));
    return this.#purged.slice(-since).some((label) => label === KEY + key || has(label));
  }

  #makeRoom(): void {
    const { maxBytes, maxEntries } = this.bounds;
    while (this.#bytes > maxBytes) this.#evictMost(({ bytes }) => bytes);
    while (this.#entries > maxEntries) this.#evictMost(({ entries }) => entries);
  }

  #evictMost(measure: (partition: Part) => number): void {
    this.#evicted++;
    [...this.#partitions.values()].reduce((most, partition) => (measure(partition) > measure(most) ? partition : most)).evict();
  }

  #indexed(label: string): readonly Held<unknown>[] {
    const found = this.#index.get(label) ?? [];
    return 'key' in found ? [found] : [...found];
  }

  #add(held: Held<unknown>, label: string): void {
    if (isBroad(label)) return;
    const found = this.#index.get(label);
    if (!found) this.#index.set(label, held);
    else if ('key' in found) this.#index.set(label, new Set([found, held]));
    else found.add(held);
  }

  #forget(held: Held<unknown>): void {
    for (const label of held.labels) {
      if (isBroad(label)) continue;
      const found = this.#index.get(label);
      if (found === held) this.#index.delete(label);
      else if (found && 'size' in found && found.delete(held) && found.size === 0) this.#index.delete(label);
    }
  }
}
