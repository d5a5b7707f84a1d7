import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';

const tests = join(import.meta.dirname, '..');
const table = readFileSync(join(tests, '../docs/failure-modes.md'), 'utf8');

/** Each row by its number, and the tests that it names: a file, and a piece of a test's name. */
const rows = [...table.matchAll(/^\| (F\d\d) .*$/gm)].map(([line, row = '']) => ({
  row,
  line,
  named: [...line.matchAll(/`([a-z/-]+\.test\.ts)` "([^"]+)"/g)].map(([, file = '', name = '']) => ({ file, name })),
}));

const from = (first: number, last: number): string[] =>
  Array.from({ length: last - first + 1 }, (_, nth) => `F${String(first + nth).padStart(2, '0')}`);

describe('docs/failure-modes.md', () => {
  it('has every row once, in order', () => {
    expect(rows.map(({ row }) => row)).toEqual(from(1, 76));
  });

  it('names tests that are there, or says of a row that nothing shows it yet', () => {
    const wrong = rows.flatMap(({ row, line, named }) => [
      ...(named.length === 0 && !line.includes('**not shown yet**') ? [`${row} names no test`] : []),
      ...named
        .filter(({ file, name }) => !existsSync(join(tests, file)) || !readFileSync(join(tests, file), 'utf8').includes(name))
        .map(({ file, name }) => `${row}: test/${file} has no "${name}"`),
    ]);
    expect(wrong).toEqual([]);
  });
});
