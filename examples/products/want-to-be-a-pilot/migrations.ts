/** The tables of want-to-be-a-pilot, in order of their making. */
export const migrations: readonly string[] = [
  `
  CREATE TABLE instructors (
    id   INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    base TEXT NOT NULL
  ) STRICT;

  CREATE TABLE plans (
    id         TEXT    PRIMARY KEY,
    user_id    TEXT    NOT NULL UNIQUE,
    goal       TEXT    NOT NULL CHECK (goal IN ('PPL', 'CPL', 'ATPL')),
    started_on TEXT    NOT NULL,
    instructor INTEGER NOT NULL REFERENCES instructors
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX plans_by_instructor ON plans (instructor);

  CREATE TABLE milestones (
    plan   TEXT    NOT NULL REFERENCES plans,
    due_on TEXT    NOT NULL,
    name   TEXT    NOT NULL,
    done   INTEGER NOT NULL CHECK (done IN (0, 1)),
    PRIMARY KEY (plan, due_on, name)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE lessons (
    plan     TEXT    NOT NULL REFERENCES plans,
    at       TEXT    NOT NULL,
    topic    TEXT    NOT NULL,
    aircraft TEXT    NOT NULL,
    flown    INTEGER NOT NULL CHECK (flown IN (0, 1)),
    PRIMARY KEY (plan, at)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX lessons_to_fly ON lessons (plan, at) WHERE flown = 0;
  `,
];
