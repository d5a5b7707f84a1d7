import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigError } from './load.js';
import { NONE, Overrides, type OverridesStore } from './overrides.js';

/**
 * Overrides in one file, for one process. A revision is written beside it, flushed to the disk, and renamed over it; the
 * folder is flushed too: after a crash at any point there is the old revision or the new one, never half of one.
 */
export function overridesFile(dataDir: string): OverridesStore {
  const file = join(dataDir, 'overrides.json');
  const refused = (what: string): ConfigError =>
    new ConfigError([`${file}: expected overrides as the gateway writes them, ${what}; move the file away to start without any`]);
  return {
    async load() {
      let text: string;
      try {
        text = await readFile(file, 'utf8');
      } catch (error) {
        const code = codeOf(error);
        if (code === 'ENOENT') return NONE;
        throw refused(`can't read it (${code})`);
      }
      const parsed = Overrides.safeParse(parsedJson(text));
      if (!parsed.success) throw refused('it holds something else');
      return parsed.data;
    },
    async save(next) {
      await mkdir(dataDir, { recursive: true });
      const beside = `${file}.new`;
      await using written = await open(beside, 'w', 0o600);
      await written.writeFile(`${JSON.stringify(next, null, 2)}\n`);
      await written.sync();
      await rename(beside, file);
      await using folder = await open(dataDir, 'r');
      await folder.sync();
      return true;
    },
  };
}

const codeOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : 'unknown';

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
