import { mkdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Clock } from '../clock.js';
import { codeOf, replaceFile } from '../policy/atomic-file.js';
import { watch } from '../policy/watch.js';
import { type ConsumerKeys, NO_KEYS } from './consumer-keys.js';
import { type KeyStore, KeysError, parseKeys, writeKeys } from './key-store.js';

/**
 * Consumers' keys in `<dataDir>/consumer-keys.json`, which only its owner may read. A running gateway notices what the
 * command line writes there: at once where the folder gives signs, else within seconds.
 */
export function keysFile(dataDir: string, clock: Clock): KeyStore {
  const file = join(dataDir, 'consumer-keys.json');
  const refused = (what: string): KeysError =>
    new KeysError(`${file}: expected consumers' keys as the gateway writes them, ${what}; move the file away to start without any`);
  const load = async (): Promise<ConsumerKeys> => {
    let text: string;
    try {
      text = await readFile(file, 'utf8');
    } catch (error) {
      const code = codeOf(error);
      if (code === 'ENOENT') return NO_KEYS;
      throw refused(`can't read it (${code})`);
    }
    const document = parseKeys(text);
    if (!document) throw refused('it holds something else');
    return document;
  };
  return {
    load,
    async save(next) {
      const { revision } = await load();
      if (revision >= next.revision) return 'conflict';
      await replaceFile(file, writeKeys(next), `${file}.${process.pid}.new`); // the gateway and the command line may write at once
      return 'everywhere';
    },
    onChange(listener) {
      madeIfMissing(dirname(file));
      return watch(file, clock, listener);
    },
  };
}

/** A folder that is not there gives no signs. Where it can't be made, there is the poll. */
function madeIfMissing(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
  } catch {
    // nothing is kept there then, which saving says
  }
}
