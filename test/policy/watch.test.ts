import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { type Clock, systemClock } from '../../src/clock.js';
import { type Watching, watch } from '../../src/policy/watch.js';
import { handClock } from '../hand-clock.js';
import { temporaryFolder } from './temporary-folder.js';

/** The machine's clock, without the slow poll: what is told under it was told by a sign of the folder. */
const signsOnly: Clock = {
  ...systemClock,
  after: (ms, ring) => (ms < 1000 ? systemClock.after(ms, ring) : { cancel: () => undefined }),
};

/** A watch, with the texts that it told; `next` resolves with the next one. */
function watched(file: string, clock: Clock): Watching & { readonly told: string[]; next(): Promise<string> } {
  const told: string[] = [];
  let tell: (text: string) => void = () => undefined;
  const watching = watch(file, clock, (text) => {
    told.push(text);
    tell(text);
  });
  const next = (): Promise<string> =>
    new Promise((resolve) => {
      tell = resolve;
    });
  return { ...watching, told, next };
}

describe('a watched file', () => {
  it('is told once at first: it may have changed since it was loaded', async () => {
    using folder = temporaryFolder();
    const file = join(folder.path, 'gateway.yaml');
    writeFileSync(file, 'one');
    using watching = watched(file, signsOnly);
    expect(await watching.next()).toBe('one');
  });

  it.each([
    ['written anew', (file: string, text: string): void => writeFileSync(file, text)],
    [
      'replaced by another, as editors do',
      (file: string, text: string): void => {
        writeFileSync(`${file}~`, text);
        renameSync(`${file}~`, file);
      },
    ],
    [
      'deleted and made again',
      (file: string, text: string): void => {
        rmSync(file);
        writeFileSync(file, text);
      },
    ],
  ])('that is %s is told without waiting for the poll, again and again', async (_, change) => {
    using folder = temporaryFolder();
    const file = join(folder.path, 'gateway.yaml');
    writeFileSync(file, 'one');
    using watching = watched(file, signsOnly);
    await watching.next();
    for (const text of ['two', 'three']) {
      const next = watching.next();
      change(file, text);
      expect(await next).toBe(text);
    }
    expect(watching.told).toEqual(['one', 'two', 'three']);
  });

  it('that is a ConfigMap, swapped by a symbolic link, is told without waiting for the poll', async () => {
    using folder = temporaryFolder();
    const at = (...names: readonly string[]): string => join(folder.path, ...names);
    const place = (revision: string): void => {
      mkdirSync(at(`..${revision}`));
      writeFileSync(at(`..${revision}`, 'gateway.yaml'), revision);
      symlinkSync(`..${revision}`, at('..data_tmp'));
      renameSync(at('..data_tmp'), at('..data'));
    };
    place('one');
    symlinkSync('..data/gateway.yaml', at('gateway.yaml'));
    using watching = watched(at('gateway.yaml'), signsOnly);
    await watching.next();
    for (const revision of ['two', 'three']) {
      const next = watching.next();
      place(revision);
      expect(await next).toBe(revision);
    }
  });

  it('is told only once it stays as it is', async () => {
    using folder = temporaryFolder();
    const file = join(folder.path, 'gateway.yaml');
    const clock = handClock();
    writeFileSync(file, 'one');
    using watching = watched(file, clock);
    const looks = async (count: number): Promise<void> => {
      for (let i = 0; i < count; i++) {
        clock.advance(5000);
        await clock.waiting(1);
      }
    };
    await looks(2);
    expect(watching.told).toEqual(['one']);
    for (const half of ['t', 'tw', '']) {
      writeFileSync(file, half);
      await looks(1);
    }
    expect(watching.told).toEqual(['one']);
    writeFileSync(file, 'two');
    await looks(2);
    expect(watching.told).toEqual(['one', 'two']);
  });

  it('that is away for a moment is no news, and what comes back is news only where it is another', async () => {
    using folder = temporaryFolder();
    const file = join(folder.path, 'gateway.yaml');
    const clock = handClock();
    using watching = watched(file, clock);
    const become = async (text: string | undefined): Promise<void> => {
      if (text === undefined) rmSync(file);
      else writeFileSync(file, text);
      for (let look = 0; look < 2; look++) {
        clock.advance(5000);
        await clock.waiting(1);
      }
    };
    for (const text of ['one', undefined, 'one', undefined, 'two', 'two']) await become(text);
    expect(watching.told).toEqual(['one', 'two']);
  });

  it('in a folder that can not be watched is polled', async () => {
    using folder = temporaryFolder();
    const later = join(folder.path, 'later');
    const clock = handClock();
    using watching = watched(join(later, 'gateway.yaml'), clock);
    mkdirSync(later);
    writeFileSync(join(later, 'gateway.yaml'), 'one');
    for (let look = 0; look < 2; look++) {
      clock.advance(5000);
      await clock.waiting(1);
    }
    expect(watching.told).toEqual(['one']);
  });

  it('is left alone once the watch has ended', () => {
    using folder = temporaryFolder();
    const clock = handClock();
    const watching = watched(join(folder.path, 'gateway.yaml'), clock);
    expect(clock.pending).toBe(1);
    watching.close();
    expect(clock.pending).toBe(0);
    clock.advance(5000);
    expect(clock.pending).toBe(0);
  });
});
