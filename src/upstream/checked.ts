import type { AnyPart, Checked } from '#contracts/kernel/index.js';
import type { Answer } from './answer.js';

type Check = AnyPart['check'];

/** What was worked out of one answer, and is remembered with it. */
class Notes {
  #check: Check | undefined;
  #read: Checked<unknown> | undefined;
  #others: Map<Check, Checked<unknown>> | undefined;
  /** What came of keeping it. */
  kept: object | undefined;

  /** What a part reads of it. Most answers are read by one part. */
  read(check: Check): Checked<unknown> | undefined {
    return check === this.#check ? this.#read : this.#others?.get(check);
  }

  note(check: Check, read: Checked<unknown>): void {
    if (this.#check === undefined) [this.#check, this.#read] = [check, read];
    else (this.#others ??= new Map()).set(check, read);
  }

  *all(): Iterable<Checked<unknown>> {
    if (this.#read) yield this.#read;
    if (this.#others) yield* this.#others.values();
  }
}

/**
 * An answer with a place for what is worked out of it. In a `WeakMap` it would outlive the answer: V8 takes what the keys of one
 * lead to for alive until it looks at the whole heap, which made a quarter of all work the garbage collector's.
 */
class Received implements Answer {
  readonly #notes: Notes;

  constructor(
    readonly status: number,
    readonly headers: Answer['headers'],
    readonly value: unknown,
    notes = new Notes(),
  ) {
    this.#notes = notes;
  }

  static notesOf(answer: Answer): Notes {
    if (#notes in answer) return answer.#notes;
    let known = strangers.get(answer);
    if (!known) strangers.set(answer, (known = new Notes()));
    return known;
  }
}

/** Answers that nobody received: made by hand. */
const strangers = new WeakMap<Answer, Notes>();

/** An answer as it came, its body decoded. */
export const received = (status: number, headers: Answer['headers'], value: unknown): Answer => new Received(status, headers, value);

/** What came of keeping an answer, where it was noted: calls that flew as one keep it once. */
export const keptOf = (answer: Answer): object | undefined => Received.notesOf(answer).kept;

/** Notes what came of keeping an answer. */
export function noteKept(answer: Answer, kept: object): void {
  Received.notesOf(answer).kept = kept;
}

/** What a part reads of an answer: validated and pruned once, then remembered with the answer. */
export function readOf(answer: Answer, check: Check): Checked<unknown> {
  const notes = Received.notesOf(answer);
  let checked = notes.read(check);
  if (!checked) {
    checked = check(answer.value);
    if (checked.ok && Object.isFrozen(answer)) freeze(checked.value);
    notes.note(check, checked);
  }
  return checked;
}

/**
 * Makes an answer one that is kept and handed out again and again: it, and what parts read of it, is deeply frozen from now on.
 * @returns about how many bytes its headers and its value take in memory
 */
export function seal(answer: Answer): number {
  Object.freeze(answer);
  for (const checked of Received.notesOf(answer).all()) if (checked.ok) freeze(checked.value);
  return freeze(answer.headers) + freeze(answer.value);
}

/** The same body under other headers: what was read of it stays read. */
export const relabelled = (answer: Answer, headers: Answer['headers']): Answer =>
  Object.freeze(new Received(answer.status, headers, answer.value, Received.notesOf(answer)));

/** Freezes a JSON value at every depth, without calling itself: an answer may nest deeper than the stack. Gives its weight. */
function freeze(value: unknown): number {
  let bytes = 0;
  const left = [value];
  while (left.length > 0) {
    const at = left.pop();
    bytes += 8;
    if (typeof at === 'string') bytes += 16 + at.length;
    else if (typeof at === 'object' && at !== null) {
      bytes += 32;
      Object.freeze(at);
      for (const inner of Object.values(at)) left.push(inner);
    }
  }
  return bytes;
}
