import type { Caches } from '../cache/caches.js';
import { labelOf } from '../cache/labels.js';
import type { Partition, Store } from '../cache/store.js';
import { selects } from '../cache/vary.js';
import type { Headers } from '../upstream/answer.js';
import type { Endpoint } from '../upstream/endpoint.js';
import { digest } from '../upstream/key.js';
import type { Stored } from './stored.js';

/** How many answers are kept for one address: the oldest goes first. */
const MOST_VARIANTS = 32;

/** What is kept for one address, the newest first. */
type Variants = readonly Stored[];

/** What is kept of one pass-through product, in the gateway's one store: purged by product, operation or key like all else. */
export class Shelf {
  readonly #partition: Partition<Variants>;
  readonly #product: string;
  readonly #labels: readonly string[];

  constructor(
    endpoint: Endpoint,
    readonly store: Store,
    readonly caches: Pick<Caches, 'purge' | 'doubts'>,
  ) {
    const { product } = endpoint.operation;
    this.#product = product;
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

  /** The key of what is kept for an address. */
  keyOf(path: string): string {
    return digest(['pass-through', this.#product, path]);
  }

  /** The newest answer that was chosen by what this request says too (RFC 9111, 4.1); `others` where there are only such that were not. */
  find(key: string, presented: Headers): Stored | 'others' | undefined {
    const variants = this.#partition.get(key);
    return variants && (variants.find((one) => answers(one, presented)) ?? 'others');
  }

  /**
   * Keeps an answer in the place of those that the same request was given before.
   * @param generation the store's, from before the answer was asked for
   * @returns why it is not kept, where it is not
   */
  keep(key: string, path: string, stored: Stored, presented: Headers, generation: number, began: number): 'purged' | 'size' | undefined {
    const labels = new Set([...this.#labels, this.#addressLabel(path)]);
    if (this.caches.doubts(began) || this.store.purgedSince(generation, key, labels)) return 'purged';
    const variants = [stored, ...this.#others(key, presented)].slice(0, MOST_VARIANTS);
    return this.#partition.set(key, variants, sizeOf(variants), labels) ? undefined : 'size';
  }

  /** Lets go of what such a request was given before. */
  drop(key: string, path: string, presented: Headers): void {
    const rest = this.#others(key, presented);
    if (rest.length === 0) this.#partition.delete(key);
    else this.#partition.set(key, rest, sizeOf(rest), [...this.#labels, this.#addressLabel(path)]);
  }

  /** Lets go of all that addresses say, whatever their query, in the other instances too (RFC 9111, 4.4). */
  async invalidate(paths: Iterable<string>): Promise<void> {
    await this.caches.purge([...new Set([...paths].map((path) => this.#addressLabel(path)))]);
  }

  #others(key: string, presented: Headers): Variants {
    return (this.#partition.get(key) ?? []).filter((one) => !answers(one, presented));
  }

  #addressLabel(path: string): string {
    const query = path.indexOf('?');
    return `uri:${this.#product}${query === -1 ? path : path.slice(0, query)}`;
  }
}

const answers = ({ terms, presented }: Stored, request: Headers): boolean => selects(terms.vary, presented, request);

/** What a header takes besides its text. */
const HEADER_BYTES = 64;

/** Roughly what answers take in memory. */
const sizeOf = (variants: Variants): number =>
  variants.reduce((sum, { body, headers, presented }) => sum + body.length + bytesOf(headers) + bytesOf(presented), 0);

const bytesOf = (headers: Headers): number =>
  Object.entries(headers).reduce((sum, [name, value]) => sum + name.length + String(value ?? '').length + HEADER_BYTES, 0);
