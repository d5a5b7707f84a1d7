/** The tables of aviation-infinity, in order of their making. */
export const migrations: readonly string[] = [
  `
  CREATE TABLE subjects (
    code  TEXT PRIMARY KEY,
    title TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE subject_licences (
    licence TEXT NOT NULL CHECK (licence IN ('PPL', 'CPL', 'ATPL')),
    subject TEXT NOT NULL REFERENCES subjects,
    PRIMARY KEY (licence, subject)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX subject_licences_by_subject ON subject_licences (subject);

  CREATE TABLE chapters (
    id      INTEGER PRIMARY KEY,
    subject TEXT    NOT NULL REFERENCES subjects,
    number  INTEGER NOT NULL,
    title   TEXT    NOT NULL,
    UNIQUE (subject, number)
  ) STRICT;

  CREATE TABLE topics (
    id        INTEGER PRIMARY KEY,
    chapter   INTEGER NOT NULL REFERENCES chapters,
    position  INTEGER NOT NULL,
    name      TEXT    NOT NULL,
    questions INTEGER NOT NULL CHECK (questions > 0),
    UNIQUE (chapter, position)
  ) STRICT;
  `,
  `
  CREATE TABLE learners (
    user_id TEXT PRIMARY KEY,
    licence TEXT NOT NULL CHECK (licence IN ('PPL', 'CPL', 'ATPL'))
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE answers (
    user_id  TEXT    NOT NULL REFERENCES learners,
    topic    INTEGER NOT NULL REFERENCES topics,
    answered INTEGER NOT NULL CHECK (answered > 0),
    correct  INTEGER NOT NULL CHECK (correct BETWEEN 0 AND answered),
    PRIMARY KEY (user_id, topic)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE attempts (
    user_id TEXT    NOT NULL REFERENCES learners,
    chapter INTEGER NOT NULL REFERENCES chapters,
    at      TEXT    NOT NULL,
    score   INTEGER NOT NULL CHECK (score BETWEEN 0 AND 100),
    PRIMARY KEY (user_id, chapter, at)
  ) STRICT, WITHOUT ROWID;
  `,
];
