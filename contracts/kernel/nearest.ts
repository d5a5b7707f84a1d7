/** Edits (insert, remove, replace) that turn `a` into `b` (Levenshtein). */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replace = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replace, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

/** How much of a word is looked at: the longest path of a knob, and no more. */
const LONGEST = 128;

/** The known name that `word` most likely stands for, if one is near enough to be worth saying. */
export function nearest(word: string, known: Iterable<string>): string | undefined {
  const asked = word.slice(0, LONGEST).toLowerCase();
  let best: string | undefined;
  let least = Math.max(2, Math.ceil(asked.length / 3)) + 1;
  for (const name of known) {
    if (Math.abs(name.length - asked.length) >= least) continue; // at least as many edits
    const away = distance(asked, name.toLowerCase());
    if (away < least) [best, least] = [name, away];
  }
  return best;
}

/** ` (did you mean "x"?)`, or nothing where no known name is near. */
export function didYouMean(word: string, known: Iterable<string>): string {
  const name = nearest(word, known);
  return name === undefined ? '' : ` (did you mean "${name}"?)`;
}
