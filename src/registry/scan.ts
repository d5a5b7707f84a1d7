import { readdirSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { join, relative } from 'node:path';
import { ContractError } from './contract-error.js';

/** Something that a file exports, and the file, as a person knows it. */
export interface Found<T> {
  /** `contracts/products/auth/v1.ts`. */
  readonly file: string;
  readonly value: T;
}

/** The folder that holds `contracts` and `src`: the project's own, or `dist` where it is built. */
const project = fileURLToPath(new URL('../../', import.meta.url));

/**
 * Imports every module below a folder of the project, in the order of their names, and gives the exports that are what is
 * looked for: so that a file that is there takes part, and a problem can name it.
 * @throws ContractError naming each file that can't be imported, and why: a contract that refuses itself does so on import.
 */
export async function scan<T>(folder: string, is: (value: unknown) => value is T, root = project): Promise<Found<T>[]> {
  const found: Found<T>[] = [];
  const problems: string[] = [];
  const causes: unknown[] = [];
  for (const path of modules(join(root, folder))) {
    const file = relative(root, path).replace(/\.js$/, '.ts');
    try {
      const exported: unknown = await import(pathToFileURL(path).href);
      for (const value of new Set(Object.values(exported ?? {}))) if (is(value)) found.push({ file, value });
    } catch (error) {
      problems.push(`${file}: ${Error.isError(error) ? error.message : String(error)}`);
      causes.push(error);
    }
  }
  if (problems.length > 0) throw new ContractError(problems, { cause: causes });
  return found;
}

function modules(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return modules(path);
      return /(?<!\.d|\.test)\.[jt]s$/.test(entry.name) ? [path] : [];
    })
    .sort();
}
