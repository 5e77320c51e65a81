-- Format 2 to 3: a row of `events` may hold several. See `schema.sql` for what the column means.

ALTER TABLE events ADD COLUMN count INTEGER NOT NULL DEFAULT 1;
