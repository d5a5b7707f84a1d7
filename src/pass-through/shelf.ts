import type { Caches } from '../cache/caches.js';
import { labelOf } from '../cache/labels.js';
import type { Partition, Store } from '../cache/store.js';
import { selects } from '../cache/vary.js';
import { lately } from '../lately.js';
import type { Headers } from '../upstream/answer.js';
import type { Endpoint } from '../upstream/endpoint.js';
import { digestOf, tuple } from '../upstream/key.js';
import { FORMAT, decode, encode } from './envelope.js';
import { type Leeway, type Stored, longestUseMs } from './stored.js';

/** How many answers are kept for one address: the oldest goes first. */
const MOST_VARIANTS = 32;

/** What is kept for one address, the newest first. */
type Variants = readonly Stored[];

/** What was found for an address besides memory. */
export interface Looked {
  readonly variants: Variants;
  /** What the tier wants to know of what is then stored in it. */
  readonly stamp: string | undefined;
}

/** Nothing was found, and what is fetched goes to memory alone. */
export const unlooked: Looked = { variants: [], stamp: undefined };

/** What was asked for, and what was known when that began. */
export interface Begun {
  readonly key: string;
  readonly path: string;
  /** What the request said in its headers. */
  readonly presented: Headers;
  readonly leeway: Leeway;
  /** The store's generation, from before it was asked for. */
  readonly generation: number;
  readonly began: number;
  readonly looked: Looked;
}

/**
 * What is kept of one pass-through product, in the gateway's one store, and in the tier where there is one: purged by product,
 * operation, address or key like all else.
 */
export class Shelf {
  readonly #partition: Partition<Variants>;
  readonly #product: string;
  readonly #labels: readonly string[];
  /** What keys begin with. */
  readonly #begin: string;

  constructor(
    endpoint: Endpoint,
    readonly store: Store,
    readonly caches: Pick<Caches, 'purge' | 'doubts' | 'read' | 'terms'>,
  ) {
    const { product } = endpoint.operation;
    this.#product = product;
    this.#begin = tuple(['pass-through', String(FORMAT), product]);
    this.#partition = store.partition(`pass-through:${product}`);
    this.#labels = [labelOf({ product }), labelOf({ operation: endpoint.id })];
  }

  /** Of how many addresses something is kept. */
  get entries(): number {
    return this.#partition.entries;
  }

  get bytes(): number {
    return this.#partition.bytes;
  }

  /**
   * What is asked for, by those who came the same way: that goes out too, so what a caller wrote there reaches nobody else, and
   * a request that went round in a circle never waits for itself.
   */
  askedOf(path: string, passage: Headers): string {
    return tuple([path]) + wayOf(passage);
  }

  /** The key of what is kept of what was asked for. */
  keyOf(asked: string): string {
    return digestOf(this.#begin + asked);
  }

  /** The newest answer that was chosen by what this request says too (RFC 9111, 4.1); `others` where there are only such that were not. */
  find(key: string, presented: Headers, { variants }: Looked): Stored | 'others' | undefined {
    const held = this.#held(key, variants);
    return held.find((one) => answers(one, presented)) ?? (held.length > 0 ? 'others' : undefined);
  }

  /** Whether there is more than memory to look at. */
  get hasTier(): boolean {
    return this.caches.terms.tier !== undefined;
  }

  /** Takes into memory what the tier has for an address: another instance may have what this one has not. */
  async look(key: string, path: string): Promise<Looked> {
    const { generation } = this.store;
    const { bytes, stamp } = await this.caches.read(key);
    if (!bytes) return { variants: [], stamp };
    const { clock, observer } = this.caches.terms;
    const found = decode(key, bytes, clock);
    if (!found) observer.undecodable(this.#product);
    if (!found || this.store.purgedSince(generation, key, this.#labelsOf(path))) return { variants: [], stamp };
    const variants = newest([...found, ...this.#held(key)]);
    this.#partition.set(key, variants, sizeOf(variants), this.#labelsOf(path));
    return { variants, stamp };
  }

  /**
   * Keeps an answer in the place of those that the same request was given before.
   * @returns why it is not kept, where it is not
   */
  keep(stored: Stored, { key, path, presented, leeway, generation, began, looked }: Begun): 'purged' | 'size' | undefined {
    const labels = this.#labelsOf(path);
    if (this.caches.doubts(began) || this.store.purgedSince(generation, key, labels)) return 'purged';
    const held = this.#held(key, looked.variants);
    const variants = [stored, ...held.filter((one) => !answers(one, presented))].slice(0, MOST_VARIANTS);
    if (!this.#partition.set(key, variants, sizeOf(variants), labels)) return 'size';
    const { tier } = this.caches.terms;
    const bytes = tier && encode(key, variants);
    const forMs = Math.max(...variants.map((one) => longestUseMs(one, leeway)));
    if (bytes) void tier.set(key, bytes, forMs, labels, looked.stamp);
    else if (held.length > 0) void tier?.del(key); // what is too large there must not be outlived by what it takes the place of
    return undefined;
  }

  /** Lets go of what such a request was given before, in the tier of all that it has for the address. */
  drop({ key, path, presented, looked }: Begun): void {
    const held = this.#held(key, looked.variants);
    const rest = held.filter((one) => !answers(one, presented));
    if (rest.length === held.length) return;
    if (rest.length === 0) this.#partition.delete(key);
    else this.#partition.set(key, rest, sizeOf(rest), this.#labelsOf(path));
    void this.caches.terms.tier?.del(key);
  }

  /** Lets go of all that addresses say, whatever their query, in the other instances too (RFC 9111, 4.4). */
  async invalidate(paths: Iterable<string>): Promise<void> {
    await this.caches.purge([...new Set([...paths].map((path) => this.#addressLabel(path)))]);
  }

  /** What memory has; what was found besides, where it had to let go of that. */
  #held(key: string, otherwise: Variants = []): Variants {
    return this.#partition.get(key) ?? otherwise;
  }

  #labelsOf(path: string): readonly string[] {
    return [...this.#labels, this.#addressLabel(path)];
  }

  #addressLabel(path: string): string {
    const query = path.indexOf('?');
    return `uri:${this.#product}${query === -1 ? path : path.slice(0, query)}`;
  }
}

const wayOf = lately((passage: Headers) => tuple(Object.entries(passage).flat().map(String)));

const answers = ({ terms, presented }: Stored, request: Headers): boolean => selects(terms.vary, presented, request);

/** The newest of those that the same request would be given; of equals the first, which nobody has purged. */
const newest = (all: Variants): Variants =>
  [...all]
    .sort((one, other) => other.date - one.date)
    .filter((one, i, sorted) => !sorted.slice(0, i).some((newer) => answers(newer, one.presented)))
    .slice(0, MOST_VARIANTS);

/** What a header takes besides its text. */
const HEADER_BYTES = 64;

/** Roughly what answers take in memory. */
const sizeOf = (variants: Variants): number =>
  variants.reduce((sum, { body, headers, presented }) => sum + body.length + bytesOf(headers) + bytesOf(presented), 0);

const bytesOf = (headers: Headers): number =>
  Object.entries(headers).reduce((sum, [name, value]) => sum + name.length + String(value ?? '').length + HEADER_BYTES, 0);
