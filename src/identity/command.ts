import { didYouMean } from '#contracts/kernel/index.js';
import { EnvError } from '../env.js';
import { type MadeKey, makeKey } from './api-key.js';
import { type Asked, USAGE, UsageError, readArguments } from './arguments.js';
import { type Changed, type ConsumerKey, type ConsumerKeys, addKey, revokeKeys, rotateKey, validKeys } from './consumer-keys.js';
import { type KeyStore, KeysError, type Saved } from './key-store.js';

/** What a run of the command came to: its lines, and its exit code. */
export interface Ran {
  /** A new key, alone; or what was asked for. */
  readonly out: readonly string[];
  readonly err: readonly string[];
  /** 0: done; 1: it could not be done; 2: the arguments are not understood. */
  readonly exitCode: 0 | 1 | 2;
}

/** What the command works on. */
export interface CommandTerms {
  /** The date, in milliseconds. */
  readonly nowMs: number;
  /** The consumers that have a contract. */
  readonly known: () => Promise<ReadonlySet<string>>;
  /** Lets the keys be read and written, as long as `work` takes. @throws EnvError where the environment does not say where. */
  readonly withStore: (work: (store: KeyStore) => Promise<Ran>) => Promise<Ran>;
}

/** `npm run consumer`: who may call with which key. A key that is made is printed once and kept nowhere. */
export async function command(argv: readonly string[], { nowMs, known, withStore }: CommandTerms): Promise<Ran> {
  try {
    const asked = readArguments(argv);
    if (asked.action === 'help') return { out: [USAGE], err: [], exitCode: 0 };
    if (asked.action === 'add' || asked.action === 'rotate') refuseUnknown(asked.name, await known());
    return await withStore(async (store) => {
      const document = await store.load();
      if (asked.action === 'list') return { out: listed(document, nowMs), err: [], exitCode: 0 };
      if (asked.action === 'revoke') refuseWithoutKey(asked.nameOrId, document, nowMs);
      const made = asked.action === 'revoke' ? undefined : makeKey();
      const changed = change(document, asked, made, nowMs);
      if (!changed.ok) return { out: [], err: [changed.why], exitCode: 1 };
      return told(asked.action, changed.about, made, await store.save(changed.next));
    });
  } catch (error) {
    if (error instanceof UsageError) return { out: [], err: [error.message, USAGE], exitCode: 2 };
    if (error instanceof EnvError || error instanceof KeysError) return { out: [], err: error.message.split('\n'), exitCode: 1 };
    throw error;
  }
}

function refuseUnknown(name: string, known: ReadonlySet<string>): void {
  if (!known.has(name)) throw new UsageError(`expected a consumer of contracts/consumers, got "${name}"${didYouMean(name, known)}`);
}

/** A consumer whose contract is gone can be revoked still: the keys are what counts. */
function refuseWithoutKey(nameOrId: string, document: ConsumerKeys, nowMs: number): void {
  const named = new Set(validKeys(document, nowMs).flatMap(({ id, consumer }) => [id, consumer]));
  if (!named.has(nameOrId))
    throw new UsageError(`revoke: expected a consumer with a key, or a key's id, got "${nameOrId}"${didYouMean(nameOrId, named)}`);
}

function change(document: ConsumerKeys, asked: Asked, made: MadeKey | undefined, nowMs: number): Changed {
  if (asked.action === 'revoke') return revokeKeys(document, asked.nameOrId, nowMs);
  if (asked.action === 'add' && made) return addKey(document, made, asked.name, nowMs);
  if (asked.action === 'rotate' && made) return rotateKey(document, made, asked.name, nowMs, asked.overlapMs);
  throw new RangeError(`${asked.action} changes nothing`);
}

/** A key is shown where it is in force, and not where it is not. */
function told(action: Asked['action'], about: readonly ConsumerKey[], made: MadeKey | undefined, saved: Saved): Ran {
  if (saved === 'conflict')
    return { out: [], err: ['somebody else has changed the keys at the same moment: nothing was done, try again'], exitCode: 1 };
  const lines = about.map((key) => {
    if (action === 'revoke') return `revoked: ${key.id} of ${key.consumer}`;
    if (key.id === made?.id) return `made: ${key.id} for ${key.consumer}; it is shown this once`;
    return `${key.id} of ${key.consumer} is valid until ${key.expires}`;
  });
  const away = 'Redis did not answer: this is kept on this machine, and other replicas follow when Redis is back';
  return { out: made ? [made.key.reveal()] : [], err: saved === 'here' ? [...lines, `warning: ${away}`] : lines, exitCode: 0 };
}

function listed(document: ConsumerKeys, nowMs: number): readonly string[] {
  const valid = validKeys(document, nowMs).toSorted((a, b) => (a.consumer < b.consumer ? -1 : Number(a.consumer > b.consumer)));
  const width = Math.max(0, ...valid.map(({ consumer }) => consumer.length));
  return valid.map(
    ({ id, consumer, made, expires }) =>
      `${consumer.padEnd(width)}  ${id}  made ${made}${expires === undefined ? '' : `  valid until ${expires}`}`,
  );
}
