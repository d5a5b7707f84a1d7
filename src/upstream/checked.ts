import type { AnyPart, Checked } from '#contracts/kernel/index.js';
import type { Answer } from './answer.js';
import { Said } from './said.js';

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
class Noted {
  /** Once there are some: most of what is kept is not read. */
  #notes: Notes | undefined;

  constructor(notes: Notes | undefined) {
    this.#notes = notes;
  }

  static notesOf(answer: Answer): Notes {
    if (#notes in answer) return (answer.#notes ??= new Notes());
    let known = strangers.get(answer);
    if (!known) strangers.set(answer, (known = new Notes()));
    return known;
  }
}

/** Answers that nobody received: made by hand. */
const strangers = new WeakMap<Answer, Notes>();

/** An answer as it came, its body decoded. */
class Received extends Noted implements Answer {
  readonly #said: Said | undefined;

  constructor(
    readonly status: number,
    readonly headers: Answer['headers'],
    readonly value: unknown,
    said?: Said,
    notes?: Notes,
  ) {
    super(notes);
    this.#said = said;
  }

  static saidBy(answer: Answer): Said | undefined {
    return #said in answer ? answer.#said : undefined;
  }
}

/**
 * An answer that is kept as the text that it was, until somebody reads it: most of what is kept is not read before it is old, and
 * a text is one thing to the garbage collector where its value is a hundred.
 */
class Laid extends Noted implements Answer {
  /** Until it is read. */
  #text: string | undefined;
  /** From then on. */
  #said: Said | undefined;
  #value: unknown;
  #bytes: number | undefined;

  constructor(
    readonly status: number,
    readonly headers: Answer['headers'],
    text: string | undefined,
    notes?: Notes,
  ) {
    super(notes);
    this.#text = text;
    Object.freeze(this);
  }

  get value(): unknown {
    const text = this.#text;
    if (text !== undefined) {
      this.#value = JSON.parse(text);
      this.#said = new Said(text);
      this.#bytes = freeze(this.headers) + freeze(this.#value) + BYTES_SAID * text.length;
      this.#text = undefined;
    }
    return this.#value;
  }

  static saidBy(answer: Laid): Said | undefined {
    return answer.#said;
  }

  /** The same body under other headers. */
  static under(answer: Laid, headers: Answer['headers']): Laid {
    const other = new Laid(answer.status, Object.freeze(headers), answer.#text, Noted.notesOf(answer));
    [other.#said, other.#value] = [answer.#said, answer.#value];
    return other;
  }

  /** About how many bytes it takes since it was read; said once. */
  static grownTo(answer: Laid): number | undefined {
    const bytes = answer.#bytes;
    answer.#bytes = undefined;
    return bytes;
  }
}

/** An answer as it came, its body decoded; `said` is that body, where there is one. */
export const received = (status: number, headers: Answer['headers'], value: unknown, said?: Said): Answer =>
  new Received(status, headers, value, said);

/** The body of an answer as it came, where it is still known. */
export const saidOf = (answer: Answer): Said | undefined => (answer instanceof Laid ? Laid.saidBy(answer) : Received.saidBy(answer));

/** What came of keeping an answer, where it was noted: calls that flew as one keep it once. */
export const keptOf = (answer: Answer): object | undefined => Noted.notesOf(answer).kept;

/** Notes what came of keeping an answer. */
export function noteKept(answer: Answer, kept: object): void {
  Noted.notesOf(answer).kept = kept;
}

/** What a part reads of an answer: validated and pruned once, then remembered with the answer. */
export function readOf(answer: Answer, check: Check): Checked<unknown> {
  const notes = Noted.notesOf(answer);
  let checked = notes.read(check);
  if (!checked) {
    checked = check(answer.value);
    if (checked.ok && Object.isFrozen(answer)) freeze(checked.value);
    notes.note(check, checked);
  }
  return checked;
}

/** An answer as it is kept, and about how many bytes it takes. */
export interface Sealed {
  readonly answer: Answer;
  readonly bytes: number;
}

/** What a text takes for each character once it is read, in bytes, roughly: what it takes in truth is known then. */
const BYTES_READ = 6;

/** What of that the text itself takes, and its bytes. */
const BYTES_SAID = 2;

/**
 * The answer to keep, that is handed out again and again: one that nobody can change, neither it nor what parts read of it, at
 * any depth. That is its text where it has one, else the answer itself from now on.
 */
export function seal(answer: Answer): Sealed {
  const text = Received.saidBy(answer)?.text;
  if (text !== undefined) {
    const bytes = freeze(answer.headers) + BYTES_READ * text.length;
    return { answer: new Laid(answer.status, answer.headers, text), bytes };
  }
  Object.freeze(answer);
  for (const checked of Noted.notesOf(answer).all()) if (checked.ok) freeze(checked.value);
  return { answer, bytes: freeze(answer.headers) + freeze(answer.value) };
}

/** About how many bytes a kept answer takes since somebody read it for the first time; undefined where nothing has changed. */
export const grownTo = (answer: Answer): number | undefined => (answer instanceof Laid ? Laid.grownTo(answer) : undefined);

/** The same body under other headers: what was read of it stays read. */
export const relabelled = (answer: Answer, headers: Answer['headers']): Answer =>
  answer instanceof Laid
    ? Laid.under(answer, headers)
    : Object.freeze(new Received(answer.status, headers, answer.value, undefined, Noted.notesOf(answer)));

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
