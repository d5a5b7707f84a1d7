import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { register, sources } from '../../src/registry/registry.js';
import { scan } from '../../src/registry/scan.js';

const isWord = (value: unknown): value is string => typeof value === 'string';

/** A project's folder with these files, gone with the test. */
function project(files: Readonly<Record<string, string>>): { readonly root: string } & Disposable {
  const root = mkdtempSync(join(tmpdir(), 'interline-scan-'));
  for (const [file, text] of Object.entries({ 'package.json': '{"type":"module"}', ...files })) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), text);
  }
  return { root, [Symbol.dispose]: () => rmSync(root, { recursive: true }) };
}

describe('a scan', () => {
  it('finds what is looked for in every file of a folder, in the order of their names', async () => {
    using folder = project({
      'things/b/v2.js': `export const b = 'b2';`,
      'things/b/v1.js': `export const b = 'b1'; export const number = 7;`,
      'things/a.js': `export const one = 'a'; export const again = one;`,
      'things/notes.md': 'not a module',
      'things/a.d.ts': 'not code',
      'things/a.test.js': `export const no = 'a test';`,
      'elsewhere/c.js': `export const c = 'c';`,
    });
    expect(await scan('things', isWord, folder.root)).toEqual([
      { file: 'things/a.ts', value: 'a' },
      { file: 'things/b/v1.ts', value: 'b1' },
      { file: 'things/b/v2.ts', value: 'b2' },
    ]);
  });

  it('names each file that refuses itself while it is imported, and says why', async () => {
    using folder = project({
      'things/fine.js': `export const fine = 'fine';`,
      'things/shop/v1.js': `throw new TypeError('shop v1 getItem: path "/items/{id}" names {id}, which the input has not');`,
      'things/text/v1.js': `throw 'no error at all';`,
      'things/typo/v1.js': `export const = 3;`,
      'things/uses/v1.js': `import './missing.js';`,
    });
    const failed = await scan('things', isWord, folder.root).catch((error: unknown) => error);
    expect(failed).toMatchObject({ name: 'ContractError' });
    const { problems } = failed as { problems: readonly string[] };
    expect(problems.map((line) => line.slice(0, line.indexOf(':')))).toEqual([
      'things/shop/v1.ts',
      'things/text/v1.ts',
      'things/typo/v1.ts',
      'things/uses/v1.ts',
    ]);
    expect(problems[0]).toBe('things/shop/v1.ts: shop v1 getItem: path "/items/{id}" names {id}, which the input has not');
    expect(problems[1]).toBe('things/text/v1.ts: no error at all');
  });
});

describe("the project's own contracts", () => {
  it('stand together, each product in its place', async () => {
    const found = await sources();
    expect(() => register(found)).not.toThrow();
    expect(found.products.length).toBeGreaterThan(0);
  });
});
