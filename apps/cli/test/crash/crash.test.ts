import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { makeSamples } from '@scriptorium/books';
import { auditStore, outputsOf, scriptorium } from './killing.ts';
import type { Ended } from './killing.ts';

/** Kills in all; SCRIPTORIUM_KILLS asks for more of them. */
const KILLS = Number(process.env['SCRIPTORIUM_KILLS'] ?? 12);

/** Moments that one process after the other lives: it dies while it starts, soon after, or well at work. */
const LIVES = [1, 3, 6, 11, 20, 37, 53, 80];

/** Books in a run: enough that most kills hit it at work. */
const BOOKS = 20;

it(`a run that is killed ${KILLS} times ends with the same bytes as one that is left alone, and repeats nothing that had completed`, async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'scriptorium-crash-'));
  t.after(() => rmSync(directory, { recursive: true }));
  const { folder } = await makeSamples(join(directory, 'samples'), { count: BOOKS, seed: 7 });

  const calmHome = join(directory, 'calm');
  const calm = await scriptorium(['run', 'books', folder, '--out', join(directory, 'calm-out'), '--no-progress'], { home: calmHome });
  assert.ok(calm.code === 0 || calm.code === 3, calm.output);
  const expected = outputsOf(join(directory, 'calm-out'), auditStore(calmHome).run);
  assert.ok(expected.size > BOOKS, `${expected.size} outputs`);

  let kills = 0;
  for (let round = 0; kills < KILLS; round += 1) {
    const home = join(directory, `store-${round}`);
    const out = join(directory, `out-${round}`);
    const command = (): readonly string[] =>
      existsSync(out) ? ['resume', 'latest', '--no-progress'] : ['run', 'books', folder, '--out', out, '--no-progress'];
    const next = (): Promise<Ended> =>
      scriptorium(command(), kills < KILLS ? { home, diesAt: LIVES[kills % LIVES.length] ?? 1 } : { home });
    let ended = await next();
    while (ended.killed) {
      kills += 1;
      ended = await next();
    }
    // The last kill may have hit when everything but the process had ended.
    assert.ok(ended.code === 0 || ended.code === 3 || / has ended: succeeded/.test(ended.output), ended.output);
    const audit = auditStore(home);
    t.diagnostic(`round ${round}: ${audit.restarts} engines, ${audit.reexecuted.length} attempts made again`);
    assert.deepEqual(audit.succeededTwice, []);
    assert.deepEqual(audit.startedAfterSuccess, []);
    assert.deepEqual(audit.unbalanced, []);
    assert.deepEqual(
      [...new Set(audit.reexecuted.map(({ reason }) => reason))].filter((reason) => reason !== 'engine_ended'),
      [],
    );
    assert.deepEqual(differences(outputsOf(out, audit.run), expected), []);
    const report = JSON.parse(readFileSync(join(out, 'logs', audit.run, 'report.json'), 'utf8')) as { summary: { total: number } };
    assert.equal(report.summary.total, BOOKS);
  }
});

/** Names that only one of the two has, or whose bytes differ. */
function differences(found: ReadonlyMap<string, string>, expected: ReadonlyMap<string, string>): readonly string[] {
  return [...new Set([...found.keys(), ...expected.keys()])].filter((name) => found.get(name) !== expected.get(name));
}
