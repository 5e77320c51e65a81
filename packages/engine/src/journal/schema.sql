-- The whole store of an engine: one SQLite file. The tables here hold what cannot be computed; those of `folds.sql` are
-- folds of the events, kept for queries and rebuilt when their version changes. The state of running flows is in neither:
-- it is folded from `events`. Stores of earlier formats are brought to this one by `migrations/`.

-- `format` is the version of this file, `views` that of the folds, `epoch` counts the engines that have owned the store.
CREATE TABLE meta (
  key   TEXT PRIMARY KEY,
  value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What an actor did in one commit, one fact after the other and at one time, is a row. Facts are numbered from 1 without
-- gaps by `gseq`, and likewise within their actor by `seq`: the row has the numbers of its last one, and holds the `count`
-- ones up to it. `body` is the fact, or the list of them where there are several. Facts about the engine itself have the
-- empty run, and a row each. `hash` chains the rows: the first 16 bytes of SHA-256 over the hash before and the columns of
-- this row but for the count, which the numbers of the row before tell.
CREATE TABLE events (
  gseq  INTEGER PRIMARY KEY,
  run   TEXT NOT NULL,
  actor TEXT NOT NULL,
  seq   INTEGER NOT NULL,
  at    INTEGER NOT NULL,
  epoch INTEGER NOT NULL,
  body  TEXT NOT NULL,
  hash  BLOB NOT NULL,
  count INTEGER NOT NULL DEFAULT 1
) STRICT;

CREATE UNIQUE INDEX events_by_actor ON events (run, actor, seq);

-- Values that events hold by reference, under the SHA-256 of their bytes.
CREATE TABLE contents (
  hash BLOB PRIMARY KEY,
  body BLOB NOT NULL
) STRICT;

-- Definitions that runs are pinned to, as canonical JSON, under their own hash.
CREATE TABLE flows (
  hash TEXT PRIMARY KEY,
  ir   TEXT NOT NULL
) STRICT;

-- What calls with this key returned: later runs take it over. Losing it costs work, never correctness.
CREATE TABLE memo (
  key       TEXT PRIMARY KEY,
  output    TEXT NOT NULL,
  artifacts TEXT NOT NULL,
  run       TEXT NOT NULL,
  at        INTEGER NOT NULL
) STRICT;

-- Gaps in `gseq`: the events from `first` to `last` were removed for good, and `link` is the hash of the last of them.
CREATE TABLE pruned (
  last  INTEGER PRIMARY KEY,
  first INTEGER NOT NULL,
  link  BLOB NOT NULL
) STRICT;

-- What is kept, as JSON, of a run whose events were removed.
CREATE TABLE pruned_runs (
  run  TEXT PRIMARY KEY,
  kept TEXT NOT NULL
) STRICT;
