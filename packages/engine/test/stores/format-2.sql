-- A store as the version of format 2 left it: that of format 1 after its first opening.
CREATE TABLE meta (
  key   TEXT PRIMARY KEY,
  value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
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
CREATE TABLE contents (
  hash BLOB PRIMARY KEY,
  body BLOB NOT NULL
) STRICT;
CREATE TABLE flows (
  hash TEXT PRIMARY KEY,
  ir   TEXT NOT NULL
) STRICT;
CREATE TABLE memo (
  key       TEXT PRIMARY KEY,
  output    TEXT NOT NULL,
  artifacts TEXT NOT NULL,
  run       TEXT NOT NULL,
  at        INTEGER NOT NULL
) STRICT;
CREATE TABLE pruned (
  last  INTEGER PRIMARY KEY,
  first INTEGER NOT NULL,
  link  BLOB NOT NULL
) STRICT;
CREATE TABLE pruned_runs (
  run  TEXT PRIMARY KEY,
  kept TEXT NOT NULL
) STRICT;
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
  last       INTEGER,
  rollbacks  TEXT NOT NULL DEFAULT '[]',
  migrations TEXT NOT NULL DEFAULT '[]',
  parent     TEXT,
  forked_from TEXT,
  pruned     TEXT
) STRICT;
CREATE INDEX runs_by_status ON runs (status);
CREATE INDEX runs_by_parent ON runs (json_extract(parent, '$.run'));
CREATE TABLE actors (
  run     TEXT NOT NULL,
  actor   TEXT NOT NULL,
  seq     INTEGER NOT NULL,
  settled INTEGER NOT NULL,
  PRIMARY KEY (run, actor)
) STRICT, WITHOUT ROWID;
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
CREATE TABLE snapshots (
  run   TEXT NOT NULL,
  actor TEXT NOT NULL,
  seq   INTEGER NOT NULL,
  body  BLOB NOT NULL,
  link  BLOB NOT NULL,
  PRIMARY KEY (run, actor)
) STRICT;
INSERT INTO meta VALUES ('epoch', 2);
INSERT INTO meta VALUES ('format', 2);
INSERT INTO meta VALUES ('views', 8);
INSERT INTO events VALUES (1, '', 'engine', 1, 1795274034271, 1, '{"type":"engine.started","epoch":1,"version":"0.1.0","pid":29432}', X'f48baec2032c9b347e0fb67b9e29d436');
INSERT INTO events VALUES (2, '', 'engine', 2, 1795274034398, 1, '{"type":"limit.declared","pool":"slow","limit":{"concurrent":2},"flow":"try/pipeline"}', X'f09b5e146233a0ed1f83ebc1dcfe0409');
INSERT INTO events VALUES (3, '20261121-151354-6tmfd9', 'root', 1, 1795274034414, 1, '{"type":"run.started","flow":{"name":"try/pipeline","version":"1.0.0","hash":"sha256:e51d1271d419e5cc9ade57f4a7782df7df1f729fd311566bd8c8c1c8eaee5b7b"},"input":{"count":3},"options":{"mode":"flexible","test":false,"dryRun":false,"limit":null,"out":"/tmp/scriptorium-test-yY0jzy/out","fresh":false,"modules":[]},"by":"test","handlers":{"try/list":"1.0.0","try/write":"1.0.0"}}', X'cca525c9a6e7afa288e8fb8180fec090');
INSERT INTO events VALUES (4, '20261121-151354-6tmfd9', 'root', 2, 1795274034415, 1, '{"item":0,"node":"","type":"step.entered"}', X'196338a022f3800eff479c2199333e96');
INSERT INTO events VALUES (5, '20261121-151354-6tmfd9', 'root', 3, 1795274034418, 1, '{"type":"attempt.started","item":0,"node":"list","attempt":1,"handler":"try/list@1.0.0","key":null,"reason":"first","input":"0c07187ea6d064441225b3cba26a7b1e"}', X'341bdcc0898252fbf4572ef4b6c45455');
INSERT INTO events VALUES (6, '20261121-151354-6tmfd9', 'root', 4, 1795274034445, 1, '{"item":0,"node":"list","attempt":1,"type":"attempt.succeeded","output":{"v":[{"id":"i0","n":0},{"id":"i1","n":1},{"id":"i2","n":2}]},"artifacts":[],"ms":17}', X'76ff017c81a5ba2d1044c14adb1ff876');
INSERT INTO events VALUES (7, '20261121-151354-6tmfd9', 'root', 5, 1795274034455, 1, '{"type":"each.opened","item":0,"node":"files","total":3,"of":3,"pageSize":128,"workers":2,"tolerate":0,"env":{"run":{"v":{"id":"20261121-151354-6tmfd9","batch":"20261121-151354-6tmfd9","mode":"flexible","test":false,"dryRun":false}}},"pages":"sha256:b56326b5fbfb08adc2fc460f43621bbfaa1096700dcf1f99c98bb85476d33b02"}', X'5ff011f42556fad9edfb1a4eb1f48b5b');
INSERT INTO events VALUES (8, '20261121-151354-6tmfd9', 'root', 6, 1795274034456, 1, '{"type":"chunk.spawned","item":0,"node":"files","chunk":0,"size":3,"slots":2}', X'43fcaafb80fbdd0061e3f1c00d9dd3f1');
INSERT INTO events VALUES (9, '20261121-151354-6tmfd9', 'root/0:files:0', 1, 1795274034456, 1, '{"type":"chunk.started","parent":{"actor":"root","item":0},"node":"files","chunk":0,"offset":0,"size":3,"page":"sha256:b415c5cce167645a98b0f52a5bb1734f12ef862467b278d725368c92b7a92601","env":{"run":{"v":{"id":"20261121-151354-6tmfd9","batch":"20261121-151354-6tmfd9","mode":"flexible","test":false,"dryRun":false}}},"slots":2,"from":{"actor":"root","seq":6}}', X'a9bb6c0cac05769648b2d756f19dbd2a');
INSERT INTO events VALUES (10, '20261121-151354-6tmfd9', 'root/0:files:0', 2, 1795274034456, 1, '{"item":0,"node":"files","type":"step.entered"}', X'36950d970943208e130d52b309ea2af7');
INSERT INTO events VALUES (11, '20261121-151354-6tmfd9', 'root/0:files:0', 3, 1795274034456, 1, '{"item":1,"node":"files","type":"step.entered"}', X'0bf806ac861a458c3758d7eabe0353f5');
INSERT INTO events VALUES (12, '20261121-151354-6tmfd9', 'root/0:files:0', 4, 1795274034460, 1, '{"type":"attempt.started","item":0,"node":"files/write","attempt":1,"handler":"try/write@1.0.0","key":"i0","reason":"first","input":"c7c8e6eee6fbb988cdd55820ddffb8c5"}', X'ae07674dbb28e47691af6dbb242bda85');
INSERT INTO events VALUES (13, '20261121-151354-6tmfd9', 'root/0:files:0', 5, 1795274034460, 1, '{"type":"attempt.started","item":1,"node":"files/write","attempt":1,"handler":"try/write@1.0.0","key":"i1","reason":"first","input":"38fa6ae5680049511f07f83cdc499740"}', X'318ad29720834e64ca31a33662e22e7f');
INSERT INTO events VALUES (14, '20261121-151354-6tmfd9', 'root/0:files:0', 6, 1795274034512, 1, '{"item":0,"node":"files/write","attempt":1,"type":"attempt.succeeded","output":{"v":{"file":{"path":"write/20261121-151354-6tmfd9/i0.txt","hash":"sha256:822beb0d1729878ad343b6c35b1d5e45e62f8e36b6543c2312b6f1cb6d00cdef","bytes":6}}},"artifacts":[{"path":"write/20261121-151354-6tmfd9/i0.txt","hash":"sha256:822beb0d1729878ad343b6c35b1d5e45e62f8e36b6543c2312b6f1cb6d00cdef","bytes":6,"stage":"write","from":[]}],"ms":31}', X'0c67a7080b0945f29e7c50f71bc8b9ea');
INSERT INTO events VALUES (15, '20261121-151354-6tmfd9', 'root/0:files:0', 7, 1795274034513, 1, '{"type":"step.settled","item":0,"node":"files","output":{"v":{"file":{"path":"write/20261121-151354-6tmfd9/i0.txt","hash":"sha256:822beb0d1729878ad343b6c35b1d5e45e62f8e36b6543c2312b6f1cb6d00cdef","bytes":6}}},"degraded":false}', X'56b137e1813cd4fb2e130dd2dc5dab2d');
INSERT INTO events VALUES (16, '20261121-151354-6tmfd9', 'root/0:files:0', 8, 1795274034513, 1, '{"item":2,"node":"files","type":"step.entered"}', X'ad532b666fe23f26adf1d90f6bafa9ce');
INSERT INTO events VALUES (17, '20261121-151354-6tmfd9', 'root/0:files:0', 9, 1795274034513, 1, '{"type":"attempt.started","item":2,"node":"files/write","attempt":1,"handler":"try/write@1.0.0","key":"i2","reason":"first","input":"87ec4881ba71594ff3ba41838ac06dfa"}', X'd60b8f308684b528185a05363ff16878');
INSERT INTO events VALUES (18, '20261121-151354-6tmfd9', 'root/0:files:0', 10, 1795274034541, 1, '{"item":1,"node":"files/write","attempt":1,"type":"attempt.succeeded","output":{"v":{"file":{"path":"write/20261121-151354-6tmfd9/i1.txt","hash":"sha256:900a4469df00ccbfd0c145c6d1e4b7953dd0afafadd7534e3a4019e8d38fc663","bytes":6}}},"artifacts":[{"path":"write/20261121-151354-6tmfd9/i1.txt","hash":"sha256:900a4469df00ccbfd0c145c6d1e4b7953dd0afafadd7534e3a4019e8d38fc663","bytes":6,"stage":"write","from":[]}],"ms":37}', X'4e31e8aa37cddbe52062a45d52bcd32f');
INSERT INTO events VALUES (19, '20261121-151354-6tmfd9', 'root/0:files:0', 11, 1795274034541, 1, '{"type":"step.settled","item":1,"node":"files","output":{"v":{"file":{"path":"write/20261121-151354-6tmfd9/i1.txt","hash":"sha256:900a4469df00ccbfd0c145c6d1e4b7953dd0afafadd7534e3a4019e8d38fc663","bytes":6}}},"degraded":false}', X'69ad8e382e5ca85c5699d12f2fb6a9ca');
INSERT INTO events VALUES (20, '20261121-151354-6tmfd9', 'root/0:files:0', 12, 1795274034541, 1, '{"type":"chunk.reported","item":0,"node":"files","chunk":0,"counts":{"succeeded":2,"failed":0,"skipped":0,"cancelled":0,"degraded":0},"returned":1,"failure":null,"page":null}', X'd275f71efdb0533ac8d43d377b53336e');
INSERT INTO events VALUES (21, '20261121-151354-6tmfd9', 'root', 7, 1795274034541, 1, '{"type":"chunk.reported","item":0,"node":"files","chunk":0,"counts":{"succeeded":2,"failed":0,"skipped":0,"cancelled":0,"degraded":0},"returned":1,"failure":null,"page":null,"from":{"actor":"root/0:files:0","seq":12}}', X'caf31fb83971336ad188efbf04806cf8');
INSERT INTO events VALUES (22, '20261121-151354-6tmfd9', 'root/0:files:0', 13, 1795274034557, 1, '{"item":2,"node":"files/write","attempt":1,"type":"attempt.succeeded","output":{"v":{"file":{"path":"write/20261121-151354-6tmfd9/i2.txt","hash":"sha256:ad0387b3bd8652f730ca46d25f9c170af0fd589f42e7f23f5a9e6412d97d7e56","bytes":6}}},"artifacts":[{"path":"write/20261121-151354-6tmfd9/i2.txt","hash":"sha256:ad0387b3bd8652f730ca46d25f9c170af0fd589f42e7f23f5a9e6412d97d7e56","bytes":6,"stage":"write","from":[]}],"ms":34}', X'28a66acba76cc5f8de36fa0896550f6d');
INSERT INTO events VALUES (23, '20261121-151354-6tmfd9', 'root/0:files:0', 14, 1795274034562, 1, '{"type":"step.settled","item":2,"node":"files","output":{"v":{"file":{"path":"write/20261121-151354-6tmfd9/i2.txt","hash":"sha256:ad0387b3bd8652f730ca46d25f9c170af0fd589f42e7f23f5a9e6412d97d7e56","bytes":6}}},"degraded":false}', X'f63f615be3c15e50d293a734bcf45435');
INSERT INTO events VALUES (24, '20261121-151354-6tmfd9', 'root/0:files:0', 15, 1795274034562, 1, '{"type":"chunk.settled","page":"sha256:00ddf685fde87a66470d4b36a112243b4e82a4ab668ee7a019bb0b03b6e8be3d"}', X'c85fad874cacb09c9a4802a195664b91');
INSERT INTO events VALUES (25, '20261121-151354-6tmfd9', 'root', 8, 1795274034562, 1, '{"type":"chunk.reported","item":0,"node":"files","chunk":0,"counts":{"succeeded":3,"failed":0,"skipped":0,"cancelled":0,"degraded":0},"returned":2,"failure":null,"page":"sha256:00ddf685fde87a66470d4b36a112243b4e82a4ab668ee7a019bb0b03b6e8be3d","from":{"actor":"root/0:files:0","seq":15}}', X'5998663fdd6288fab7e51075a59fdbda');
INSERT INTO events VALUES (26, '20261121-151354-6tmfd9', 'root', 9, 1795274034563, 1, '{"type":"step.settled","item":0,"node":"files","output":{"v":{"ok":{"$collection":{"side":"ok","size":3,"pages":["sha256:00ddf685fde87a66470d4b36a112243b4e82a4ab668ee7a019bb0b03b6e8be3d"]}},"failed":{"$collection":{"side":"failed","size":0,"pages":["sha256:00ddf685fde87a66470d4b36a112243b4e82a4ab668ee7a019bb0b03b6e8be3d"]}}},"collections":true},"degraded":false}', X'a1972518e61ed9e0bdf023bd813df241');
INSERT INTO events VALUES (27, '20261121-151354-6tmfd9', 'root', 10, 1795274034564, 1, '{"type":"step.settled","item":0,"node":"","output":{"v":{"done":3}},"degraded":false}', X'514575f046fceeff40260915d0698f13');
INSERT INTO events VALUES (28, '20261121-151354-6tmfd9', 'root', 11, 1795274034564, 1, '{"type":"run.settled","status":"succeeded","output":{"v":{"done":3}},"error":null}', X'89e948f9c8bc6c935481743307a2e7e9');
INSERT INTO events VALUES (29, '20261121-151354-fg5byw', 'root', 1, 1795274034592, 1, '{"type":"run.started","flow":{"name":"try/pipeline","version":"1.0.0","hash":"sha256:e51d1271d419e5cc9ade57f4a7782df7df1f729fd311566bd8c8c1c8eaee5b7b"},"input":{"count":3},"options":{"mode":"flexible","test":false,"dryRun":false,"limit":null,"out":"/tmp/scriptorium-test-yY0jzy/out","fresh":false,"modules":[]},"by":"test","handlers":{"try/list":"1.0.0","try/write":"1.0.0"}}', X'e6b40c0456e92341a7da6893c3dab858');
INSERT INTO events VALUES (30, '20261121-151354-fg5byw', 'root', 2, 1795274034592, 1, '{"item":0,"node":"","type":"step.entered"}', X'4d9b81d5262be04d05c0a1ba5adfe85e');
INSERT INTO events VALUES (31, '20261121-151354-fg5byw', 'root', 3, 1795274034592, 1, '{"type":"attempt.started","item":0,"node":"list","attempt":1,"handler":"try/list@1.0.0","key":null,"reason":"first","input":"0c07187ea6d064441225b3cba26a7b1e"}', X'd6bb4c81bd90cd92ac967f64f8a87fd9');
INSERT INTO events VALUES (32, '20261121-151354-fg5byw', 'root', 4, 1795274034598, 1, '{"item":0,"node":"list","attempt":1,"type":"attempt.succeeded","output":{"v":[{"id":"i0","n":0},{"id":"i1","n":1},{"id":"i2","n":2}]},"artifacts":[],"ms":5}', X'dbb6743d7475e4c52355bbbe6fdcabee');
INSERT INTO events VALUES (33, '20261121-151354-fg5byw', 'root', 5, 1795274034598, 1, '{"type":"each.opened","item":0,"node":"files","total":3,"of":3,"pageSize":128,"workers":2,"tolerate":0,"env":{"run":{"v":{"id":"20261121-151354-fg5byw","batch":"20261121-151354-fg5byw","mode":"flexible","test":false,"dryRun":false}}},"pages":"sha256:b56326b5fbfb08adc2fc460f43621bbfaa1096700dcf1f99c98bb85476d33b02"}', X'61c4ff87f141b6527393c02667ce1313');
INSERT INTO events VALUES (34, '20261121-151354-fg5byw', 'root', 6, 1795274034598, 1, '{"type":"chunk.spawned","item":0,"node":"files","chunk":0,"size":3,"slots":2}', X'402ff98146d292ee32f460ec81eacf55');
INSERT INTO events VALUES (35, '20261121-151354-fg5byw', 'root/0:files:0', 1, 1795274034598, 1, '{"type":"chunk.started","parent":{"actor":"root","item":0},"node":"files","chunk":0,"offset":0,"size":3,"page":"sha256:b415c5cce167645a98b0f52a5bb1734f12ef862467b278d725368c92b7a92601","env":{"run":{"v":{"id":"20261121-151354-fg5byw","batch":"20261121-151354-fg5byw","mode":"flexible","test":false,"dryRun":false}}},"slots":2,"from":{"actor":"root","seq":6}}', X'a0694c0c069f94d72cb898cefcdbf468');
INSERT INTO events VALUES (36, '20261121-151354-fg5byw', 'root/0:files:0', 2, 1795274034599, 1, '{"item":0,"node":"files","type":"step.entered"}', X'f456468938f5ad6e1b7cfb35e904f27d');
INSERT INTO events VALUES (37, '20261121-151354-fg5byw', 'root/0:files:0', 3, 1795274034599, 1, '{"item":1,"node":"files","type":"step.entered"}', X'e5e55a7dbe7b944f65118a420252e483');
INSERT INTO events VALUES (38, '20261121-151354-fg5byw', 'root/0:files:0', 4, 1795274034607, 1, '{"type":"attempt.reused","item":0,"node":"files/write","output":{"v":{"file":{"path":"write/20261121-151354-fg5byw/i0.txt","hash":"sha256:822beb0d1729878ad343b6c35b1d5e45e62f8e36b6543c2312b6f1cb6d00cdef","bytes":6}}},"artifacts":[{"path":"write/20261121-151354-fg5byw/i0.txt","hash":"sha256:822beb0d1729878ad343b6c35b1d5e45e62f8e36b6543c2312b6f1cb6d00cdef","bytes":6,"stage":"write","from":[]}],"reusedFrom":"20261121-151354-6tmfd9","input":"c7c8e6eee6fbb988cdd55820ddffb8c5"}', X'b749ebd1d7abfbd92afaf96eb6ff0ad3');
INSERT INTO events VALUES (39, '20261121-151354-fg5byw', 'root/0:files:0', 5, 1795274034607, 1, '{"type":"attempt.reused","item":1,"node":"files/write","output":{"v":{"file":{"path":"write/20261121-151354-fg5byw/i1.txt","hash":"sha256:900a4469df00ccbfd0c145c6d1e4b7953dd0afafadd7534e3a4019e8d38fc663","bytes":6}}},"artifacts":[{"path":"write/20261121-151354-fg5byw/i1.txt","hash":"sha256:900a4469df00ccbfd0c145c6d1e4b7953dd0afafadd7534e3a4019e8d38fc663","bytes":6,"stage":"write","from":[]}],"reusedFrom":"20261121-151354-6tmfd9","input":"38fa6ae5680049511f07f83cdc499740"}', X'694a55877e37e98d9d23376d8f0611f9');
INSERT INTO events VALUES (40, '20261121-151354-fg5byw', 'root/0:files:0', 6, 1795274034607, 1, '{"type":"step.settled","item":0,"node":"files","output":{"v":{"file":{"path":"write/20261121-151354-fg5byw/i0.txt","hash":"sha256:822beb0d1729878ad343b6c35b1d5e45e62f8e36b6543c2312b6f1cb6d00cdef","bytes":6}}},"degraded":false}', X'5334c145aea1d79fdca5e95ed8ec3241');
INSERT INTO events VALUES (41, '20261121-151354-fg5byw', 'root/0:files:0', 7, 1795274034607, 1, '{"type":"step.settled","item":1,"node":"files","output":{"v":{"file":{"path":"write/20261121-151354-fg5byw/i1.txt","hash":"sha256:900a4469df00ccbfd0c145c6d1e4b7953dd0afafadd7534e3a4019e8d38fc663","bytes":6}}},"degraded":false}', X'bd04f6738f20dea2f4680b4990cb9c58');
INSERT INTO events VALUES (42, '20261121-151354-fg5byw', 'root/0:files:0', 8, 1795274034607, 1, '{"item":2,"node":"files","type":"step.entered"}', X'ee29be91c96b75a04cabd650b2fccf5d');
INSERT INTO events VALUES (43, '20261121-151354-fg5byw', 'root/0:files:0', 9, 1795274034607, 1, '{"type":"chunk.reported","item":0,"node":"files","chunk":0,"counts":{"succeeded":2,"failed":0,"skipped":0,"cancelled":0,"degraded":0},"returned":1,"failure":null,"page":null}', X'94884d5245a63fee46d076ab8479f13b');
INSERT INTO events VALUES (44, '20261121-151354-fg5byw', 'root', 7, 1795274034607, 1, '{"type":"chunk.reported","item":0,"node":"files","chunk":0,"counts":{"succeeded":2,"failed":0,"skipped":0,"cancelled":0,"degraded":0},"returned":1,"failure":null,"page":null,"from":{"actor":"root/0:files:0","seq":9}}', X'47f0a68d778f1ac00ee44876c8e83d6e');
INSERT INTO events VALUES (45, '20261121-151354-fg5byw', 'root/0:files:0', 10, 1795274034610, 1, '{"type":"attempt.reused","item":2,"node":"files/write","output":{"v":{"file":{"path":"write/20261121-151354-fg5byw/i2.txt","hash":"sha256:ad0387b3bd8652f730ca46d25f9c170af0fd589f42e7f23f5a9e6412d97d7e56","bytes":6}}},"artifacts":[{"path":"write/20261121-151354-fg5byw/i2.txt","hash":"sha256:ad0387b3bd8652f730ca46d25f9c170af0fd589f42e7f23f5a9e6412d97d7e56","bytes":6,"stage":"write","from":[]}],"reusedFrom":"20261121-151354-6tmfd9","input":"87ec4881ba71594ff3ba41838ac06dfa"}', X'2f9a211c0842e8cbba4d4efc6f646f3e');
INSERT INTO events VALUES (46, '20261121-151354-fg5byw', 'root/0:files:0', 11, 1795274034610, 1, '{"type":"step.settled","item":2,"node":"files","output":{"v":{"file":{"path":"write/20261121-151354-fg5byw/i2.txt","hash":"sha256:ad0387b3bd8652f730ca46d25f9c170af0fd589f42e7f23f5a9e6412d97d7e56","bytes":6}}},"degraded":false}', X'7befa26966f418f34b356d1ee8e06270');
INSERT INTO events VALUES (47, '20261121-151354-fg5byw', 'root/0:files:0', 12, 1795274034610, 1, '{"type":"chunk.settled","page":"sha256:cdb606f52b1674210e3b06ec2dbdd7aac5d97abbf9dc69e4152059e9c76f7d11"}', X'729e692c91c2030158a6c8641feb4c0b');
INSERT INTO events VALUES (48, '20261121-151354-fg5byw', 'root', 8, 1795274034610, 1, '{"type":"chunk.reported","item":0,"node":"files","chunk":0,"counts":{"succeeded":3,"failed":0,"skipped":0,"cancelled":0,"degraded":0},"returned":2,"failure":null,"page":"sha256:cdb606f52b1674210e3b06ec2dbdd7aac5d97abbf9dc69e4152059e9c76f7d11","from":{"actor":"root/0:files:0","seq":12}}', X'90803a6e3adf131b805790c20b05b68c');
INSERT INTO events VALUES (49, '20261121-151354-fg5byw', 'root', 9, 1795274034610, 1, '{"type":"step.settled","item":0,"node":"files","output":{"v":{"ok":{"$collection":{"side":"ok","size":3,"pages":["sha256:cdb606f52b1674210e3b06ec2dbdd7aac5d97abbf9dc69e4152059e9c76f7d11"]}},"failed":{"$collection":{"side":"failed","size":0,"pages":["sha256:cdb606f52b1674210e3b06ec2dbdd7aac5d97abbf9dc69e4152059e9c76f7d11"]}}},"collections":true},"degraded":false}', X'6a87893c03d17b2641c17ecc9a489361');
INSERT INTO events VALUES (50, '20261121-151354-fg5byw', 'root', 10, 1795274034610, 1, '{"type":"step.settled","item":0,"node":"","output":{"v":{"done":3}},"degraded":false}', X'f797e07f2e6fde357bf90705bdb47113');
INSERT INTO events VALUES (51, '20261121-151354-fg5byw', 'root', 11, 1795274034611, 1, '{"type":"run.settled","status":"succeeded","output":{"v":{"done":3}},"error":null}', X'e71d6d9a75ea2cd7fbb51eca99947b70');
INSERT INTO events VALUES (52, '', 'engine', 3, 1795274034621, 1, '{"type":"engine.stopped","reason":"drained"}', X'6d660ee26f91e6af30d558825eddd7ea');
INSERT INTO contents VALUES (X'b415c5cce167645a98b0f52a5bb1734f12ef862467b278d725368c92b7a92601', X'5b7b226b6579223a226930222c2276616c7565223a7b226964223a226930222c226e223a307d7d2c7b226b6579223a226931222c2276616c7565223a7b226964223a226931222c226e223a317d7d2c7b226b6579223a226932222c2276616c7565223a7b226964223a226932222c226e223a327d7d5d');
INSERT INTO contents VALUES (X'b56326b5fbfb08adc2fc460f43621bbfaa1096700dcf1f99c98bb85476d33b02', X'5b227368613235363a62343135633563636531363736343561393862306635326135626231373334663132656638363234363762323738643732353336386339326237613932363031225d');
INSERT INTO contents VALUES (X'00ddf685fde87a66470d4b36a112243b4e82a4ab668ee7a019bb0b03b6e8be3d', X'5b7b226b6579223a226930222c22737461747573223a22737563636565646564222c226f7574707574223a7b2276223a7b2266696c65223a7b2270617468223a2277726974652f32303236313132312d3135313335342d36746d6664392f69302e747874222c2268617368223a227368613235363a38323262656230643137323938373861643334336236633335623164356534356536326638653336623635343363323331326236663163623664303063646566222c226279746573223a367d7d7d7d2c7b226b6579223a226931222c22737461747573223a22737563636565646564222c226f7574707574223a7b2276223a7b2266696c65223a7b2270617468223a2277726974652f32303236313132312d3135313335342d36746d6664392f69312e747874222c2268617368223a227368613235363a39303061343436396466303063636266643063313435633664316534623739353364643061666166616464373533346533613430313965386433386663363633222c226279746573223a367d7d7d7d2c7b226b6579223a226932222c22737461747573223a22737563636565646564222c226f7574707574223a7b2276223a7b2266696c65223a7b2270617468223a2277726974652f32303236313132312d3135313335342d36746d6664392f69322e747874222c2268617368223a227368613235363a61643033383762336264383635326637333063613436643235663963313730616630666435383966343265376632336635613965363431326439376437653536222c226279746573223a367d7d7d7d5d');
INSERT INTO contents VALUES (X'cdb606f52b1674210e3b06ec2dbdd7aac5d97abbf9dc69e4152059e9c76f7d11', X'5b7b226b6579223a226930222c22737461747573223a22737563636565646564222c226f7574707574223a7b2276223a7b2266696c65223a7b2270617468223a2277726974652f32303236313132312d3135313335342d6667356279772f69302e747874222c2268617368223a227368613235363a38323262656230643137323938373861643334336236633335623164356534356536326638653336623635343363323331326236663163623664303063646566222c226279746573223a367d7d7d7d2c7b226b6579223a226931222c22737461747573223a22737563636565646564222c226f7574707574223a7b2276223a7b2266696c65223a7b2270617468223a2277726974652f32303236313132312d3135313335342d6667356279772f69312e747874222c2268617368223a227368613235363a39303061343436396466303063636266643063313435633664316534623739353364643061666166616464373533346533613430313965386433386663363633222c226279746573223a367d7d7d7d2c7b226b6579223a226932222c22737461747573223a22737563636565646564222c226f7574707574223a7b2276223a7b2266696c65223a7b2270617468223a2277726974652f32303236313132312d3135313335342d6667356279772f69322e747874222c2268617368223a227368613235363a61643033383762336264383635326637333063613436643235663963313730616630666435383966343265376632336635613965363431326439376437653536222c226279746573223a367d7d7d7d5d');
INSERT INTO flows VALUES ('sha256:e51d1271d419e5cc9ade57f4a7782df7df1f729fd311566bd8c8c1c8eaee5b7b', '{"ir":1,"expr":1,"name":"try/pipeline","version":"1.0.0","input":{"type":"object","properties":{"count":{"type":"integer","default":3}},"required":[],"additionalProperties":false},"output":{"type":"object","required":["done"],"properties":{"done":{"type":"integer"}},"additionalProperties":false},"limits":{"slow":{"concurrent":2}},"root":{"id":"","needs":[],"do":{"k":"and","steps":[{"id":"list","needs":[],"do":{"k":"call","uses":"try/list","with":{"obj":{"count":{"expr":{"$":"input.count","reads":["input"]}}}}},"retry":[],"catch":[],"returns":{"type":"array","items":{"type":"object","required":["id","n"],"properties":{"id":{"type":"string"},"n":{"type":"integer"}}}}},{"id":"files","needs":["list"],"each":{"in":{"expr":{"$":"list","reads":["list"]}},"as":"file","key":{"$":"file.id","reads":["file"]},"workers":{"lit":2},"batch":{"lit":1},"tolerate":{"lit":0},"captures":[]},"do":{"k":"and","steps":[{"id":"files/write","needs":[],"do":{"k":"call","uses":"try/write","with":{"obj":{"text":{"cat":[{"lit":"text "},{"expr":{"$":"file.n","reads":["file"]}}]},"log":{"lit":"/dev/null"}}}},"retry":[],"limit":"slow","catch":[],"returns":{"type":"object","required":["file"],"properties":{"file":{"type":"object","title":"Artifact","required":["path","hash","bytes"],"properties":{"path":{"type":"string"},"hash":{"type":"string","pattern":"^sha256:[0-9a-f]{64}$"},"bytes":{"type":"integer","minimum":0}},"additionalProperties":false}}}}],"output":{"obj":{"file":{"expr":{"$":"write.file","reads":["write"]}}}}},"retry":[],"catch":[],"returns":true}],"output":{"obj":{"done":{"expr":{"$":"files.ok.size()","reads":["files"]}}}}},"retry":[],"catch":[],"returns":true},"migrate":[],"hash":"sha256:e51d1271d419e5cc9ade57f4a7782df7df1f729fd311566bd8c8c1c8eaee5b7b"}');
INSERT INTO memo VALUES ('bdf1a245f67a430be4db30e9b39243eae6659909b37ae00099bcbffb18152c70', '{"v":{"file":{"path":"write/20261121-151354-fg5byw/i0.txt","hash":"sha256:822beb0d1729878ad343b6c35b1d5e45e62f8e36b6543c2312b6f1cb6d00cdef","bytes":6}}}', '[{"path":"write/20261121-151354-fg5byw/i0.txt","hash":"sha256:822beb0d1729878ad343b6c35b1d5e45e62f8e36b6543c2312b6f1cb6d00cdef","bytes":6,"stage":"write","from":[]}]', '20261121-151354-fg5byw', 1795274034606);
INSERT INTO memo VALUES ('39cdfae14c0e59da364e5f0641df1641b02a6ed8c48466f8aec415583805c16a', '{"v":{"file":{"path":"write/20261121-151354-fg5byw/i1.txt","hash":"sha256:900a4469df00ccbfd0c145c6d1e4b7953dd0afafadd7534e3a4019e8d38fc663","bytes":6}}}', '[{"path":"write/20261121-151354-fg5byw/i1.txt","hash":"sha256:900a4469df00ccbfd0c145c6d1e4b7953dd0afafadd7534e3a4019e8d38fc663","bytes":6,"stage":"write","from":[]}]', '20261121-151354-fg5byw', 1795274034607);
INSERT INTO memo VALUES ('2ab0a6fd2b02c6a8040f8dd4245ab234175509d53bb0843cfa78405fe38286d3', '{"v":{"file":{"path":"write/20261121-151354-fg5byw/i2.txt","hash":"sha256:ad0387b3bd8652f730ca46d25f9c170af0fd589f42e7f23f5a9e6412d97d7e56","bytes":6}}}', '[{"path":"write/20261121-151354-fg5byw/i2.txt","hash":"sha256:ad0387b3bd8652f730ca46d25f9c170af0fd589f42e7f23f5a9e6412d97d7e56","bytes":6,"stage":"write","from":[]}]', '20261121-151354-fg5byw', 1795274034610);
INSERT INTO runs VALUES ('20261121-151354-6tmfd9', 'try/pipeline', '1.0.0', 'sha256:e51d1271d419e5cc9ade57f4a7782df7df1f729fd311566bd8c8c1c8eaee5b7b', 'succeeded', 0, 1795274034414, 1795274034564, 'test', '{"mode":"flexible","test":false,"dryRun":false,"limit":null,"out":"/tmp/scriptorium-test-yY0jzy/out","fresh":false,"modules":[]}', '{"count":3}', '{"v":{"done":3}}', NULL, 3, 28, '[]', '[]', NULL, NULL, NULL);
INSERT INTO runs VALUES ('20261121-151354-fg5byw', 'try/pipeline', '1.0.0', 'sha256:e51d1271d419e5cc9ade57f4a7782df7df1f729fd311566bd8c8c1c8eaee5b7b', 'succeeded', 0, 1795274034592, 1795274034611, 'test', '{"mode":"flexible","test":false,"dryRun":false,"limit":null,"out":"/tmp/scriptorium-test-yY0jzy/out","fresh":false,"modules":[]}', '{"count":3}', '{"v":{"done":3}}', NULL, 29, 51, '[]', '[]', NULL, NULL, NULL);
INSERT INTO actors VALUES ('', 'engine', 3, 0);
INSERT INTO actors VALUES ('20261121-151354-6tmfd9', 'root', 11, 1);
INSERT INTO actors VALUES ('20261121-151354-6tmfd9', 'root/0:files:0', 15, 1);
INSERT INTO actors VALUES ('20261121-151354-fg5byw', 'root', 11, 1);
INSERT INTO actors VALUES ('20261121-151354-fg5byw', 'root/0:files:0', 12, 1);
INSERT INTO artifacts VALUES (1, '20261121-151354-6tmfd9', '/tmp/scriptorium-test-yY0jzy/out', 'write/20261121-151354-6tmfd9/i0.txt', 'sha256:822beb0d1729878ad343b6c35b1d5e45e62f8e36b6543c2312b6f1cb6d00cdef', 6, 'write', 'i0', 'try/write@1.0.0', 1795274034512, NULL, '[]');
INSERT INTO artifacts VALUES (2, '20261121-151354-6tmfd9', '/tmp/scriptorium-test-yY0jzy/out', 'write/20261121-151354-6tmfd9/i1.txt', 'sha256:900a4469df00ccbfd0c145c6d1e4b7953dd0afafadd7534e3a4019e8d38fc663', 6, 'write', 'i1', 'try/write@1.0.0', 1795274034541, NULL, '[]');
INSERT INTO artifacts VALUES (3, '20261121-151354-6tmfd9', '/tmp/scriptorium-test-yY0jzy/out', 'write/20261121-151354-6tmfd9/i2.txt', 'sha256:ad0387b3bd8652f730ca46d25f9c170af0fd589f42e7f23f5a9e6412d97d7e56', 6, 'write', 'i2', 'try/write@1.0.0', 1795274034557, NULL, '[]');
INSERT INTO artifacts VALUES (4, '20261121-151354-fg5byw', '/tmp/scriptorium-test-yY0jzy/out', 'write/20261121-151354-fg5byw/i0.txt', 'sha256:822beb0d1729878ad343b6c35b1d5e45e62f8e36b6543c2312b6f1cb6d00cdef', 6, 'write', 'i0', 'try/write@1.0.0', 1795274034607, '20261121-151354-6tmfd9', '[]');
INSERT INTO artifacts VALUES (5, '20261121-151354-fg5byw', '/tmp/scriptorium-test-yY0jzy/out', 'write/20261121-151354-fg5byw/i1.txt', 'sha256:900a4469df00ccbfd0c145c6d1e4b7953dd0afafadd7534e3a4019e8d38fc663', 6, 'write', 'i1', 'try/write@1.0.0', 1795274034607, '20261121-151354-6tmfd9', '[]');
INSERT INTO artifacts VALUES (6, '20261121-151354-fg5byw', '/tmp/scriptorium-test-yY0jzy/out', 'write/20261121-151354-fg5byw/i2.txt', 'sha256:ad0387b3bd8652f730ca46d25f9c170af0fd589f42e7f23f5a9e6412d97d7e56', 6, 'write', 'i2', 'try/write@1.0.0', 1795274034610, '20261121-151354-6tmfd9', '[]');
INSERT INTO pools VALUES ('slow', '{"concurrent":2}', 'try/pipeline', NULL, NULL, NULL, NULL, NULL);
