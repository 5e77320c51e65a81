-- The whole store of an engine: one SQLite file. `meta`, `events`, `contents`, `flows` and `memo` are written once and
-- hold what cannot be computed; the tables after them are folds of the events, kept for queries and rebuilt when their
-- version changes. The state of running flows is nowhere here: it is folded from `events`.

-- `format` is the version of this file, `views` that of the folds, `epoch` counts the engines that have owned the store.
CREATE TABLE meta (
  key   TEXT PRIMARY KEY,
  value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- One fact a row. `gseq` counts from 1 without gaps, `seq` likewise within its actor. Facts about the engine itself have
-- the empty run. `hash` chains the rows: the first 16 bytes of SHA-256 over the hash before and the columns of this row.
CREATE TABLE events (
  gseq  INTEGER PRIMARY KEY,
  run   TEXT NOT NULL,
  actor TEXT NOT NULL,
  seq   INTEGER NOT NULL,
  at    INTEGER NOT NULL,
  epoch INTEGER NOT NULL,
  body  TEXT NOT NULL,
  hash  BLOB NOT NULL
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

-- Folds -------------------------------------------------------------------------------------------------------------

-- `first` and `last` bound the run's events; `last` is null while the run can still go on.
CREATE TABLE runs (
  run        TEXT PRIMARY KEY,
  flow       TEXT NOT NULL,
  version    TEXT NOT NULL,
  hash       TEXT NOT NULL,
  status     TEXT NOT NULL,
  cancelling INTEGER NOT NULL DEFAULT 0,
  started_at INTEGER NOT NULL,
  ended_at   INTEGER,
  started_by TEXT NOT NULL,
  options    TEXT NOT NULL,
  input      TEXT NOT NULL,
  output     TEXT,
  error      TEXT,
  first      INTEGER NOT NULL,
  last       INTEGER
) STRICT;

CREATE INDEX runs_by_status ON runs (status);

CREATE TABLE actors (
  run     TEXT NOT NULL,
  actor   TEXT NOT NULL,
  seq     INTEGER NOT NULL,
  settled INTEGER NOT NULL,
  PRIMARY KEY (run, actor)
) STRICT, WITHOUT ROWID;

-- `root` is the absolute output root, `path` relative to it; `origin` the run whose artifact was taken over.
CREATE TABLE artifacts (
  id      INTEGER PRIMARY KEY,
  run     TEXT NOT NULL,
  root    TEXT NOT NULL,
  path    TEXT NOT NULL,
  hash    TEXT NOT NULL,
  bytes   INTEGER NOT NULL,
  stage   TEXT NOT NULL,
  key     TEXT,
  handler TEXT NOT NULL,
  at      INTEGER NOT NULL,
  origin  TEXT,
  parents TEXT NOT NULL
) STRICT;

CREATE INDEX artifacts_by_file ON artifacts (root || '/' || path);
CREATE INDEX artifacts_by_hash ON artifacts (hash);
CREATE INDEX artifacts_by_run  ON artifacts (run);

-- A pool's limit as the flow last declared it, and as somebody changed it while the engine ran.
CREATE TABLE pools (
  pool       TEXT PRIMARY KEY,
  declared   TEXT,
  flow       TEXT,
  changed    TEXT,
  changed_by TEXT,
  changed_at INTEGER
) STRICT;
