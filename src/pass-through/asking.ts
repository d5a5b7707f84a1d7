import { type Failure, failures } from '#contracts/kernel/index.js';
import { type Handling, withStatus } from '../cache/cache-status.js';
import type { Caches } from '../cache/caches.js';
import { validatorsOf } from '../cache/terms.js';
import type { Clock } from '../clock.js';
import type { Scope } from '../upstream/call.js';
import type { Cancellation } from '../upstream/cancellation.js';
import type { Eventual } from '../upstream/eventual.js';
import type { Place } from './changed.js';
import { holds, isConditional, unconditional } from './conditions.js';
import type { Passed } from './exchange.js';
import { returned } from './headers.js';
import { answerFrom, notModified } from './kept-answer.js';
import type { Asked } from './product.js';
import { type Begun, type Shelf, unlooked } from './shelf.js';
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
  /** Whether it said who asks: its answer is then not taken for everybody's, whether the product was told or not. */
  readonly authorized: boolean;
  readonly leeway: Leeway;
  readonly scope: Scope;
  readonly cancellation: Cancellation;
  /** Asks the product, with these headers. */
  readonly ask: (headers: Fields, scope: Scope, cancellation: Cancellation) => Eventual<Asked>;
}

/** Where an answer is from: from what is kept, fresh or not, from what the product said still holds, or from the product. */
export type Source = 'hit' | 'stale' | 'revalidated' | 'miss';

/** What a caller is given, or why there is nothing to give. */
export type Given =
  | { readonly ok: true; readonly answer: Passed; readonly source: Source }
  | { readonly ok: false; readonly failure: Failure };

/** What the cache stands on. */
export interface HttpCacheTerms {
  readonly clock: Clock;
  readonly places: () => readonly Place[];
  readonly shelf: Shelf;
  readonly caches: Pick<Caches, 'detached' | 'doubts' | 'terms'>;
}

/** Statuses that say that the product has trouble of its own (RFC 5861, 4). */
const TROUBLE: ReadonlySet<number> = new Set([500, 502, 503, 504]);

/** Statuses that answer a part or a condition that was asked for, or headers that no key knows: no word for others who ask. */
const OF_THE_REQUEST: ReadonlySet<number> = new Set([206, 304, 412, 416, 417, 431]);

/** One reader's way to its answer: from what is kept, or from the product, and then into what is kept. */
export class Asking {
  /** What it asks for, and the way it came: who asks the same has the same. */
  readonly asked: string;
  #key: string | undefined;
  /** What is kept of it. */
  kept: Stored | undefined;
  /** Whether its answer proved to be of no use to others. */
  forOneAlone = false;
  #missing: 'uri-miss' | 'vary-miss' | 'stale' = 'uri-miss';
  #looked = unlooked;
  /** Before it asks: what is purged from here on is not kept. */
  #generation = 0;
  #began = 0;

  constructor(
    readonly terms: HttpCacheTerms,
    readonly question: Question,
  ) {
    this.asked = terms.shelf.askedOf(question.path, question.scope.passage);
    this.find();
  }

  /** The same, on behalf of nobody who waits: unconditional, and for the whole. */
  detached(): Asking {
    const { terms, question } = this;
    const scope = terms.caches.detached(question.scope);
    const headers = unranged(unconditional(question.headers));
    return new Asking(terms, { ...question, headers, scope, cancellation: scope.cancellation });
  }

  /** What is kept of it is kept under this. It is worked out where there is anything at all, since it costs as much as a layer. */
  get key(): string {
    return (this.#key ??= this.terms.shelf.keyOf(this.asked));
  }

  /** Looks in memory for what is kept. */
  find(): void {
    const found = this.#nothing ? undefined : this.terms.shelf.find(this.key, this.question.presented, this.#looked);
    this.kept = found === 'others' ? undefined : found;
    this.#missing = this.kept ? 'stale' : found === 'others' ? 'vary-miss' : 'uri-miss';
  }

  /** Whether nothing is kept, whatever is asked for. */
  get #nothing(): boolean {
    return this.terms.shelf.entries === 0 && this.#looked.variants.length === 0;
  }

  /** Looks where other instances keep theirs too. */
  async look(): Promise<void> {
    this.#looked = await this.terms.shelf.look(this.key, this.question.path);
    this.find();
  }

  /** What the kept answer is good for now. */
  standing(stored = this.kept): Standing | undefined {
    if (!stored) return undefined;
    const standing = standingOf(stored, this.question.leeway, this.terms.clock.now());
    const doubted = (standing.state === 'fresh' || standing.state === 'stale') && this.terms.caches.doubts(stored.knownAt);
    return doubted ? { ...standing, state: 'spare' } : standing;
  }

  /** What is kept, as the answer to this very request. */
  given(stored: Stored, { ageMs }: Standing, handling: Handling, source: Source): Given {
    const { method, headers } = this.question;
    return { ok: true, answer: answerFrom(stored, { method, headers, now: this.terms.clock.date() }, ageMs, handling), source };
  }

  /** Asks the product, about what is kept where that can be validated, and keeps what it says. */
  ask(cancellation = this.question.cancellation): Eventual<Given> {
    const { kept } = this;
    const { headers, scope } = this.question;
    const validators = kept && headers['range'] === undefined ? validatorsOf(kept.headers) : undefined;
    this.#begin();
    const asked = this.question.ask(validators ? { ...unconditional(headers), ...validators } : headers, scope, cancellation);
    return asked.after((said) => this.#said(said, validators !== undefined));
  }

  #said(asked: Asked, validates: boolean): Given {
    const { kept } = this;
    const { headers } = this.question;
    const trouble = troubleOf(asked);
    const inPlace = trouble === undefined ? undefined : this.#inPlace(trouble);
    if (inPlace) return inPlace;
    if (!asked.ok) return asked;
    const { status, headers: said, body } = asked.answer;
    const fwd = this.#missing;
    if (kept && validates && status === 304) return this.#holds(kept, asked.answer);
    if (!Buffer.isBuffer(body)) return passed(asked, { fwd, detail: 'size' satisfies WhyNot });
    if (OF_THE_REQUEST.has(status))
      return passed(asked, { fwd: headers['range'] === undefined ? fwd : 'partial', detail: 'status' satisfies WhyNot });
    const stored = storedOf({ status, headers: said, body, presented: this.question.presented, began: this.#began }, this.terms.clock);
    const refused = this.#keep(stored);
    // What is newer is not kept: then neither is what it makes old, unless it is no more than trouble.
    if (refused !== undefined && refused !== 'purged' && trouble === undefined) this.#drop();
    const standing = this.standing(stored);
    this.forOneAlone = refused !== undefined || standing?.state !== 'fresh';
    const handling: Handling =
      refused === undefined ? { fwd, stored: true, ttlMs: standing?.ttlMs ?? 0, key: this.key } : { fwd, detail: refused };
    const whole = { status, headers: withStatus(stored.headers, handling), body };
    const known = validates && status === 200 && isConditional(headers) && holds(headers, stored.headers, this.terms.clock.date());
    return { ok: true, answer: known ? notModified(whole) : whole, source: 'miss' };
  }

  /** Asks the product for the head alone; what it says tells whether what is kept of a GET still holds (RFC 9111, 4.3.5). */
  askHead(): Eventual<Given> {
    const { headers, scope, cancellation } = this.question;
    this.#begin();
    return this.question.ask(headers, scope, cancellation).after((asked) => this.#saidOfHead(asked));
  }

  #saidOfHead(asked: Asked): Given {
    const { kept } = this;
    const { presented } = this.question;
    if (kept && asked.ok && asked.answer.status === 200) {
      const said = asked.answer.headers;
      if (isSame(kept, said)) this.#keep(updatedBy(kept, said, presented, this.#began, this.terms.clock));
      else this.#drop();
    }
    return passed(asked, { fwd: kept ? 'stale' : 'uri-miss' });
  }

  #begin(): void {
    this.#generation = this.terms.shelf.store.generation;
    this.#began = this.terms.clock.now();
  }

  /** The product says that what is kept still holds. */
  #holds(kept: Stored, { headers }: Passed): Given {
    const fresh = updatedBy(kept, headers, this.question.presented, this.#began, this.terms.clock);
    const refused = this.#keep(fresh);
    if (refused !== undefined && refused !== 'purged') this.#drop();
    const standing = standingOf(fresh, this.question.leeway, this.terms.clock.now());
    const stored = refused === undefined;
    return this.given(fresh, standing, { fwd: 'stale', fwdStatus: 304, stored, ttlMs: standing.ttlMs, key: this.key }, 'revalidated');
  }

  /** What is kept, where it may stand in for trouble. */
  #inPlace(detail: string): Given | undefined {
    const { kept } = this;
    const standing = this.standing();
    if (!kept || !standing || standing.state === 'gone' || kept.status >= 500) return undefined;
    return this.given(kept, standing, { hit: true, ttlMs: Math.min(0, standing.ttlMs), key: this.key, detail }, 'stale');
  }

  /** @returns why it is not kept, where it is not */
  #keep(stored: Stored): WhyNot | undefined {
    const { headers, authorized } = this.question;
    if (refusesStore(headers)) return 'asked';
    return whyNot(stored, authorized) ?? this.terms.shelf.keep(stored, this.#begun());
  }

  #drop(): void {
    if (!this.#nothing) this.terms.shelf.drop(this.#begun());
  }

  #begun(): Begun {
    const { path, presented, leeway } = this.question;
    return { key: this.key, path, presented, leeway, generation: this.#generation, began: this.#began, looked: this.#looked };
  }
}

/** What the product said, as it goes to the caller. */
export function passed(asked: Asked, handling: Handling): Given {
  if (!asked.ok) return asked;
  const { status, headers, body } = asked.answer;
  return { ok: true, answer: { status, headers: withStatus(returned(headers), handling), body }, source: 'miss' };
}

/** Whether the caller wants its answer not to be kept. */
export const refusesStore = (headers: Fields): boolean => /(?:^|[\s,])no-store(?:$|[\s,;=])/i.test(headers['cache-control'] ?? '');

/** What keeps the product from giving a good answer: a kind of failure or a status; undefined where nothing does, or nothing kept may hide it. */
function troubleOf(asked: Asked): string | undefined {
  if (!asked.ok) return failures[asked.failure.kind].staleMayServe ? asked.failure.kind : undefined;
  return TROUBLE.has(asked.answer.status) ? String(asked.answer.status) : undefined;
}

const unranged = ({ range: _, 'if-range': __, ...rest }: Fields): Fields => rest;
