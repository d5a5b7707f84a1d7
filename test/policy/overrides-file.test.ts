import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, it } from '@jest/globals';
import { NONE } from '../../src/policy/overrides.js';
import { overridesFile } from '../../src/policy/overrides-file.js';
import { done, policyOver, turn } from './landscape.js';
import { temporaryFolder } from './temporary-folder.js';

const FRESH = 'products.auth.operations.getUser.cache.fresh';
const revised = (revision: number): typeof NONE => ({ ...NONE, revision });

describe('the file of overrides', () => {
  it('is nothing where there is none, and is made with its folder once something is turned', async () => {
    using folder = temporaryFolder();
    const data = join(folder.path, 'a', 'b');
    const store = overridesFile(data);
    expect(await store.load()).toEqual(NONE);
    expect(existsSync(data)).toBe(false);
    expect(await store.save(revised(1))).toBe(true);
    expect(await store.load()).toEqual(revised(1));
    expect(readdirSync(data)).toEqual(['overrides.json']);
    expect(statSync(join(data, 'overrides.json')).mode & 0o777).toBe(0o600);
  });

  it('makes a new process turn on where the old one ended: override, end, isolation, history', async () => {
    using folder = temporaryFolder();
    using before = policyOver({ store: overridesFile(folder.path) });
    await done(turn(before, { [FRESH]: '5s' }, 60_000));
    await done(before.isolate('shop', true, 'grace', 'it burns'));
    using after = policyOver({ store: overridesFile(folder.path) });
    await after.restore();
    expect(after.snapshot).toEqual(before.snapshot);
    expect(after.history).toEqual(JSON.parse(JSON.stringify(before.history)));
    await done(after.undo(2, 'ada'));
    expect(after.snapshot.operation(2).product.isolated).toBe(false);
  });

  it.each([
    ['half of one', '{"format":1,"revision":1,"knobs":{'],
    ['nothing', ''],
    ['something else', '{"hello":"world"}'],
    ['a format of some later day', JSON.stringify({ ...NONE, format: 2 })],
  ])('that holds %s is refused by name, and stays as it is', async (_, text) => {
    using folder = temporaryFolder();
    const file = join(folder.path, 'overrides.json');
    writeFileSync(file, text);
    using policy = policyOver({ store: overridesFile(folder.path) });
    await expect(policy.restore()).rejects.toMatchObject({
      name: 'ConfigError',
      message: `${file}: expected overrides as the gateway writes them, it holds something else; move the file away to start without any`,
    });
    expect(readFileSync(file, 'utf8')).toBe(text);
  });

  it('that can not be read is refused by name', async () => {
    using folder = temporaryFolder();
    const file = join(folder.path, 'overrides.json');
    mkdirSync(file);
    await expect(overridesFile(folder.path).load()).rejects.toThrow(
      `${file}: expected overrides as the gateway writes them, can't read it (EISDIR); move the file away to start without any`,
    );
  });

  it('that can not be written leaves the old revision in force and in the file', async () => {
    using folder = temporaryFolder();
    using policy = policyOver({ store: overridesFile(folder.path) });
    await done(turn(policy, { [FRESH]: '5s' }));
    const file = join(folder.path, 'overrides.json');
    const text = readFileSync(file, 'utf8');
    mkdirSync(`${file}.new`); // stands where the next one would be written
    const { revision } = policy.snapshot;
    expect(await turn(policy, { [FRESH]: '6s' })).toMatchObject({ refused: 'store', cause: { code: 'EISDIR' } });
    expect(policy.snapshot.revision).toBe(revision);
    expect(readFileSync(file, 'utf8')).toBe(text);
  });

  it('may be written by several processes at once: each revision is whole', async () => {
    using folder = temporaryFolder();
    const stores = ['1', '2'].map((writer) => overridesFile(folder.path, writer));
    for (let revision = 1; revision <= 20; revision++) {
      await Promise.all(stores.map((store) => store.save(revised(revision))));
      expect(await overridesFile(folder.path).load()).toEqual(revised(revision));
    }
    expect(readdirSync(folder.path)).toEqual(['overrides.json']);
  });

  it('forgets what a process left half written beside it', async () => {
    using folder = temporaryFolder();
    const store = overridesFile(folder.path);
    await store.save(revised(1));
    writeFileSync(join(folder.path, 'overrides.json.new'), '{"format":1,"rev');
    expect(await store.load()).toEqual(revised(1));
    await store.save(revised(2));
    expect(await store.load()).toEqual(revised(2));
    expect(readdirSync(folder.path)).toEqual(['overrides.json']);
  });
});

describe('a process that is killed while it writes', () => {
  /** Lets a process write until it is killed: by itself at this moment, or once it has said so many revisions. */
  async function killed(
    folder: string,
    moment: 'before' | 'after' | number,
  ): Promise<{ readonly said: number; readonly revision: number }> {
    const script = join(import.meta.dirname, 'overrides-writer.ts');
    const args = ['--disable-warning=ExperimentalWarning', '--import', join(import.meta.dirname, '../process/from-source.ts'), script];
    const child = spawn(process.execPath, [...args, folder, String(moment)], { stdio: ['ignore', 'pipe', 'inherit'] });
    const ended = once(child, 'close');
    let said = 0;
    for await (const line of createInterface(child.stdout)) {
      said = Number(line);
      if (said === moment) child.kill('SIGKILL');
    }
    await ended;
    expect(child.signalCode).toBe('SIGKILL');
    const { revision, knobs } = await overridesFile(folder).load();
    expect(Object.values(knobs).map(({ value }) => value)).toEqual(Array.from({ length: 500 }, () => `${revision}ms`));
    return { said, revision };
  }

  it('between the writing and the renaming leaves the old revision, whole', async () => {
    using folder = temporaryFolder();
    expect(await killed(folder.path, 'before')).toEqual({ said: 2, revision: 2 });
    expect(readdirSync(folder.path)).toEqual(['overrides.json', 'overrides.json.new']);
  }, 30_000);

  it('after the renaming leaves the new revision, whole', async () => {
    using folder = temporaryFolder();
    expect(await killed(folder.path, 'after')).toEqual({ said: 2, revision: 3 });
  }, 30_000);

  it.each([1, 5, 20])(
    'somewhere after %d revisions leaves the last one that it said was stored, or the next, whole',
    async (count) => {
      using folder = temporaryFolder();
      const { said, revision } = await killed(folder.path, count);
      expect([said, said + 1]).toContain(revision);
    },
    30_000,
  );
});
