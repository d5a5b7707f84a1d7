import { randomUUID } from 'node:crypto';
import { type FileHandle, link, mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Replaces a file that only its owner may read, and makes its folder where there is none. The text is written beside it,
 * flushed to the disk, and renamed over it; the folder is flushed too: after a crash at any point there is the old text or
 * the new one, never half of one. Where several processes may write at once, each says another `beside`.
 */
export async function replaceFile(file: string, text: string, beside = `${file}.new`): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await using written = await writtenTo(beside, text);
  await written.sync();
  await rename(beside, file);
  await flushFolder(file);
}

/**
 * The same for a file that is made once and never replaced.
 * @returns false where there is one already, which stays as it is: of several processes one makes it.
 */
export async function placeFile(file: string, text: string): Promise<boolean> {
  await mkdir(dirname(file), { recursive: true });
  const beside = `${file}.${randomUUID()}`;
  try {
    await using written = await writtenTo(beside, text);
    await written.sync();
    await link(beside, file);
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(beside, { force: true });
  }
  await flushFolder(file);
  return true;
}

/** The code of an error of the file system, for a message. */
export const codeOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : 'unknown';

async function writtenTo(path: string, text: string): Promise<FileHandle> {
  const handle = await open(path, 'w', 0o600);
  try {
    await handle.writeFile(text);
    return handle;
  } catch (error) {
    await handle.close();
    throw error;
  }
}

async function flushFolder(file: string): Promise<void> {
  await using folder = await open(dirname(file), 'r');
  await folder.sync();
}
