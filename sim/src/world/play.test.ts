import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { ROOT } from '@scriptorium/core';
import type { Json } from '@scriptorium/core';
import { openJournal, snapshotFaults } from '@scriptorium/engine';
import type { Journal } from '@scriptorium/engine';
import type { History } from '../history.ts';
import { playEngine } from './play.ts';
import type { PlayOptions } from './play.ts';
import { acts, faults, settingOf } from './trial.ts';

const scratch = mkdtempSync(join(tmpdir(), 'play-'));
after(() => rmSync(scratch, { recursive: true }));

function traceOf({ rows, commits, observations, commands }: History): string {
  return JSON.stringify({ rows, commits, observations, commands }, (_, value: Json | Map<unknown, unknown>) =>
    value instanceof Map ? [...value] : value,
  );
}

/** Whether each run has ended, as it was seen last. */
function endsIn({ observations }: History): readonly boolean[] {
  const seen = observations.filter((one) => one.type === 'view.run');
  return [...new Map(seen.map(({ summary }) => [summary.run, summary.endedAt !== null])).values()];
}

test('given no faults, every run settles and nothing is left over', async () => {
  const history = await playEngine(settingOf(1, []));
  const ended = endsIn(history);
  assert.deepEqual(ended, [true, true]);
  assert.ok(history.commits.every(({ outcome }) => outcome === 'written'));
  assert.equal(history.observations.at(-1)?.type, 'quiet');
});

test('given every kind of fault, the runs settle all the same, and each fault has been there', async () => {
  const history = await playEngine(settingOf(7, faults, acts));
  const ended = endsIn(history);
  assert.ok(ended.length >= 2 && ended.every(Boolean));
  const outcomes = new Set(history.commits.map(({ outcome }) => outcome));
  assert.deepEqual([...outcomes].toSorted(), ['refused', 'unknown_lost', 'unknown_written', 'written']);
  const told = history.observations.map((one) => ('code' in one ? `${one.type} ${one.code}` : one.type));
  for (const kind of ['engine.crashed', 'engine.halted halted', 'engine.halted fenced', 'clock.jumped', 'client.acked'])
    assert.ok(told.includes(kind), `${kind} is not among ${[...new Set(told)].join(', ')}`);
});

test('the same setting gives the same history, byte for byte, the commands included', async () => {
  for (let seed = 1; seed <= 5; seed += 1) {
    const [once, again] = [await playEngine(settingOf(seed, faults, acts)), await playEngine(settingOf(seed, faults, acts))];
    assert.equal(traceOf(once), traceOf(again), `seed ${seed}`);
  }
});

test('the store in memory answers engines as the one on SQLite does', async () => {
  let compared = 0;
  let stores = 0;
  const crashes = faults.filter(({ what }) => ['takeover', 'crash', 'clock', 'full', 'crash_before', 'unknown_lost'].includes(what));
  for (let seed = 21; seed <= 22; seed += 1) {
    stores += 1;
    const path = join(scratch, String(stores), 'journal.db');
    const wrap: PlayOptions['wrap'] = (journal) => twin(journal, openJournal(path), () => (compared += 1));
    await playEngine(settingOf(seed, crashes, acts), { wrap });
  }
  assert.ok(compared > 300, `${compared} answers were compared`);
});

test('what is kept of runs on the way is what their events give', async () => {
  let kept = 0;
  for (let seed = 31; seed <= 36; seed += 1) {
    const journals: Journal[] = [];
    const wrap: PlayOptions['wrap'] = (journal) => {
      journals.push(journal);
      return journal;
    };
    await playEngine(settingOf(seed, faults, acts), { wrap });
    const last = journals.at(-1);
    for (const { run } of last?.runs() ?? []) {
      assert.deepEqual(snapshotFaults(last as Journal, run), []);
      kept += last?.snapshot(run, ROOT) === null ? 0 : 1;
    }
  }
  assert.ok(kept > 2, `${kept} states were kept`);
});

/** Does everything with both, and compares what they answer. */
function twin(memory: Journal, file: Journal, count: () => void): Journal {
  const both = Object.entries(memory).map(([name, member]) => {
    if (typeof member !== 'function') return [name, member];
    return [
      name,
      (...given: readonly unknown[]): unknown => {
        const answer = (member as (...given: readonly unknown[]) => unknown)(...given);
        const other = (file[name as keyof Journal] as (...given: readonly unknown[]) => unknown)(...given);
        count();
        assert.deepEqual(plain(answer), plain(other), name);
        return answer;
      },
    ];
  });
  return Object.fromEntries(both) as Journal;
}

/** Bytes as text, however they are held. */
function plain(answer: unknown): unknown {
  if (answer instanceof Uint8Array) return Buffer.from(answer).toString('hex');
  if (typeof answer !== 'object' || answer === null || !('body' in answer)) return answer;
  return { ...answer, body: Buffer.from(answer.body as Uint8Array).toString('hex') };
}

test('given a disk that forgets what it acknowledged, the next engine refuses the store', async () => {
  const history = await playEngine(settingOf(3, [{ atMs: 30_000, what: 'crash' }]), { lie: { commit: 5, what: 'forgets' } });
  const last = history.observations.at(-1);
  assert.equal(last?.type === 'engine.halted' ? last.code : last?.type, 'damaged');
});
