import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf, replaceFile } from './atomic-file.js';
import { ConfigError } from './load.js';
import { NONE, Overrides, type OverridesStore } from './overrides.js';

/**
 * Overrides in one file: after a crash at any point there is the old revision or the new one (`replaceFile`). Where several
 * processes may write it at once, each says another `writer`.
 */
export function overridesFile(dataDir: string, writer?: string): OverridesStore {
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
      await replaceFile(file, `${JSON.stringify(next, null, 2)}\n`, writer === undefined ? undefined : `${file}.${writer}.new`);
      return true;
    },
  };
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
