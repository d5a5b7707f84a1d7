import { z } from 'zod';
import { type ConsumerKeys, ConsumerKeys as Document } from './consumer-keys.js';
import type { Keyring } from './keyring.js';

/** What saving a revision came to: all replicas get it, this machine has it alone for now, or somebody else's came first. */
export type Saved = 'everywhere' | 'here' | 'conflict';

/** Where consumers' keys are kept. */
export interface KeyStore {
  /** What is stored; `NO_KEYS` where nothing is. @throws KeysError where it can't be read: then nothing is overwritten either. */
  load(): Promise<ConsumerKeys>;
  /** Stores the next revision, unless that or a later one is stored already. */
  save(next: ConsumerKeys): Promise<Saved>;
  /** Calls back when something may have been stored by others, until what it gives is disposed. */
  onChange(listener: () => void): Disposable;
}

/** Keys that can't be read. The message names the place, and never what stands there. */
export class KeysError extends Error {
  override readonly name = 'KeysError';
}

/** Reads a stored text; undefined where it is something else. */
export function parseKeys(text: string): ConsumerKeys | undefined {
  return Text.safeParse(text).data;
}

/** The text that is stored. */
export const writeKeys = (document: ConsumerKeys): string => `${JSON.stringify(document, null, 2)}\n`;

const Text = z
  .string()
  .transform((text, context) => {
    try {
      const found: unknown = JSON.parse(text);
      return found;
    } catch {
      context.addIssue('expected JSON');
      return z.NEVER;
    }
  })
  .pipe(Document);

/**
 * Keeps a keyring equal to what is stored. Where a change can't be read, the last good keys stay in force and `trouble` is
 * told. The first reading is awaited. @throws KeysError where that fails: a start without keys would refuse everybody.
 */
export async function followKeys(
  store: KeyStore,
  keyring: Pick<Keyring, 'replace'>,
  trouble: (error: unknown) => void,
): Promise<Disposable> {
  let reading = true;
  let again = false;
  let ended = false;
  const read = async (): Promise<void> => {
    again = reading;
    if (reading) return;
    reading = true;
    await store.load().then(
      (document) => ended || keyring.replace(document),
      (error: unknown) => ended || trouble(error),
    );
    reading = false;
    if (again && !ended) await read();
  };
  const listening = store.onChange(() => void read()); // before the first reading: nothing is missed between them
  const end = (): void => {
    ended = true;
    listening[Symbol.dispose]();
  };
  try {
    keyring.replace(await store.load());
  } catch (error) {
    end();
    throw error;
  }
  reading = false;
  if (again) void read();
  return { [Symbol.dispose]: end };
}
