import { describe, expect } from '@jest/globals';
import { systemClock } from '../../src/clock.js';
import { makeKey } from '../../src/identity/api-key.js';
import { command } from '../../src/identity/command.js';
import { type ConsumerKeys, NO_KEYS, addKey } from '../../src/identity/consumer-keys.js';
import { type KeyStore, followKeys } from '../../src/identity/key-store.js';
import { keysFile } from '../../src/identity/keys-file.js';
import { sharedKeys } from '../../src/identity/keys-redis.js';
import { withKeys } from '../../src/identity/open-keys.js';
import { overridesInMemory } from '../../src/policy/overrides.js';
import { Shared } from '../../src/redis/shared.js';
import { temporaryFolder } from '../policy/temporary-folder.js';
import { type RedisServer, redisTests } from '../redis-server.js';
import { becomes, hearing } from '../redis/rig.js';
import { ToldKeyring } from './told-keyring.js';

const HMAC_KEY = 'a key of sixteen characters';

/** A replica with a folder of its own, whose keys are those of all. */
async function replica(server: RedisServer) {
  const folder = temporaryFolder();
  const file = keysFile(folder.path, systemClock);
  const shared = new Shared({
    url: server.url,
    hmacKey: HMAC_KEY,
    clock: systemClock,
    random: () => 0.5,
    observer: hearing(),
    undecodable: () => undefined,
    limitedHere: () => undefined,
    file: overridesInMemory(),
  });
  await becomes(shared.redis, true);
  const store = sharedKeys(shared.redis, shared.consumerKeys, shared.bus, file);
  const keyring = new ToldKeyring();
  const following = await followKeys(store, keyring, () => undefined);
  const close = async (): Promise<void> => {
    following[Symbol.dispose]();
    await shared.close();
    folder[Symbol.dispose]();
  };
  return { folder: folder.path, file, shared, store, keyring, [Symbol.asyncDispose]: close };
}

/** `npm run consumer`, beside a replica. */
const run = (server: RedisServer, dataDir: string, ...argv: readonly string[]) =>
  command(argv, {
    nowMs: systemClock.date(),
    known: () => Promise.resolve(new Set(['web'])),
    withStore: (work) => withKeys({ dataDir, redisUrl: server.url, redisHmacKey: HMAC_KEY }, systemClock, work),
  });

function added(document: ConsumerKeys): ConsumerKeys {
  const changed = addKey(document, makeKey(), 'web', systemClock.date());
  if (!changed.ok) throw new Error(changed.why);
  return changed.next;
}

describe('keys in Redis', () => {
  redisTests({
    'that the command line makes and takes back are so on all replicas, which keep a copy, by a message': async (server) => {
      await using one = await replica(server);
      await using two = await replica(server);
      using elsewhere = temporaryFolder();
      const { out, exitCode } = await run(server, elsewhere.path, 'add', 'web');
      expect(exitCode).toBe(0);
      const [key = ''] = out;
      await Promise.all([one.keyring.reaches(1), two.keyring.reaches(1)]);
      expect([one, two].map(({ keyring }) => keyring.ring.consumerOf(key, systemClock.date()))).toEqual(['web', 'web']);
      expect((await two.file.load()).revision).toBe(1);
      await run(server, elsewhere.path, 'revoke', 'web');
      await Promise.all([one.keyring.reaches(2), two.keyring.reaches(2)]);
      expect([one, two].map(({ keyring }) => keyring.ring.consumerOf(key, systemClock.date()))).toEqual([undefined, undefined]);
      expect(JSON.stringify(await server.command('HGETALL', 'il:1:consumer-keys'))).not.toContain(key.slice(12, 44));
    },

    'are read as soon as Redis answers, where it did not when a replica started': async (server) => {
      await using one = await replica(server);
      await one.store.save(added(NO_KEYS));
      using folder = temporaryFolder();
      const keyring = new ToldKeyring();
      const { redis, consumerKeys, bus } = one.shared;
      const store = sharedKeys(redis, consumerKeys, bus, keysFile(folder.path, systemClock));
      server.freeze();
      using _ = await followKeys(store, keyring, () => undefined);
      expect(keyring.ring.revision).toBe(0);
      server.thaw();
      await keyring.reaches(1);
    },

    'are written by one of two who change them at the same time': async (server) => {
      await using one = await replica(server);
      await using two = await replica(server);
      const saved = await Promise.all([one.store.save(added(NO_KEYS)), two.store.save(added(NO_KEYS))]);
      expect(saved.toSorted()).toEqual(['conflict', 'everywhere']);
    },

    'that Redis forgot come back from the copy of whoever reads next, and all hear of it': async (server) => {
      await using one = await replica(server);
      await using two = await replica(server);
      await one.store.save(added(NO_KEYS));
      await two.keyring.reaches(1);
      await server.command('FLUSHALL');
      expect((await one.store.load()).revision).toBe(1);
      expect((await one.shared.consumerKeys.read()).ok && (await two.store.load()).revision).toBe(1);
    },

    'that changed while Redis was away are kept on this machine, said to be, and reach the others when it is back': async (server) => {
      await using one = await replica(server);
      await using two = await replica(server);
      await one.store.save(added(NO_KEYS));
      await two.keyring.reaches(1);
      await server.kill();
      await Promise.all([becomes(one.shared.redis, false), becomes(two.shared.redis, false)]);
      const next = added(await one.store.load());
      expect(await one.store.save(next)).toBe('here');
      expect(two.keyring.ring.revision).toBe(1);
      await server.restart();
      await two.keyring.reaches(2);
      expect(await two.file.load()).toEqual(next);
    },

    'that somebody wrote who does not know the secret count for nothing': async (server) => {
      await using one = await replica(server);
      await one.store.save(added(NO_KEYS));
      await server.command('HSET', 'il:1:consumer-keys', 'revision', '9', 'text', JSON.stringify({ ...NO_KEYS, revision: 9 }));
      expect((await one.store.load()).revision).toBe(1);
    },

    'are in force where this machine can keep no copy of them': async (server) => {
      await using one = await replica(server);
      const full: KeyStore = { ...one.file, save: () => Promise.reject(new Error('ENOSPC')) };
      const store = sharedKeys(one.shared.redis, one.shared.consumerKeys, one.shared.bus, full);
      expect(await store.save(added(NO_KEYS))).toBe('everywhere');
      await server.kill();
      await becomes(one.shared.redis, false);
      await expect(store.save({ ...NO_KEYS, revision: 2 })).rejects.toThrow('ENOSPC');
    },
  });
});
