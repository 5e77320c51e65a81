-- Format 1 to 2: what is known of events that were removed for good. See `schema.sql` for what the columns mean.

CREATE TABLE pruned (
  last  INTEGER PRIMARY KEY,
  first INTEGER NOT NULL,
  link  BLOB NOT NULL
) STRICT;

CREATE TABLE pruned_runs (
  run  TEXT PRIMARY KEY,
  kept TEXT NOT NULL
) STRICT;
