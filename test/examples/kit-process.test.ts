import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from '@jest/globals';
import { permissionFlags } from '../../examples/kit/index.js';
import { KEY, call, temporaryFolder } from './kit-fixture.js';

const root = join(import.meta.dirname, '../..');
const fromSource = ['--disable-warning=ExperimentalWarning', '--import', join(import.meta.dirname, 'from-source.ts')];
const main = (name: string): string => join(root, 'examples/products', name, 'main.ts');

/** The flags of a confined product, and leave to read the sources that stand in for the build. */
const confined = (name: string, dataDir: string): string[] => [
  ...permissionFlags(name, { root, dataDir }),
  ...['examples', 'contracts', 'test'].map((folder) => `--allow-fs-read=${join(root, folder)}`),
];

/** A Node process that is ended, and waited for, with the test. */
function node(args: readonly string[], env: Record<string, string> = {}) {
  const child: ChildProcessWithoutNullStreams = spawn(process.execPath, args, {
    env: { PATH: process.env['PATH'], ...env },
    stdio: 'pipe',
  });
  const exit = once(child, 'exit').then(([code]) => code as number | null);
  return {
    child,
    exit,
    err: text(child.stderr),
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await exit;
    },
  };
}

/** The address in the line that a product says once it listens. */
async function listening({ child, err }: ReturnType<typeof node>): Promise<string> {
  for await (const chunk of child.stdout) {
    const url = /listening on (http:\S+)/.exec(String(chunk))?.[1];
    if (url !== undefined) return url;
  }
  throw new Error(`it never listened: ${await err}`);
}

describe('a product process', () => {
  it('demands its key, by the name of the variable', async () => {
    using folder = temporaryFolder();
    await using auth = node([...fromSource, main('auth')], { DATA_DIR: folder.path, INVENTORY_API_KEY: KEY });
    expect(await auth.exit).toBe(1);
    expect(await auth.err).toBe('auth: expected its API key in the environment variable AUTH_API_KEY, got nothing\n');
  });

  it('refuses a port that is none', async () => {
    using folder = temporaryFolder();
    await using auth = node([...fromSource, main('auth')], { DATA_DIR: folder.path, AUTH_API_KEY: KEY, PRODUCT_PORT: 'http' });
    expect(await auth.exit).toBe(1);
    expect(await auth.err).toBe('auth: expected a port in PRODUCT_PORT, got "http"\n');
  });

  it('serves while confined to its own files, and ends well on SIGTERM', async () => {
    using folder = temporaryFolder();
    await using inventory = node([...confined('inventory', folder.path), ...fromSource, main('inventory')], {
      DATA_DIR: folder.path,
      INVENTORY_API_KEY: KEY,
      PRODUCT_PORT: '0',
    });
    const url = await listening(inventory);
    expect(await call(`${url}/v1/stock/i-0001`, { key: KEY })).toMatchObject({ status: 200 });
    inventory.child.kill('SIGTERM');
    expect(await inventory.exit).toBe(0);
    expect(await inventory.err).toBe('');
  });

  it('cannot open the database of another: not through node:sqlite while that one runs, and never through node:fs', async () => {
    using folder = temporaryFolder();
    await using inventory = node([...fromSource, main('inventory')], { DATA_DIR: folder.path, INVENTORY_API_KEY: KEY, PRODUCT_PORT: '0' });
    await listening(inventory);
    const intrude = `
      import { readFileSync } from 'node:fs';
      import { DatabaseSync } from 'node:sqlite';
      const file = ${JSON.stringify(join(folder.path, 'inventory.db'))};
      const refusal = (open) => { try { return 'opened: ' + open(); } catch (error) { return error.code + ' ' + error.message; } };
      console.error(refusal(() => new DatabaseSync(file, { readOnly: true }).prepare('SELECT * FROM stock').get()));
      console.error(refusal(() => readFileSync(file)));`;
    await using auth = node([
      ...confined('auth', folder.path),
      '--disable-warning=ExperimentalWarning',
      '--input-type=module',
      '--eval',
      intrude,
    ]);
    expect(await auth.exit).toBe(0);
    expect((await auth.err).split('\n')).toEqual([
      expect.stringContaining('database is locked'),
      expect.stringContaining('ERR_ACCESS_DENIED'),
      '',
    ]);
  });
});
