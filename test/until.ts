/** A state that has not come by then does not come: in milliseconds. */
const GIVE_UP_MS = 10_000;

/** Resolves as soon as something holds; looks at each turn of the event loop. @throws where it does not come to hold */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + GIVE_UP_MS;
  while (performance.now() < end) {
    if (await holds()) return;
    await new Promise<void>((resolve) => void setImmediate(resolve));
  }
  throw new Error(`it did not come to hold: ${holds.toString()}`);
}
