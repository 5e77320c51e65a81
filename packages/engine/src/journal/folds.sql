-- What is computed from the events, for queries. Run as a whole: it makes all of these tables anew, empty.

DROP TABLE IF EXISTS runs;
DROP TABLE IF EXISTS open_chunks;
DROP TABLE IF EXISTS artifacts;
DROP TABLE IF EXISTS pools;
DROP TABLE IF EXISTS snapshots;
-- Of earlier versions of the folds.
DROP TABLE IF EXISTS actors;

-- `first` and `last` bound the run's events; `last` is null while the run can still go on. `rollbacks` and `migrations` are
-- what later events change about earlier ones: lists of { actor, after, before } and of { gseq, seq, map }. `parent` is the step of
-- another run that this one works for, as JSON; `forked_from` the run whose history this one shares. `pruned` is what is
-- kept of a run whose events were removed: by whom and when, and how far it had come, as JSON. The rows stand in the order in
-- which runs began, so that the newest are found without sorting, and what may be long stands last in them.
CREATE TABLE runs (
  first      INTEGER PRIMARY KEY,
  run        TEXT NOT NULL UNIQUE,
  last       INTEGER,
  status     TEXT NOT NULL,
  cancelling INTEGER NOT NULL DEFAULT 0,
  started_at INTEGER NOT NULL,
  ended_at   INTEGER,
  flow       TEXT NOT NULL,
  version    TEXT NOT NULL,
  hash       TEXT NOT NULL,
  started_by TEXT NOT NULL,
  parent     TEXT,
  forked_from TEXT,
  pruned     TEXT,
  rollbacks  TEXT NOT NULL DEFAULT '[]',
  migrations TEXT NOT NULL DEFAULT '[]',
  options    TEXT NOT NULL,
  input      TEXT NOT NULL,
  output     TEXT,
  error      TEXT
) STRICT;

CREATE INDEX runs_by_parent ON runs (json_extract(parent, '$.run')) WHERE parent IS NOT NULL;

-- Chunks that have not settled. Whether a root has, its run says; which actors there are, and how far they have come, the
-- index of the events by their actors.
CREATE TABLE open_chunks (
  run   TEXT NOT NULL,
  actor TEXT NOT NULL,
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

-- A pool's limit as the flow last declared it, and as somebody changed it while the engine ran; and where its breaker
-- stands, as JSON, once it has been open; and how far it has adapted to what its service lets through, as JSON.
CREATE TABLE pools (
  pool       TEXT PRIMARY KEY,
  declared   TEXT,
  flow       TEXT,
  changed    TEXT,
  changed_by TEXT,
  changed_at INTEGER,
  breaker    TEXT,
  adapted    TEXT
) STRICT;

-- Where folding may begin instead of at the first event: the state of an actor after its event `seq`, or, with the empty
-- actor, what is kept of a run as a whole after the event with the `gseq` that stands there. `link` is the first 16 bytes of
-- SHA-256 over that event's hash, the place and the body. Losing a row costs time, never correctness.
CREATE TABLE snapshots (
  run   TEXT NOT NULL,
  actor TEXT NOT NULL,
  seq   INTEGER NOT NULL,
  body  BLOB NOT NULL,
  link  BLOB NOT NULL,
  PRIMARY KEY (run, actor)
) STRICT;
