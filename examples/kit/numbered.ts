/** The id of the n-th entity of a seed: `numbered('u', 1)` is `u-0001`. */
export const numbered = (letter: string, n: number): string => `${letter}-${String(n).padStart(4, '0')}`;
