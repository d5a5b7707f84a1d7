/** Tells the process of a bug that nobody else can be told of, as if nothing had called the code that threw it. */
export function uncaught(bug: unknown): void {
  queueMicrotask(() => {
    throw bug;
  });
}
