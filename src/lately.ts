/**
 * The same function, which remembers what it gave last: it is not called again for the same argument (by `===`) twice in a row. For
 * what nearly all requests have in common.
 */
export function lately<A, R>(make: (argument: A) => R): (argument: A) => R {
  let last: { readonly argument: A; readonly made: R } | undefined;
  return (argument) => {
    if (last === undefined || last.argument !== argument) last = { argument, made: make(argument) };
    return last.made;
  };
}
