import { existsSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { format } from 'oxfmt';
import { z } from 'zod';
import { Refusal } from './refusal.ts';

/** What a scaffold will do, worked out before anything is written. Paths are relative to the project. */
export interface Plan {
  /** New files with their text. */
  readonly creates: Readonly<Record<string, string>>;
  /** Files that are there, with the text that they shall have. */
  readonly edits: Readonly<Record<string, string>>;
  /** What is left to a person, in order. */
  readonly next: readonly string[];
}

/** A file of the project that a scaffold changes. @throws Refusal where it is not there. */
export function read(root: string, file: string): string {
  if (!existsSync(join(root, file))) throw new Refusal(`${file}: expected it, it is not there; run the scaffold in the project`);
  return readFileSync(join(root, file), 'utf8');
}

/** @throws Refusal naming every file that is there already. */
export function refuseExisting(root: string, files: Iterable<string>): void {
  const there = [...files].filter((file) => existsSync(join(root, file)));
  if (there.length > 0) throw new Refusal(`${there.join(', ')}: there already; choose another name`);
}

/** Formats and writes what a plan says, and tells what was done. */
export async function carryOut(root: string, { creates, edits, next }: Plan, say: (line: string) => void): Promise<void> {
  const { $schema: _, ignorePatterns: _ignored, ...style } = z.looseObject({}).parse(JSON.parse(read(root, '.oxfmtrc.json')));
  const formatted = async ([file, text]: [string, string]): Promise<readonly [string, string]> => {
    const { code, errors } = await format(file, text, style);
    if (errors.length > 0) throw new Error(`${file}: ${errors.map(({ message }) => message).join('; ')}\n${text}`);
    return [file, code];
  };
  const created = await Promise.all(Object.entries(creates).map(formatted));
  const edited = await Promise.all(Object.entries(edits).map(formatted));
  for (const [file, text] of created) {
    await mkdir(dirname(join(root, file)), { recursive: true });
    await writeFile(join(root, file), text, { flag: 'wx' });
    say(`wrote    ${file}`);
  }
  for (const [file, text] of edited) {
    await writeFile(join(root, file), text);
    say(`changed  ${file}`);
  }
  say('\nNext:');
  next.forEach((step, i) => say(`  ${i + 1}. ${step}`));
}
