/** The tables of clickai, in order of their making. A tree of components is kept as a list of who stands inside whom. */
export const migrations: readonly string[] = [
  `
  CREATE TABLE blocks (
    id       TEXT    PRIMARY KEY,
    parent   TEXT    REFERENCES blocks,
    position INTEGER NOT NULL,
    kind     TEXT    NOT NULL,
    props    TEXT    NOT NULL CHECK (json_type(props) = 'object'),
    UNIQUE (parent, position)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE sites (
    id           TEXT PRIMARY KEY,
    owner_id     TEXT NOT NULL,
    title        TEXT NOT NULL,
    url          TEXT NOT NULL UNIQUE,
    published_at TEXT,
    root         TEXT NOT NULL UNIQUE REFERENCES blocks
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX sites_by_owner ON sites (owner_id, id);
  `,
];
