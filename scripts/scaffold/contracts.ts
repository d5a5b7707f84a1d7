import { existsSync, globSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type AnyOperation, type AnyRoute, isProduct, isRoute } from '../../contracts/kernel/index.ts';

/** One version of a product's contract, and how it is imported. */
export interface Contract {
  readonly product: string;
  readonly version: number;
  /** `contracts/products/auth/v1.ts`. */
  readonly file: string;
  /** The name that the file exports it under. */
  readonly exported: string;
  readonly operations: Readonly<Record<string, AnyOperation>>;
}

/** Every product contract of the project, by product and version. */
export async function contracts(root: string): Promise<readonly Contract[]> {
  const found: Contract[] = [];
  for (const { file, exported, value } of await exports(root, 'contracts/products', isProduct)) {
    const [first] = Object.values(value);
    if (first) found.push({ product: first.product, version: first.version, file, exported, operations: value });
  }
  return found.sort((a, b) => a.product.localeCompare(b.product) || a.version - b.version);
}

/** Every composed route of the project, with its file. */
export const routes = async (root: string): Promise<readonly { readonly file: string; readonly value: AnyRoute }[]> =>
  exports(root, 'contracts/public', isRoute);

interface Exported<T> {
  readonly file: string;
  readonly exported: string;
  readonly value: T;
}

async function exports<T>(root: string, folder: string, is: (value: unknown) => value is T): Promise<Exported<T>[]> {
  const found: Exported<T>[] = [];
  if (!existsSync(join(root, folder))) return found;
  for (const file of globSync(`${folder}/**/*.ts`, { cwd: root }).sort()) {
    const module: unknown = await import(pathToFileURL(join(root, file)).href);
    for (const [exported, value] of Object.entries(module ?? {})) if (is(value)) found.push({ file, exported, value });
  }
  return found;
}
