import { type Failure, failures } from '#contracts/kernel/index.js';
import type { CachePolicy } from '../policy/snapshot.js';
import { type Answer, type From, type Outcome, failed } from '../upstream/answer.js';
import type { Call, Next } from '../upstream/call.js';
import { grownTo, readOf, relabelled, seal } from '../upstream/checked.js';
import { failureOf } from '../upstream/endpoint.js';
import { type Later, after } from '../upstream/eventual.js';
import { unkeyed } from '../upstream/key.js';
import { type Caches, Kept, type Shelf } from './caches.js';
import { type Absence, type Entry, type Standing, entryOf, longestUseMs, standingOf, withdraws } from './entry.js';
import { encode } from './envelope.js';
import { labelsOf, readerLabel } from './labels.js';
import { type Unstorable, updated, validatorsOf } from './terms.js';

/** Why an answer of a product is not stored. */
export type WhyNot = Unstorable | 'identity' | 'contract' | 'purged' | 'size' | 'tags' | 'lifetime';

type Failed = Extract<Outcome, { readonly ok: false }>;

/** One call's way to its answer: from what is kept, or from the product, and then into what is kept. */
export class Asking {
  /** What the tier wants to know of what is stored in it. */
  stamp: string | undefined;
  /** Before it asks: what is purged from here on is not stored. */
  #generation = 0;
  #began = 0;

  constructor(
    readonly caches: Caches,
    readonly shelf: Shelf,
    readonly key: string,
    readonly call: Call,
    readonly next: Next,
  ) {}

  get policy(): CachePolicy {
    return this.call.policy.cache;
  }

  /** The same, on behalf of nobody who waits. */
  detached(): Asking {
    const { caches, shelf, key, call, next } = this;
    return new Asking(caches, shelf, key, call.within(caches.detached(call.scope)), next);
  }

  /** What an entry is good for to this call. One that breaks what its part reads is good for nothing. */
  standing(entry: Entry): Standing {
    const standing = standingOf(entry, this.policy, this.caches.terms.clock.now());
    if (!this.#suits(entry)) return { ...standing, state: 'gone', spareMs: 0 };
    const doubted = (standing.state === 'fresh' || standing.state === 'stale') && this.caches.doubts(entry.knownAt);
    return doubted ? { ...standing, state: 'spare' } : standing;
  }

  /** The outcome that an entry stands for. */
  given(entry: Entry, from: From): Outcome {
    const { endpoint } = this.call;
    const { answer, absence } = entry;
    const bytes = answer && grownTo(answer);
    if (bytes !== undefined) this.shelf.entries.reweigh(this.key, bytes);
    this.#served(entry);
    if (answer) return { ok: true, value: answer.value, answer, from };
    const { absent: error } = endpoint.operation;
    const failure = failureOf(endpoint, 'declared', absence?.message ?? '', { error, status: absence?.status });
    return { ...failed(failure, absence?.headers), from };
  }

  /** Asks the product, about what is kept where that can be validated, and keeps what it says. */
  ask(old: Entry | undefined): Outcome | Later {
    this.#generation = this.caches.generation;
    this.#began = this.caches.terms.clock.now();
    const conditions = old?.answer && this.#suits(old) ? validatorsOf(old.answer.headers) : undefined;
    return after(this.next(conditions ? this.call.unless(conditions) : this.call), (outcome) => this.#settled(outcome, old));
  }

  #settled(outcome: Outcome, old: Entry | undefined): Outcome {
    if (!outcome.ok) return this.#troubled(outcome, old);
    if (outcome.answer.status === 304 && old?.answer) return this.#holds(outcome.answer, old, old.answer);
    return this.#answered(outcome.answer, outcome, old);
  }

  /** The product says that what is kept still holds. */
  #holds(notModified: Answer, old: Entry, answer: Answer): Outcome {
    const done = this.caches.keptOf(notModified);
    if (done) return this.given(done.entry, done.from);
    const entry = this.#entry({ ...old, answer: relabelled(answer, updated(answer.headers, notModified.headers)) });
    const why = this.#whyNot(entry);
    const held = this.shelf.entries.get(this.key);
    const stored = why === undefined && (held === undefined || held === old) && this.#store(entry); // else a whole answer was quicker
    if (why !== undefined && why !== 'purged') this.caches.drop(this.shelf, this.key, old);
    const { ageMs, ttlMs } = standingOf(entry, this.policy, entry.at);
    const from: From = { state: 'revalidated', key: this.key, ageMs, ttlMs, stored };
    this.caches.noteKept(notModified, new Kept(entry, from));
    return this.given(entry, from);
  }

  /** The product gave a whole answer. One that breaks what is read never takes the place of a good one, and is not kept. */
  #answered(answer: Answer, outcome: Outcome, old: Entry | undefined): Outcome {
    const { part } = this.call;
    if (!part || readOf(answer, part.check).ok) return { ...outcome, from: this.#kept(answer, { answer, absence: undefined }, old) };
    return (old && this.#inPlace(old, 'contract')) ?? { ...outcome, from: this.#notStored(0, 'contract') };
  }

  /** It failed: what is kept may stand in, unless the product's own word is that it no longer holds. */
  #troubled(outcome: Failed, old: Entry | undefined): Outcome {
    const { failure, headers = {} } = outcome;
    const { absent } = this.call.endpoint.operation;
    const isAbsent = failure.kind === 'declared' && absent !== undefined && failure.error === absent;
    if (isAbsent) {
      const absence: Absence = { message: failure.message, status: failure.status, headers };
      return { ...outcome, from: this.#kept(failure, { answer: undefined, absence }, old) };
    }
    if (withdraws(failure.kind)) this.caches.drop(this.shelf, this.key, old);
    else if (old && failures[failure.kind].staleMayServe) return this.#inPlace(old, failure.kind) ?? outcome;
    return outcome;
  }

  /** What is kept, where it may stand in for a failure. */
  #inPlace(old: Entry, why: Failure['kind']): Outcome | undefined {
    const { ageMs, ttlMs, spareMs } = this.standing(old);
    return spareMs > 0 && old.answer
      ? this.given(old, { state: 'stale', key: this.key, ageMs, ttlMs: Math.min(0, ttlMs), why })
      : undefined;
  }

  /** Keeps what the product said, once for all calls that flew as one. @returns where it came from */
  #kept(said: Answer | Failure, what: Pick<Entry, 'answer' | 'absence'>, old: Entry | undefined): From {
    const done = this.caches.keptOf(said);
    if (!done) return this.caches.noteKept(said, this.#keep(what, old)).from;
    this.#served(done.entry);
    return done.from;
  }

  #keep(what: Pick<Entry, 'answer' | 'absence'>, old: Entry | undefined): Kept {
    const labels = labelsOf(this.call);
    const { answer, absence } = what;
    const entry = this.#entry({ answer, absence, labels: labels ?? [], readers: this.#readers(old) });
    const why = labels ? (this.#whyNot(entry) ?? this.#whyNotInPlaceOf(old, entry)) : 'tags';
    if (why === undefined && this.#store(entry)) {
      const { ageMs, ttlMs } = standingOf(entry, this.policy, entry.at);
      return new Kept(entry, { state: 'miss', key: this.key, ageMs, ttlMs, stored: true });
    }
    // What is newer is not kept: then neither is what it makes old, unless that is the better one.
    if (why !== 'purged' && why !== 'contract') this.caches.drop(this.shelf, this.key, old);
    return new Kept(entry, this.#notStored(entry.terms.ageMs, why ?? 'size'));
  }

  #entry({ answer, absence, labels, readers }: Pick<Entry, 'answer' | 'absence' | 'labels' | 'readers'>): Entry {
    const { clock, random } = this.caches.terms;
    const at = clock.now();
    const tookMs = at - this.#began;
    return entryOf({ answer, absence, labels, readers, at, date: clock.date(), tookMs, knownAt: at, jitter: 0.9 + 0.2 * random() });
  }

  /** Why an entry may not be stored, whatever was there before. */
  #whyNot(entry: Entry): WhyNot | undefined {
    const { caches, key } = this;
    const { terms, labels } = entry;
    if (terms.unstorable !== undefined) return terms.unstorable;
    if (terms.vary === '*' || terms.vary.some((name) => unkeyed.has(name))) return 'vary';
    if (caches.doubts(this.#began) || caches.terms.store.purgedSince(this.#generation, key, labels)) return 'purged';
    const { state } = standingOf(entry, this.policy, entry.at);
    return state === 'gone' && validatorsOf(entry.answer?.headers ?? {}) === undefined ? 'lifetime' : undefined;
  }

  /** Whether a good one would be lost: one that still may stand in, and that passes what a known part reads where the new one does not. */
  #whyNotInPlaceOf(old: Entry | undefined, { answer }: Entry): 'contract' | undefined {
    if (!old || !answer || standingOf(old, this.policy, this.caches.terms.clock.now()).spareMs <= 0) return undefined;
    for (const check of old.readers) if (!readOf(answer, check).ok) return 'contract';
    return undefined;
  }

  #store(entry: Entry): boolean {
    const { caches, shelf, key, policy } = this;
    const { answer, labels, jitter } = entry;
    const sealed = answer && seal(answer);
    const { tier } = caches.terms;
    const encoded = tier && encode(key, entry); // while its value is at hand
    entry.answer = sealed?.answer;
    const stored = shelf.entries.set(key, entry, sealed?.bytes ?? 0, labels);
    if (stored && tier && encoded) void tier.set(key, encoded, longestUseMs(policy, jitter), labels, this.stamp);
    return stored;
  }

  #notStored(ageMs: number, why: WhyNot): From {
    return { state: 'miss', key: this.key, ageMs, ttlMs: 0, stored: false, why };
  }

  /** The checks of those that a new entry is for: who asks now, and to whom the old one was given. */
  #readers(old: Entry | undefined): Entry['readers'] {
    const readers = old ? [...old.readers] : [];
    this.#joins(readers);
    return readers;
  }

  #joins(readers: Entry['readers']): void {
    const { part } = this.call;
    if (part && !readers.includes(part.check)) readers.push(part.check);
  }

  /** Remembers to whom an entry was given: by what it can be purged, and what has to pass in its place. */
  #served({ readers }: Entry): void {
    this.#joins(readers);
    this.shelf.entries.label(this.key, readerLabel(this.call.scope.reader));
  }

  /** Whether an entry passes what this call's part reads. */
  #suits({ answer }: Entry): boolean {
    const { part } = this.call;
    return !answer || !part || readOf(answer, part.check).ok;
  }
}
