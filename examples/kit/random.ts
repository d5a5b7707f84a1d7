/** Numbers that look random and are the same on every run: seeds and faults stay repeatable. */
export interface Random {
  /** From 0 up to, not including, 1. */
  next(): number;
  /** A whole number from `least` to `most`, both included. */
  int(least: number, most: number): number;
  /** True in the given share of cases. */
  chance(share: number): boolean;
  pick<T>(list: readonly [T, ...T[]]): T;
  /** The same elements in another order; the list itself stays. */
  shuffled<T>(list: readonly T[]): T[];
}

/** FNV-1a, so that every name gives numbers of its own. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  return value >>> 0;
}

/** A source of numbers that depends on the name alone (mulberry32). */
export function randomFrom(name: string): Random {
  let state = hash(name);
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const int = (least: number, most: number): number => least + Math.floor(next() * (most - least + 1));
  return {
    next,
    int,
    chance: (share) => next() < share,
    pick: (list) => list[int(0, list.length - 1)] ?? list[0],
    shuffled(list) {
      const mixed = [...list];
      for (let i = mixed.length - 1; i > 0; i--) mixed.push(...mixed.splice(int(0, i), 1));
      return mixed;
    },
  };
}
