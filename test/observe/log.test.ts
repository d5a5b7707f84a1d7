import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { REQUEST, linesTo, makeLog, unredacted } from '../../src/observe/log.js';
import { until } from '../until.js';

/** A file that lines go to. */
class LogFile implements Disposable {
  readonly #folder = mkdtempSync(join(tmpdir(), 'interline-log-'));
  readonly path = join(this.#folder, 'log');

  get lines(): readonly unknown[] {
    return readFileSync(this.path, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as unknown);
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true });
  }
}

describe('a line of the log', () => {
  it('of a request is written with others, and before any other line, which goes out at once', () => {
    using file = new LogFile();
    const log = makeLog('info', linesTo(file.path));
    log.info({ nth: 1 }, REQUEST);
    expect(file.lines).toEqual([]);
    log.info('another');
    expect(file.lines).toMatchObject([{ nth: 1 }, { msg: 'another' }]);
  });

  it('of a request is written soon where none follows', async () => {
    using file = new LogFile();
    makeLog('info', linesTo(file.path)).info({ nth: 1 }, REQUEST);
    await until(() => file.lines.length > 0);
    expect(file.lines).toMatchObject([{ nth: 1 }]);
  });

  it('is whole in each piece that is written, however many there are', () => {
    using file = new LogFile();
    const log = makeLog('info', linesTo(file.path));
    for (let nth = 0; nth < 1000; nth++) {
      log.info({ nth, text: 'x'.repeat(nth % 300) }, REQUEST);
      const text = readFileSync(file.path, 'utf8');
      expect(text === '' || text.endsWith('\n')).toBe(true);
    }
    log.error('the last');
    expect(file.lines).toHaveLength(1001);
  });

  it('has its secrets cut out, unless all its fields are ours', () => {
    using file = new LogFile();
    const log = makeLog('info', linesTo(file.path));
    log.info({ token: 'hidden', of: { password: 'hidden' } });
    unredacted(log).info({ parts: { token: 'a part' } });
    log.warn('the last');
    expect(file.lines).toMatchObject([{ token: '[redacted]', of: { password: '[redacted]' } }, { parts: { token: 'a part' } }, {}]);
  });
});
