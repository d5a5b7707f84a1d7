import { mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { type Clock, systemClock } from '../../src/clock.js';
import { makeKey } from '../../src/identity/api-key.js';
import { type ConsumerKeys, NO_KEYS, addKey, revokeKeys } from '../../src/identity/consumer-keys.js';
import { type KeyStore, followKeys } from '../../src/identity/key-store.js';
import { Keyring } from '../../src/identity/keyring.js';
import { keysFile } from '../../src/identity/keys-file.js';
import { handClock } from '../hand-clock.js';
import { temporaryFolder } from '../policy/temporary-folder.js';
import { settled } from './issuing.js';
import { ToldKeyring } from './told-keyring.js';

/** The machine's clock without the slow poll: what is noticed under it was noticed by a sign of the folder. */
const signsOnly: Clock = {
  ...systemClock,
  after: (ms, ring) => (ms < 1000 ? systemClock.after(ms, ring) : { cancel: () => undefined }),
};

const made = makeKey();

function added(document = NO_KEYS, key = made): ConsumerKeys {
  const changed = addKey(document, key, 'web', 0);
  if (!changed.ok) throw new Error(changed.why);
  return changed.next;
}

describe('the file of consumers’ keys', () => {
  it('is no keys where there is none, and is made with its folder, for its owner alone', async () => {
    using folder = temporaryFolder();
    const data = join(folder.path, 'a', 'b');
    const store = keysFile(data, handClock());
    expect(await store.load()).toEqual(NO_KEYS);
    expect(await store.save(added())).toBe('everywhere');
    expect(await store.load()).toEqual(added());
    expect(readdirSync(data)).toEqual(['consumer-keys.json']);
    expect(statSync(join(data, 'consumer-keys.json')).mode & 0o777).toBe(0o600);
  });

  it('is not written by who does not know what stands in it', async () => {
    using folder = temporaryFolder();
    const store = keysFile(folder.path, handClock());
    await store.save(added());
    expect(await store.save({ ...NO_KEYS, revision: 1 })).toBe('conflict');
    expect(await store.load()).toEqual(added());
  });

  it.each([
    ['half of it', '{"format":1,"revision":1,"keys":[{'],
    ['nothing', ''],
    ['something else', '{"web":"ik_secret"}'],
  ])('that holds %s is refused by name without repeating it, and stays as it is', async (_, text) => {
    using folder = temporaryFolder();
    const file = join(folder.path, 'consumer-keys.json');
    writeFileSync(file, text);
    const store = keysFile(folder.path, handClock());
    const refused = `${file}: expected consumers' keys as the gateway writes them, it holds something else; move the file away to start without any`;
    await expect(store.load()).rejects.toMatchObject({ name: 'KeysError', message: refused });
    await expect(store.save(added())).rejects.toThrow(refused);
    expect(readFileSync(file, 'utf8')).toBe(text);
  });

  it('that can not be read is refused by name', async () => {
    using folder = temporaryFolder();
    mkdirSync(join(folder.path, 'consumer-keys.json'));
    await expect(keysFile(folder.path, handClock()).load()).rejects.toThrow("can't read it (EISDIR)");
  });

  it('is noticed by a running gateway when the command line writes it, without waiting for the poll', async () => {
    using folder = temporaryFolder();
    const keyring = new ToldKeyring();
    using _following = await followKeys(keysFile(join(folder.path, 'data'), signsOnly), keyring, () => undefined);
    expect(keyring.ring.consumerOf(made.key.reveal(), 0)).toBeUndefined();
    const other = keysFile(join(folder.path, 'data'), handClock());
    await other.save(added());
    await keyring.reaches(1);
    expect(keyring.ring.consumerOf(made.key.reveal(), 0)).toBe('web');
    const revoked = revokeKeys(added(), 'web', 0);
    if (revoked.ok) await other.save(revoked.next);
    await keyring.reaches(2);
    expect(keyring.ring.consumerOf(made.key.reveal(), 0)).toBeUndefined();
  });

  it('that is broken while the gateway runs leaves the last good keys in force, and is told', async () => {
    using folder = temporaryFolder();
    const store = keysFile(folder.path, signsOnly);
    await store.save(added());
    const keyring = new Keyring();
    const { promise, resolve } = Promise.withResolvers<unknown>();
    using _following = await followKeys(store, keyring, resolve);
    writeFileSync(join(folder.path, 'consumer-keys.json'), '{');
    expect(await promise).toMatchObject({ name: 'KeysError' });
    expect(keyring.consumerOf(made.key.reveal(), 0)).toBe('web');
  });
});

describe('a keyring that follows a store', () => {
  /** A store whose every reading is answered by the test. */
  function slowStore() {
    const asked: ((document: ConsumerKeys) => void)[] = [];
    let listener: () => void = () => undefined;
    const store: KeyStore = {
      load: () => new Promise((resolve) => asked.push(resolve)),
      save: () => Promise.resolve('everywhere'),
      onChange(tell) {
        listener = tell;
        return {
          [Symbol.dispose]() {
            listener = () => undefined;
          },
        };
      },
    };
    return { store, asked, changes: () => listener() };
  }

  it('misses nothing that changes while it reads, and reads once for many signs', async () => {
    const { store, asked, changes } = slowStore();
    const keyring = new Keyring();
    const starting = followKeys(store, keyring, () => undefined);
    changes();
    changes();
    asked[0]?.({ ...NO_KEYS, revision: 1 });
    using _following = await starting;
    expect([keyring.revision, asked.length]).toEqual([1, 2]);
    for (let i = 0; i < 5; i++) changes();
    asked[1]?.({ ...NO_KEYS, revision: 2 });
    await settled();
    expect([keyring.revision, asked.length]).toEqual([2, 3]);
    asked[2]?.({ ...NO_KEYS, revision: 3 });
    await settled();
    expect([keyring.revision, asked.length]).toEqual([3, 3]);
  });

  it('takes nothing any more once it has ended', async () => {
    const { store, asked, changes } = slowStore();
    const keyring = new Keyring();
    const starting = followKeys(store, keyring, () => undefined);
    asked[0]?.(NO_KEYS);
    const following = await starting;
    changes();
    following[Symbol.dispose]();
    asked[1]?.({ ...NO_KEYS, revision: 1 });
    changes();
    await settled();
    expect([keyring.revision, asked.length]).toEqual([0, 2]);
  });
});
