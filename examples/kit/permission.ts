import { join, resolve } from 'node:path';

/**
 * The Node flags that confine a product's process (`node ...permissionFlags(…) dist/examples/products/<name>/main.js`):
 * through node:fs it reads the built code and its own database file, writes that file, and starts no other process. The folder has to exist.
 * The permission model of Node 24 does not reach into node:sqlite; there the kit's `Database` holds the border.
 */
export function permissionFlags(name: string, { root, dataDir }: { readonly root: string; readonly dataDir: string }): readonly string[] {
  const code = ['dist', 'node_modules', 'package.json'].map((path) => join(resolve(root), path));
  const database = ['', '-wal'].map((suffix) => join(resolve(dataDir), `${name}.db${suffix}`));
  return [
    '--permission',
    ...[...code, ...database].map((path) => `--allow-fs-read=${path}`),
    ...database.map((path) => `--allow-fs-write=${path}`),
  ];
}
