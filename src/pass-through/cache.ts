import { validatorsOf } from '../cache/terms.js';
import { Recent } from '../recent.js';
import { type Eventual, after } from '../upstream/eventual.js';
import { Asking, type Given, type HttpCacheTerms, type Question, type Source, passed, refusesStore } from './asking.js';
import { changedBy } from './changed.js';
import { isConditional } from './conditions.js';
import { type Flight, Flights } from './flights.js';

/** How long requests fly alone whose answers proved to be of no use to others, in milliseconds, and how many such are remembered at least. */
const ALONE_MS = 10_000;
const LEAST_ALONE = 10_000;

/** What is kept, and how often reads were answered from where. */
export type CacheUse = Readonly<Record<'entries' | 'bytes' | Source, number>>;

/**
 * A shared HTTP cache (RFC 9111, 9213) before one product. It keeps what the product lets it keep, for as long as the product
 * says; nothing of a caller's `Cache-Control` makes it ask the product more often, and `no-store` alone is heeded.
 */
export class HttpCache {
  readonly #flights = new Flights();
  readonly #refreshing = new Set<string>();
  readonly #alone = new Recent<number>(LEAST_ALONE);
  readonly #counts: Record<Source, number> = { hit: 0, stale: 0, revalidated: 0, miss: 0 };

  constructor(readonly terms: HttpCacheTerms) {}

  /** Answers a request: from what is kept, or by the product. */
  answer(question: Question): Given | PromiseLike<Given> {
    const { method, headers, scope, cancellation } = question;
    if (method !== 'GET' && method !== 'HEAD') return this.#write(question);
    // What a caller wants done only to what it knows is for the product to decide.
    const bypasses = method === 'GET' && (headers['if-match'] ?? headers['if-unmodified-since']) !== undefined;
    const given = bypasses
      ? question.ask(headers, scope, cancellation).after((asked) => passed(asked, { fwd: 'bypass' }))
      : this.#read(question);
    return after(given, (one) => {
      this.#counts[one.ok ? one.source : 'miss']++;
      return one;
    });
  }

  /** What is kept and how it is used; undefined where nobody has read anything yet. */
  use(): CacheUse | undefined {
    if (Object.values(this.#counts).every((count) => count === 0)) return undefined;
    const { entries, bytes } = this.terms.shelf;
    return { entries, bytes, ...this.#counts };
  }

  async #write(question: Question): Promise<Given> {
    const asked = await question.ask(question.headers, question.scope, question.cancellation);
    if (asked.ok) {
      const changed = changedBy(question, asked.answer, this.terms.places());
      if (changed.length > 0) await this.terms.shelf.invalidate(changed);
    }
    return passed(asked, { fwd: 'method' });
  }

  #read(question: Question): Given | PromiseLike<Given> {
    const asking = new Asking(this.terms, question);
    const served = this.#serve(asking);
    if (served) return served;
    return this.terms.shelf.hasTier ? this.#look(asking) : this.#fetch(asking);
  }

  /** What the other instances keep, where it may be served as it is; else the product is asked. */
  async #look(asking: Asking): Promise<Given> {
    await asking.look();
    return this.#serve(asking) ?? this.#fetch(asking);
  }

  #fetch(asking: Asking): PromiseLike<Given> {
    if (asking.question.method === 'HEAD') return asking.askHead();
    return this.#mayShare(asking) ? this.#together(asking) : this.#ask(asking);
  }

  /** What is kept, where it may be served as it is; what is stale is refreshed by the way. */
  #serve(asking: Asking): Given | undefined {
    const { kept } = asking;
    const standing = asking.standing();
    if (!kept || (standing?.state !== 'fresh' && standing?.state !== 'stale')) return undefined;
    if (standing.state === 'stale') this.#refresh(asking);
    return asking.given(
      kept,
      standing,
      { hit: true, ttlMs: standing.ttlMs, key: asking.key },
      standing.state === 'fresh' ? 'hit' : 'stale',
    );
  }

  /** Whether the answer may be of use to others who ask the same meanwhile. */
  #mayShare(asking: Asking): boolean {
    const { kept, question } = asking;
    const { headers, authorized } = question;
    if (authorized || headers['range'] !== undefined || refusesStore(headers)) return false;
    if (isConditional(headers) && !(kept && validatorsOf(kept.headers))) return false;
    const until = this.#alone.get(nameOf(asking));
    return until === undefined || until <= this.terms.clock.now();
  }

  /** One asks the product, the others wait for what it says. */
  #together(asking: Asking): PromiseLike<Given> {
    const { asked, question } = asking;
    const flight = this.#flights.get(asked);
    if (flight) return this.#follow(asking, flight);
    return this.#flights.lead(asked, question.cancellation, (cancellation) => this.#ask(asking, cancellation));
  }

  async #follow(asking: Asking, flight: Flight): Promise<Given> {
    await flight.wait(asking.question.cancellation);
    asking.find();
    const { kept } = asking;
    const standing = asking.standing();
    if (!kept || standing?.state !== 'fresh') return this.#ask(asking);
    return asking.given(kept, standing, { collapsed: true, ttlMs: standing.ttlMs, key: asking.key }, 'hit');
  }

  #ask(asking: Asking, cancellation = asking.question.cancellation): Eventual<Given> {
    return asking.ask(cancellation).watch(() => {
      if (asking.forOneAlone) this.#alone.set(nameOf(asking), this.terms.clock.now() + ALONE_MS);
    });
  }

  /** Refreshes what is stale in the background, once at a time: nobody waits for it, and nobody who leaves stops it. */
  #refresh(asking: Asking): void {
    const { key } = asking;
    if (this.#refreshing.has(key)) return;
    this.#refreshing.add(key);
    this.#renew(asking.detached())
      .catch((bug: unknown) => this.terms.caches.terms.observer.bug(bug))
      .finally(() => this.#refreshing.delete(key));
  }

  /** Another instance may have refreshed it already. */
  async #renew(asking: Asking): Promise<void> {
    if (this.terms.shelf.hasTier) await asking.look();
    if (asking.standing()?.state === 'fresh') return;
    const refreshed = await this.#ask(asking);
    if (refreshed.ok && !Buffer.isBuffer(refreshed.answer.body)) refreshed.answer.body.destroy();
  }
}

/** How long a text may be that is remembered as it is. */
const LONGEST_NAME = 256;

const nameOf = (asking: Asking): string => (asking.asked.length <= LONGEST_NAME ? asking.asked : asking.key);
