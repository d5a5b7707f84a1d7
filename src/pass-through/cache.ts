import { LRUCache } from 'lru-cache';
import { type Failure, failures } from '#contracts/kernel/index.js';
import type { Caches } from '../cache/caches.js';
import { validatorsOf } from '../cache/terms.js';
import type { Clock } from '../clock.js';
import type { Scope } from '../upstream/call.js';
import type { Cancellation } from '../upstream/cancellation.js';
import { type Handling, withStatus } from '../cache/cache-status.js';
import { holds, isConditional, unconditional } from './conditions.js';
import { type Place, changedBy } from './changed.js';
import type { Passed } from './exchange.js';
import { Flights } from './flights.js';
import { returned } from './headers.js';
import { answerFrom, notModified } from './kept-answer.js';
import type { Asked } from './product.js';
import type { Shelf } from './shelf.js';
import { type Leeway, type Standing, type Stored, type WhyNot, isSame, standingOf, storedOf, updatedBy, whyNot } from './stored.js';

type Fields = Readonly<Record<string, string>>;

/** A request to a pass-through product, on its way through the cache. */
export interface Question {
  readonly method: string;
  readonly path: string;
  /** What of its headers goes to the product. */
  readonly headers: Fields;
  /** The same, as answers are chosen by them. */
  readonly presented: Fields;
  /** Whether it said who asks: nothing of that goes to the product, and its answer is still not taken for everybody's. */
  readonly authorized: boolean;
  readonly leeway: Leeway;
  readonly scope: Scope;
  readonly cancellation: Cancellation;
  /** Asks the product, with these headers. */
  readonly ask: (headers: Fields, scope: Scope, cancellation: Cancellation) => Promise<Asked>;
}

/** What a caller is given, or why there is nothing to give. */
export type Given = { readonly ok: true; readonly answer: Passed } | { readonly ok: false; readonly failure: Failure };

/** What the cache stands on. */
export interface HttpCacheTerms {
  readonly clock: Clock;
  readonly places: () => readonly Place[];
  readonly shelf: Shelf;
  readonly caches: Pick<Caches, 'detached' | 'doubts' | 'terms'>;
}

/** Statuses that say that the product has trouble of its own (RFC 5861, 4). */
const TROUBLE: ReadonlySet<number> = new Set([500, 502, 503, 504]);

/** How long requests fly alone whose answers proved to be of no use to others, in milliseconds, and how many such are remembered. */
const ALONE_MS = 10_000;
const MOST_ALONE = 10_000;

/**
 * A shared HTTP cache (RFC 9111, 9213) before one product. It keeps what the product lets it keep, for as long as the product
 * says; nothing of a caller's `Cache-Control` makes it ask the product more often, and `no-store` alone is heeded.
 */
export class HttpCache {
  readonly #flights = new Flights();
  readonly #refreshing = new Set<string>();
  readonly #alone = new LRUCache<string, number>({ max: MOST_ALONE });

  constructor(readonly terms: HttpCacheTerms) {}

  /** Answers a request: from what is kept, or by the product. */
  async answer(question: Question): Promise<Given> {
    const { method } = question;
    if (method === 'GET') return this.#get(question);
    if (method === 'HEAD') return this.#head(question);
    const asked = await question.ask(question.headers, question.scope, question.cancellation);
    if (asked.ok) {
      const changed = changedBy(question, asked.answer, this.terms.places());
      if (changed.length > 0) await this.terms.shelf.invalidate(changed);
    }
    return given(asked, { fwd: 'method' });
  }

  async #get(question: Question): Promise<Given> {
    const key = this.terms.shelf.keyOf(question.path);
    const { headers } = question;
    if (headers['if-match'] !== undefined || headers['if-unmodified-since'] !== undefined)
      return given(await question.ask(headers, question.scope, question.cancellation), { fwd: 'bypass' });
    const found = this.terms.shelf.find(key, question.presented);
    const kept = found === 'others' ? undefined : found;
    const served = kept && this.#serve(question, key, kept);
    if (served) return served;
    const why = kept ? 'stale' : found === 'others' ? 'vary-miss' : 'uri-miss';
    return this.#mayShare(question, key, kept) ? this.#together(question, key, kept, why) : this.#fetch(question, key, kept, why);
  }

  /** What is kept, where it may be served as it is; what is stale is refreshed by the way. */
  #serve(question: Question, key: string, kept: Stored): Given | undefined {
    const standing = this.#standing(question, kept);
    if (standing.state !== 'fresh' && standing.state !== 'stale') return undefined;
    if (standing.state === 'stale') this.#refresh(question, key, kept);
    return { ok: true, answer: this.#given(question, kept, standing, { hit: true, ttlMs: standing.ttlMs, key }) };
  }

  /** Answered from what a GET is kept of, while that is fresh; what the product says to it tells whether that still holds (RFC 9111, 4.3.5). */
  async #head(question: Question): Promise<Given> {
    const { shelf, clock } = this.terms;
    const { path, headers, presented } = question;
    const key = shelf.keyOf(path);
    const found = shelf.find(key, presented);
    const kept = found === 'others' ? undefined : found;
    const served = kept && this.#serve(question, key, kept);
    if (served) return served;
    const [generation, began] = [shelf.store.generation, clock.now()];
    const asked = await question.ask(headers, question.scope, question.cancellation);
    if (kept && asked.ok && asked.answer.status === 200) {
      const said = asked.answer.headers;
      if (isSame(kept, said)) this.#keep(question, key, updatedBy(kept, said, presented, began, clock), generation, began);
      else shelf.drop(key, path, presented);
    }
    return given(asked, { fwd: kept ? 'stale' : 'uri-miss' });
  }

  /** Whether the answer may be of use to others who ask the same meanwhile. */
  #mayShare({ headers, authorized }: Question, key: string, kept: Stored | undefined): boolean {
    if (authorized || headers['range'] !== undefined || refusesStore(headers)) return false;
    if (isConditional(headers) && !(kept && validatorsOf(kept.headers))) return false;
    const until = this.#alone.get(key);
    return until === undefined || until <= this.terms.clock.now();
  }

  /** One asks the product, the others wait for what it says. */
  async #together(question: Question, key: string, kept: Stored | undefined, why: Miss): Promise<Given> {
    const flight = this.#flights.get(key);
    if (!flight)
      return this.#flights.lead(key, question.cancellation, (cancellation) => this.#fetch({ ...question, cancellation }, key, kept, why));
    await flight.wait(question.cancellation);
    const found = this.terms.shelf.find(key, question.presented);
    if (found === undefined || found === 'others') return this.#fetch(question, key, undefined, why);
    const standing = this.#standing(question, found);
    if (standing.state !== 'fresh') return this.#fetch(question, key, found, why);
    return { ok: true, answer: this.#given(question, found, standing, { collapsed: true, ttlMs: standing.ttlMs, key }) };
  }

  /** Asks the product, about what is kept where that can be validated, and keeps what it says. */
  async #fetch(question: Question, key: string, kept: Stored | undefined, why: Miss): Promise<Given> {
    const { shelf, clock } = this.terms;
    const { headers, path, presented } = question;
    const [generation, began] = [shelf.store.generation, clock.now()];
    const validators = kept && headers['range'] === undefined ? validatorsOf(kept.headers) : undefined;
    const asked = await question.ask(
      validators ? { ...unconditional(headers), ...validators } : headers,
      question.scope,
      question.cancellation,
    );
    const trouble = troubleOf(asked);
    if (kept && trouble !== undefined) {
      const inPlace = this.#inPlace(question, key, kept, trouble);
      if (inPlace) return inPlace;
    }
    if (!asked.ok) return asked;
    const { answer } = asked;
    if (kept && validators && answer.status === 304) return this.#holds(question, key, kept, answer, generation, began);
    if (!Buffer.isBuffer(answer.body)) return given(asked, { fwd: why, detail: 'size' satisfies WhyNot });
    if (answer.status === 304 || answer.status === 206) return given(asked, { fwd: headers['range'] === undefined ? why : 'partial' });
    const stored = storedOf({ status: answer.status, headers: answer.headers, body: answer.body, presented, began }, clock);
    const refused = this.#keep(question, key, stored, generation, began);
    // What is newer is not kept: then neither is what it makes old.
    if (refused !== undefined && refused !== 'purged' && trouble === undefined) shelf.drop(key, path, presented);
    const standing = this.#standing(question, stored);
    if (refused !== undefined || standing.state !== 'fresh') this.#alone.set(key, clock.now() + ALONE_MS);
    const handling: Handling =
      refused === undefined ? { fwd: why, stored: true, ttlMs: standing.ttlMs, key } : { fwd: why, detail: refused };
    const whole = { status: stored.status, headers: withStatus(stored.headers, handling), body: stored.body };
    const known = validators && stored.status === 200 && isConditional(headers) && holds(headers, stored.headers, clock.date());
    return { ok: true, answer: known ? notModified(whole) : whole };
  }

  /** The product says that what is kept still holds. */
  #holds(question: Question, key: string, kept: Stored, { headers }: Passed, generation: number, began: number): Given {
    const fresh = updatedBy(kept, headers, question.presented, began, this.terms.clock);
    const refused = this.#keep(question, key, fresh, generation, began);
    if (refused !== undefined && refused !== 'purged') this.terms.shelf.drop(key, question.path, question.presented);
    const standing = this.#standing(question, fresh);
    const handling: Handling = { fwd: 'stale', fwdStatus: 304, stored: refused === undefined, ttlMs: standing.ttlMs, key };
    return { ok: true, answer: this.#given(question, fresh, standing, handling) };
  }

  /** What is kept, where it may stand in for trouble. */
  #inPlace(question: Question, key: string, kept: Stored, detail: string): Given | undefined {
    const standing = this.#standing(question, kept);
    if (standing.state === 'gone' || kept.status >= 500) return undefined;
    return { ok: true, answer: this.#given(question, kept, standing, { hit: true, ttlMs: Math.min(0, standing.ttlMs), key, detail }) };
  }

  /** Refreshes what is stale in the background, once at a time: nobody waits for it, and nobody who leaves stops it. */
  #refresh(question: Question, key: string, kept: Stored): void {
    if (this.#refreshing.has(key)) return;
    this.#refreshing.add(key);
    const scope = this.terms.caches.detached(question.scope);
    const headers = unranged(unconditional(question.headers));
    this.#fetch({ ...question, headers, scope, cancellation: scope.cancellation }, key, kept, 'stale')
      .then((refreshed) => void (refreshed.ok && !Buffer.isBuffer(refreshed.answer.body) && refreshed.answer.body.destroy()))
      .catch((bug: unknown) => this.terms.caches.terms.observer.bug(bug))
      .finally(() => this.#refreshing.delete(key));
  }

  #standing({ leeway }: Question, stored: Stored): Standing {
    const standing = standingOf(stored, leeway, this.terms.clock.now());
    const doubted = (standing.state === 'fresh' || standing.state === 'stale') && this.terms.caches.doubts(stored.at);
    return doubted ? { ...standing, state: 'spare' } : standing;
  }

  /** @returns why it is not kept, where it is not */
  #keep(
    { headers, path, presented, authorized }: Question,
    key: string,
    stored: Stored,
    generation: number,
    began: number,
  ): WhyNot | undefined {
    if (refusesStore(headers)) return 'asked';
    return whyNot(stored, authorized) ?? this.terms.shelf.keep(key, path, stored, presented, generation, began);
  }

  #given({ method, headers }: Question, stored: Stored, { ageMs }: Standing, handling: Handling): Passed {
    return answerFrom(stored, { method, headers, now: this.terms.clock.date() }, ageMs, handling);
  }
}

/** Why the product is asked. */
type Miss = 'uri-miss' | 'vary-miss' | 'stale';

/** What the product said, as it goes to the caller. */
function given(asked: Asked, handling: Handling): Given {
  if (!asked.ok) return asked;
  const { status, headers, body } = asked.answer;
  return { ok: true, answer: { status, headers: withStatus(returned(headers), handling), body } };
}

/** What keeps the product from giving a good answer: a kind of failure or a status; undefined where nothing does, or nothing kept may hide it. */
function troubleOf(asked: Asked): string | undefined {
  if (!asked.ok) return failures[asked.failure.kind].staleMayServe ? asked.failure.kind : undefined;
  return TROUBLE.has(asked.answer.status) ? String(asked.answer.status) : undefined;
}

const unranged = ({ range: _, 'if-range': __, ...rest }: Fields): Fields => rest;

/** Whether the caller wants its answer not to be kept. */
const refusesStore = (headers: Fields): boolean => /(?:^|[\s,])no-store(?:$|[\s,;=])/i.test(headers['cache-control'] ?? '');
