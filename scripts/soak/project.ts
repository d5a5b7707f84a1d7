import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { child } from './child.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** The gateway as it is built, with one more consumer among its contracts. */
export interface Project extends Disposable {
  /** What starts it. */
  readonly main: string;
  /** Makes a key for a consumer, as the command line does. */
  keyFor(consumer: string, redisUrl: string): Promise<string>;
}

/** Copies what is built and adds a consumer to the copy. */
export function projectWith(consumer: string): Project {
  const folder = mkdtempSync(join(tmpdir(), 'interline-project-'));
  cpSync(join(ROOT, 'dist'), join(folder, 'dist'), { recursive: true });
  cpSync(join(ROOT, 'package.json'), join(folder, 'package.json'));
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  writeFileSync(
    join(folder, 'dist/contracts/consumers', `${consumer}.js`),
    `import { consumer } from '../kernel/index.js';\nexport const added = consumer('${consumer}', {});\n`,
  );
  return {
    main: join(folder, 'dist/src/main.js'),
    async keyFor(name, redisUrl) {
      const env = { DATA_DIR: join(folder, 'data'), REDIS_URL: redisUrl };
      await using adding = child(process.execPath, [join(folder, 'dist/src/identity/main.js'), 'add', name], env);
      const key = await adding.finds((line) => /\bik_\S+/.exec(line)?.[0]);
      await adding.exit;
      return key;
    },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true }),
  };
}
