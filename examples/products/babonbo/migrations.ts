/** The tables of babonbo, in order of their making. Money is kept in the smallest unit of its currency. */
export const migrations: readonly string[] = [
  `
  CREATE TABLE providers (
    id      TEXT PRIMARY KEY,
    user_id TEXT NOT NULL UNIQUE,
    name    TEXT NOT NULL,
    city    TEXT NOT NULL,
    since   TEXT NOT NULL,
    rating  REAL CHECK (rating BETWEEN 1 AND 5)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE listings (
    id            TEXT    PRIMARY KEY,
    provider_id   TEXT    NOT NULL REFERENCES providers,
    title         TEXT    NOT NULL,
    description   TEXT    NOT NULL,
    category      TEXT    NOT NULL,
    city          TEXT    NOT NULL,
    cents_per_day INTEGER NOT NULL CHECK (cents_per_day > 0),
    currency      TEXT    NOT NULL,
    rating        REAL    CHECK (rating BETWEEN 1 AND 5)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX listings_by_city ON listings (city, cents_per_day, id);
  CREATE INDEX listings_by_provider ON listings (provider_id);

  CREATE TABLE bookings (
    id           TEXT    PRIMARY KEY,
    listing_id   TEXT    NOT NULL REFERENCES listings,
    provider_id  TEXT    NOT NULL REFERENCES providers,
    traveller_id TEXT    NOT NULL,
    from_date    TEXT    NOT NULL,
    to_date      TEXT    NOT NULL CHECK (to_date > from_date),
    status       TEXT    NOT NULL,
    cents        INTEGER NOT NULL,
    currency     TEXT    NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX bookings_by_traveller ON bookings (traveller_id, from_date DESC, id DESC);
  CREATE INDEX bookings_by_listing ON bookings (listing_id);
  CREATE INDEX bookings_by_provider ON bookings (provider_id);
  `,
];
