/** How deep a caller's JSON may nest: more than any contract needs, less than any stack holds. */
export const DEEPEST = 64;

/** Whether a value nests deeper than that: whoever walks such a value by recursion may run out of stack. */
export function nestsTooDeep(value: unknown, left = DEEPEST): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return left === 0 || Object.values(value).some((inner) => nestsTooDeep(inner, left - 1));
}
