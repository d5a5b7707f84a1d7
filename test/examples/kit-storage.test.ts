import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { Database, json } from '../../examples/kit/index.js';
import { type Migration, migrate } from '../../examples/kit/migrate.js';
import { temporaryFolder } from './kit-fixture.js';

const Note = z.object({ id: z.int(), text: z.string() });
const makeNotes = 'CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT';
const addNote =
  (text: string): Migration =>
  (db) =>
    db.run('INSERT INTO notes (text) VALUES ($text)', { text });
const notesOf = (db: Database): string[] => db.all(Note, 'SELECT id, text FROM notes ORDER BY id').map((note) => note.text);
const noSeed = (): void => {};

describe('migrations', () => {
  it('run once each, over any number of starts, with the appended ones last', () => {
    using folder = temporaryFolder();
    const seed = (db: Database): void => db.run(`INSERT INTO notes (text) VALUES ('seed')`);
    for (const migrations of [
      [makeNotes, addNote('second')],
      [makeNotes, addNote('second')],
      [makeNotes, addNote('second'), addNote('third')],
    ]) {
      using db = new Database(folder.path, 'notes');
      migrate(db, 'notes', migrations, seed);
    }
    using db = new Database(folder.path, 'notes');
    expect(notesOf(db)).toEqual(['second', 'seed', 'third']);
    expect(db.all(z.object({ id: z.string() }), 'SELECT id FROM migrations ORDER BY id').map(({ id }) => id)).toEqual([
      '0001',
      '0002',
      '0003',
      'seed',
    ]);
  });

  it('leave nothing of a step that fails, so that the next start tries it again', () => {
    using folder = temporaryFolder();
    using db = new Database(folder.path, 'notes');
    const halfway: Migration = (half) => {
      half.run(`INSERT INTO notes (text) VALUES ('half')`);
      throw new Error('halfway');
    };
    expect(() => migrate(db, 'notes', [makeNotes, halfway], noSeed)).toThrow('halfway');
    expect(notesOf(db)).toEqual([]);
    migrate(db, 'notes', [makeNotes, addNote('whole')], noSeed);
    expect(notesOf(db)).toEqual(['whole']);
  });

  it('seed with numbers that depend on the name alone', () => {
    const numbers = (name: string): number[] => {
      using folder = temporaryFolder();
      using db = new Database(folder.path, name);
      const seen: number[] = [];
      migrate(db, name, [], (_, random) => seen.push(...Array.from({ length: 20 }, () => random.int(1, 1000))));
      return seen;
    };
    expect(numbers('auth')).toEqual(numbers('auth'));
    expect(numbers('auth')).not.toEqual(numbers('inventory'));
    for (const number of numbers('auth')) expect(number >= 1 && number <= 1000).toBe(true);
  });
});

describe('a database', () => {
  it('is made, with its folder, in one file named after the product', () => {
    using folder = temporaryFolder();
    const dataDir = join(folder.path, 'deep', 'data');
    using _db = new Database(dataDir, 'notes');
    expect(existsSync(join(dataDir, 'notes.db'))).toBe(true);
  });

  it('can be opened by nobody else while it is open', () => {
    using folder = temporaryFolder();
    using db = new Database(folder.path, 'notes');
    db.exec(makeNotes);
    using other = new DatabaseSync(join(folder.path, 'notes.db'));
    expect(() => other.prepare('SELECT * FROM notes')).toThrow('database is locked');
  });

  it('reaches no other file', () => {
    using folder = temporaryFolder();
    using other = new Database(folder.path, 'other');
    other.exec(makeNotes);
    using db = new Database(folder.path, 'notes');
    expect(() => db.exec(`ATTACH '${join(folder.path, 'other.db')}' AS other`)).toThrow('too many attached databases');
  });

  it('keeps foreign keys', () => {
    using folder = temporaryFolder();
    using db = new Database(folder.path, 'notes');
    db.exec(`${makeNotes}; CREATE TABLE marks (note_id INTEGER NOT NULL REFERENCES notes)`);
    expect(() => db.run('INSERT INTO marks (note_id) VALUES (1)')).toThrow('FOREIGN KEY');
  });

  it('reads rows as the schema says, JSON columns too, and refuses others', () => {
    using folder = temporaryFolder();
    using db = new Database(folder.path, 'notes');
    const Row = z.object({ tags: json(z.array(z.string())) });
    expect(db.one(Row, `SELECT '["a","b"]' AS tags`)).toEqual({ tags: ['a', 'b'] });
    expect(db.one(Row, `SELECT '["a"]' AS tags WHERE $none = 1`, { none: 0 })).toBeUndefined();
    expect(() => db.one(Row, `SELECT '[1]' AS tags`)).toThrow('expected string');
  });
});
