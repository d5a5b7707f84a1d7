import { type FSWatcher, watch as watchFolder } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Clock, Timer } from '../clock.js';

/** How long a text has to stay as it is: an editor may write in several steps. */
const SETTLE_MS = 50;

/** How often the file is read without any sign: some mounted folders give none. */
const POLL_MS = 5000;

/** What ends a watch. */
export interface Watching extends Disposable {
  close(): void;
}

/**
 * Watches a file by its folder, since a ConfigMap is swapped by a symbolic link that a watch on the file itself misses, and
 * polls slowly besides. Tells the text once at first, and each time it has become another one and stays so; a file that is
 * away for a moment is no news.
 */
export function watch(file: string, clock: Clock, tell: (text: string) => void): Watching {
  let told: string | undefined;
  let seen: string | undefined;
  let timer: Timer | undefined;
  let state: 'waiting' | 'settling' | 'reading' | 'closed' = 'waiting';
  let signed = false;
  const lookIn = (ms: number): void => {
    timer?.cancel();
    state = ms === SETTLE_MS ? 'settling' : 'waiting';
    timer = clock.after(ms, () => void look());
  };
  const look = async (): Promise<void> => {
    state = 'reading';
    signed = false;
    const text = await readFile(file, 'utf8').catch(() => undefined);
    if (isClosed()) return;
    const stays = text === seen;
    seen = text;
    lookIn(stays && !signed ? POLL_MS : SETTLE_MS);
    if (stays && text !== undefined && text !== told) tell((told = text));
  };
  const sign = (): void => {
    signed = true;
    if (state === 'waiting') lookIn(SETTLE_MS); // not put off by further signs: other files may stand in the folder
  };
  const isClosed = (): boolean => state === 'closed';
  let watcher: FSWatcher | undefined;
  try {
    watcher = watchFolder(dirname(file), { persistent: false }, sign);
    watcher.on('error', () => undefined); // the poll goes on
  } catch {
    // a folder that can't be watched is polled
  }
  lookIn(SETTLE_MS);
  const close = (): void => {
    state = 'closed';
    timer?.cancel();
    watcher?.close();
  };
  return { close, [Symbol.dispose]: close };
}
