import type { AnyPart, Checked } from '#contracts/kernel/index.js';
import type { Answer } from './answer.js';

type Check = AnyPart['check'];

const remembered = new WeakMap<Answer, Map<Check, Checked<unknown>>>();

/** What a part reads of an answer: validated and pruned once, then remembered with the answer. */
export function readOf(answer: Answer, check: Check): Checked<unknown> {
  let byPart = remembered.get(answer);
  if (!byPart) remembered.set(answer, (byPart = new Map<Check, Checked<unknown>>()));
  let checked = byPart.get(check);
  if (!checked) {
    checked = check(answer.value);
    if (checked.ok && Object.isFrozen(answer)) freeze(checked.value);
    byPart.set(check, checked);
  }
  return checked;
}

/**
 * Makes an answer one that is kept and handed out again and again: it, and what parts read of it, is deeply frozen from now on.
 * @returns about how many bytes its headers and its value take in memory
 */
export function seal(answer: Answer): number {
  Object.freeze(answer);
  for (const checked of remembered.get(answer)?.values() ?? []) if (checked.ok) freeze(checked.value);
  return freeze(answer.headers) + freeze(answer.value);
}

/** The same body under other headers: what was read of it stays read. */
export function relabelled(answer: Answer, headers: Answer['headers']): Answer {
  const copy = Object.freeze({ ...answer, headers });
  const known = remembered.get(answer);
  if (known) remembered.set(copy, known);
  return copy;
}

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
