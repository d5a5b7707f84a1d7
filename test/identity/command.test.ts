import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { systemClock } from '../../src/clock.js';
import { USAGE } from '../../src/identity/arguments.js';
import { type Ran, command } from '../../src/identity/command.js';
import { NO_KEYS } from '../../src/identity/consumer-keys.js';
import type { KeyStore } from '../../src/identity/key-store.js';
import { Keyring } from '../../src/identity/keyring.js';
import { keysFile } from '../../src/identity/keys-file.js';
import { type HandClock, handClock } from '../hand-clock.js';
import { temporaryFolder } from '../policy/temporary-folder.js';

const KEY = /^ik_[0-9a-z]{8}_[\w-]{32}_[\w-]{6}$/;

/** The command on a folder of its own. */
function consumer(clock: HandClock = handClock()) {
  const folder = temporaryFolder();
  const store = keysFile(folder.path, clock);
  const on =
    (store: KeyStore) =>
    (...argv: readonly string[]): Promise<Ran> =>
      command(argv, {
        nowMs: clock.date(),
        known: () => Promise.resolve(new Set(['web', 'want-to-be-a-pilot'])),
        withStore: (work) => work(store),
      });
  const whose = async (key: string | undefined): Promise<string | undefined> =>
    new Keyring(await store.load()).consumerOf(key ?? '', clock.date());
  return { run: on(store), on, store, whose, clock, folder: folder.path, [Symbol.dispose]: () => folder[Symbol.dispose]() };
}

describe('npm run consumer', () => {
  it('add prints the new key alone on stdout, once; it is in force, and kept nowhere', async () => {
    using gateway = consumer();
    const { out, err, exitCode } = await gateway.run('add', 'web');
    expect([out.length, exitCode]).toEqual([1, 0]);
    const [key = ''] = out;
    expect(key).toMatch(KEY);
    expect(await gateway.whose(key)).toBe('web');
    const id = key.slice(3, 11);
    expect(err).toEqual([`made: ${id} for web; it is shown this once`]);
    expect(readFileSync(join(gateway.folder, 'consumer-keys.json'), 'utf8')).not.toContain(key.slice(12, 44));
    expect((await gateway.run('list')).out).toEqual([`web  ${id}  made 2026-11-20T12:00:00.000Z`]);
  });

  it('rotate lets the old key live on for a day, or as long as it is told', async () => {
    using gateway = consumer();
    const [old] = (await gateway.run('add', 'web')).out;
    const { out, err, exitCode } = await gateway.run('rotate', 'web');
    expect([await gateway.whose(old), await gateway.whose(out[0]), exitCode]).toEqual(['web', 'web', 0]);
    expect(err[1]).toBe(`${old?.slice(3, 11)} of web is valid until 2026-11-21T12:00:00.000Z`);
    gateway.clock.advance(24 * 3_600_000);
    expect([await gateway.whose(old), await gateway.whose(out[0])]).toEqual([undefined, 'web']);
    const [last] = (await gateway.run('rotate', 'web', '--overlap', 'off')).out;
    expect([await gateway.whose(out[0]), await gateway.whose(last)]).toEqual([undefined, 'web']);
  });

  it('revoke takes back one key by its id, or all by the name, also of a consumer that is known no more', async () => {
    using gateway = consumer();
    const [one = ''] = (await gateway.run('add', 'web')).out;
    const [two] = (await gateway.run('add', 'web')).out;
    expect(await gateway.run('revoke', one.slice(3, 11))).toEqual({ out: [], err: [`revoked: ${one.slice(3, 11)} of web`], exitCode: 0 });
    expect([await gateway.whose(one), await gateway.whose(two)]).toEqual([undefined, 'web']);
    const gone = await command(['revoke', 'web'], {
      nowMs: gateway.clock.date(),
      known: () => Promise.resolve(new Set()),
      withStore: (work) => work(gateway.store),
    });
    expect([gone.exitCode, await gateway.whose(two)]).toEqual([0, undefined]);
  });

  it.each([
    [['add', 'wbe'], 'expected a consumer of contracts/consumers, got "wbe" (did you mean "web"?)'],
    [
      ['rotate', 'want-to-be-pilot'],
      'expected a consumer of contracts/consumers, got "want-to-be-pilot" (did you mean "want-to-be-a-pilot"?)',
    ],
    [['revoke', 'webb'], 'revoke: expected a consumer with a key, or a key\'s id, got "webb" (did you mean "web"?)'],
    [['add'], 'add: expected a name'],
    [['add', 'web', 'web'], 'expected one name, got "web web"'],
    [['remove', 'web'], 'expected add, rotate, revoke or list, got "remove"'],
    [[], 'expected add, rotate, revoke or list, got ""'],
    [['list', 'web'], 'list: expected nothing more, got "web"'],
    [['add', 'web', '--overlap', '1h'], '--overlap: expected with rotate alone'],
    [['rotate', 'web', '--overlap', '2 days'], '--overlap: expected a duration like "30m", 24h at most, or "off", got "2 days"'],
  ])('%j is not understood, and changes nothing', async (argv, said) => {
    using gateway = consumer();
    await gateway.run('add', 'web');
    expect(await gateway.run(...argv)).toEqual({ out: [], err: [said, USAGE], exitCode: 2 });
    expect((await gateway.store.load()).revision).toBe(1);
  });

  it('an option that is not known is not understood', async () => {
    using gateway = consumer();
    expect((await gateway.run('add', 'web', '--force')).exitCode).toBe(2);
  });

  it('--help prints the usage', async () => {
    using gateway = consumer();
    expect(await gateway.run('--help')).toEqual({ out: [USAGE], err: [], exitCode: 0 });
  });

  it('says why it could not, and prints no key then: two are valid, another came first, keys can not be read', async () => {
    using gateway = consumer();
    await gateway.run('add', 'web');
    await gateway.run('add', 'web');
    const third = await gateway.run('add', 'web');
    expect(third).toMatchObject({ out: [], exitCode: 1 });
    expect(third.err[0]).toMatch(/^web has 2 valid keys, /);
    const raced: KeyStore = { ...gateway.store, load: () => Promise.resolve(NO_KEYS) };
    expect(await gateway.on(raced)('add', 'web')).toEqual({
      out: [],
      err: ['somebody else has changed the keys at the same moment: nothing was done, try again'],
      exitCode: 1,
    });
    writeFileSync(join(gateway.folder, 'consumer-keys.json'), '{');
    const unread = await gateway.run('list');
    expect(unread).toMatchObject({ out: [], exitCode: 1 });
    expect(unread.err[0]).toMatch(/consumer-keys\.json: expected consumers' keys as the gateway writes them/);
  });

  it('warns where replicas do not know it yet', async () => {
    using gateway = consumer();
    const away: KeyStore = { ...gateway.store, save: () => Promise.resolve('here') };
    const { out, err, exitCode } = await gateway.on(away)('add', 'web');
    expect([out.length, exitCode]).toEqual([1, 0]);
    expect(err[1]).toBe('warning: Redis did not answer: this is kept on this machine, and other replicas follow when Redis is back');
  });

  it('lists by consumer which keys are valid, and until when', async () => {
    using gateway = consumer();
    await gateway.run('add', 'web');
    await gateway.run('add', 'want-to-be-a-pilot');
    await gateway.run('rotate', 'web', '--overlap', '1h');
    expect((await gateway.run('list')).out.map((line) => line.replaceAll(/ [0-9a-z]{8} /g, ' id '))).toEqual([
      'want-to-be-a-pilot  id  made 2026-11-20T12:00:00.000Z',
      'web                 id  made 2026-11-20T12:00:00.000Z  valid until 2026-11-20T13:00:00.000Z',
      'web                 id  made 2026-11-20T12:00:00.000Z',
    ]);
  });

  it('as a process knows the consumers of the contracts, and reads its folder from the environment', async () => {
    using folder = temporaryFolder();
    const root = join(import.meta.dirname, '../..');
    const args = ['--disable-warning=ExperimentalWarning', '--import', join(root, 'test/process/from-source.ts')];
    const run = (...argv: readonly string[]) =>
      spawnSync(process.execPath, [...args, join(root, 'src/identity/main.ts'), ...argv], {
        encoding: 'utf8',
        env: { DATA_DIR: folder.path },
      });
    const added = run('add', 'want-to-be-a-pilot');
    expect([added.status, added.stdout.trimEnd()]).toEqual([0, expect.stringMatching(KEY)]);
    expect(added.stderr).toMatch(/^made: /);
    const keyring = new Keyring(await keysFile(folder.path, systemClock).load());
    expect(keyring.consumerOf(added.stdout.trimEnd(), systemClock.date())).toBe('want-to-be-a-pilot');
    const refused = run('add', 'nobody');
    expect([refused.status, refused.stdout]).toEqual([2, '']);
  }, 30_000);
});
