import { setTimeout as pause } from 'node:timers/promises';

/** Resolves as soon as something holds. @throws where it does not come to hold, after thousands of looks */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let looks = 0; looks < 5_000; looks++) {
    if (await holds()) return;
    await pause(1);
  }
  throw new Error(`it did not come to hold: ${holds.toString()}`);
}
