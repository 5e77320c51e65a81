import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { openRunLog } from './runlog.ts';

const home = await mkdtemp(join(tmpdir(), 'runlog-'));
after(() => rm(home, { recursive: true }));

const actor = 'root/0:books:0';
const at = Date.UTC(2026, 0, 2, 3, 4, 5);

test('given a run with a retry, a re-execution and a failure, then each has its line at once, with its reason', async () => {
  const log = openRunLog(join(home, 'logs', 'b1'));
  const node = 'books/clean';
  const error = { code: 'io', message: 'cannot read x', fix: 'mend it' };
  log.event({ at, actor, event: { type: 'attempt.started', item: 3, node, attempt: 1, handler: 'a/b@1', key: 'k3', reason: 'first' } });
  log.event({ at, actor, event: { type: 'attempt.failed', item: 3, node, attempt: 1, error, ms: 12.4 } });
  log.event({
    at,
    actor,
    event: { type: 'attempt.started', item: 3, node, attempt: 2, handler: 'a/b@1', key: 'k3', reason: 'engine_ended' },
  });
  log.event({ at, actor, event: { type: 'step.failed', item: 3, node, error } });
  const lines = (await readFile(log.path, 'utf8')).split('\n');
  log.close();
  assert.deepEqual(lines, [
    '2026-01-02T03:04:05.000Z WARN  books/clean [k3]: attempt 1 failed after 12 ms: io: cannot read x → mend it',
    '2026-01-02T03:04:05.000Z WARN  books/clean [k3]: attempt 2, because the engine ended during the one before',
    '2026-01-02T03:04:05.000Z ERROR books/clean [k3]: failed: io: cannot read x → mend it',
    '',
  ]);
});

test('given a log that is opened again, then it goes on, and stacks are indented under their line', async () => {
  const directory = join(home, 'again');
  const before = openRunLog(directory);
  before.line(at, 'info', 'one', { a: 1 });
  before.close();
  before.line(at, 'info', 'too late');
  const log = openRunLog(directory);
  log.stack(at, 'books/clean [k]', 'Error: x\n    at y');
  log.engine(at, { type: 'limit.changed', pool: 'disk', from: { concurrent: 3 }, to: { concurrent: 8 }, by: 'cli:a' });
  log.close();
  assert.equal(
    await readFile(log.path, 'utf8'),
    [
      '2026-01-02T03:04:05.000Z INFO  one {"a":1}',
      '2026-01-02T03:04:05.000Z ERROR books/clean [k]: Error: x',
      '        at y',
      '2026-01-02T03:04:05.000Z INFO  pool disk changed by cli:a: 3 at once → 8 at once',
      '',
    ].join('\n'),
  );
});
