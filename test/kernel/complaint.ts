/** The message of the TypeError that `run` throws. */
export function complaint(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof TypeError) return error.message;
    throw error;
  }
  throw new Error('expected a TypeError, but nothing was thrown');
}
