/** What a typed client gives for a call to a product. */
export type Answer<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: string };

/**
 * The value that a product gave.
 * @throws Error, which fails the test, where it gave none.
 */
export function valueOf<T>(answer: Answer<T>): T {
  if (!answer.ok) throw new Error(`expected an answer, got ${answer.error}`);
  return answer.value;
}
