/** What every journal does, wherever it keeps its events: the executable contract of {@link Journal}. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Event, Flow, RunOptions } from '@scriptorium/core';
import { JournalError } from '../src/journal/journal-error.ts';
import { contentHash } from '../src/journal/journal.ts';
import type { ArtifactRow, Entry, Journal } from '../src/journal/journal.ts';

/** Opens the same store at each call. */
export type Opening = () => Journal;

const options: RunOptions = { mode: 'strict', test: false, dryRun: false, limit: null, out: '/out', fresh: false, modules: [] };
const started: Extract<Event, { type: 'run.started' }> = {
  type: 'run.started',
  flow: { name: 'f', version: '1.0.0', hash: 'sha256:f' },
  input: { folder: 'x' },
  options,
  by: 'cli:me',
};
const granted: Event = { type: 'chunk.granted', slots: 3 };
const chunk: Event = {
  type: 'chunk.started',
  parent: { actor: 'root', item: 0 },
  node: 'books',
  chunk: 0,
  offset: 0,
  size: 2,
  page: 'sha256:p',
  env: {},
  slots: 2,
};

/** Each test asks for a store of its own. */
export function journalContract(name: string, newStore: () => Opening): void {
  const check = (title: string, work: (open: Opening) => void): void => void test(`${name}: ${title}`, () => work(newStore()));

  check('a committed batch is returned as recorded and read back the same, also after reopening', (open) => {
    const journal = open();
    const recorded = journal.commit({ events: [entry(1, started), entry(2), entry(1, granted, 'root/0:books:0')] });
    assert.deepEqual(
      recorded.map((row) => row.gseq),
      [1, 2, 3],
    );
    assert.deepEqual(journal.readActor('r1', 'root'), recorded.slice(0, 2));
    journal.close();

    const again = open();
    assert.equal(again.head(), 3);
    assert.deepEqual(again.readRun('r1'), recorded);
    assert.deepEqual(again.readRun('r1', 1, 1), recorded.slice(1, 2));
    assert.deepEqual(again.readRun('r2'), []);
    assert.deepEqual(again.readFrom(3, 10), recorded.slice(2));
    assert.deepEqual(again.readActor('r1', 'root', 1), recorded.slice(1, 2));
    assert.deepEqual(again.verify(), { events: 3, fault: null });
    again.close();
  });

  check('what an actor did at one time is read from any of its events on, and as many of them as are asked for', (open) => {
    const journal = open();
    const at = 1_500;
    const together = [entry(1, started), entry(2), entry(3)].map((one) => ({ ...one, at }));
    const chunk = [1, 2, 3, 4].map((seq) => ({ ...entry(seq, granted, 'root/0:books:0'), at }));
    const settled: Event = { type: 'run.settled', status: 'succeeded', output: null, error: null };
    const all = [
      ...journal.commit({ events: [...together, ...chunk] }),
      ...journal.commit({
        events: [{ ...entry(4, settled), at }, { ...entry(5), at }, ofEngine(1, { type: 'engine.stopped', reason: 'drained' })],
      }),
    ];
    const own = all.filter(({ actor }) => actor === 'root');
    for (const journalNow of [journal, open()]) {
      for (let after = 0; after <= 10; after += 1) {
        assert.deepEqual(journalNow.readFrom(after, 100), all.slice(Math.max(0, after - 1)));
        assert.deepEqual(journalNow.readFrom(after, 2), all.slice(Math.max(0, after - 1)).slice(0, 2));
        assert.deepEqual(journalNow.readActor('r1', 'root', after), own.slice(after));
        assert.deepEqual(journalNow.readActor('r1', 'root', after, 1), own.slice(after, after + 1));
        assert.deepEqual(journalNow.readRun('r1', after, 3), all.slice(after, 8).slice(0, 3), 'up to its end');
      }
      assert.deepEqual(journalNow.verify(), { events: 10, fault: null });
      assert.deepEqual(
        journalNow.actors('r1').map(({ actor, seq }) => [actor, seq]),
        [
          ['root', 5],
          ['root/0:books:0', 4],
        ],
      );
    }
    journal.close();
  });

  check('an actor begins once, also where its beginning was written with what followed, and by another engine', (open) => {
    const at = 1_500;
    const first = open();
    first.commit({
      events: [
        { ...entry(1, started), at },
        { ...entry(2), at },
        { ...entry(1, granted, 'c'), at },
        { ...entry(2, granted, 'c'), at },
      ],
    });
    first.close();
    const journal = open();
    for (const again of [entry(1), entry(1, started), entry(1, granted, 'c')]) assert.throws(() => journal.commit({ events: [again] }));
    assert.deepEqual(journal.verify(), { events: 4, fault: null });
    journal.close();
  });

  check('events that were recorded for another run get numbers of their own', (open) => {
    const journal = open();
    const recorded = journal.commit({ events: [entry(1, started), entry(2)] });
    const shared = journal.commit({ events: recorded.map((event) => ({ ...(event as Entry), run: 'r2' })) });
    assert.deepEqual(
      shared.map(({ gseq }) => gseq),
      [3, 4],
    );
    assert.deepEqual([journal.readRun('r1'), journal.readRun('r2')], [recorded, shared]);
    journal.close();
  });

  check('values, definitions and memos travel in the batch', (open) => {
    const journal = open();
    const text = JSON.stringify([{ key: 'é', value: 1 }]);
    const hash = contentHash(text);
    const flow = { name: 'f', version: '1.0.0', hash: 'sha256:f' } as Flow;
    const memo = { key: 'k', output: { v: 1 }, artifacts: [], run: 'r1', at: 5 };

    journal.commit({ events: [entry(1, started)], values: new Map([[hash, text]]), flows: [flow], memo: [memo] });

    assert.deepEqual(journal.json(hash), [{ key: 'é', value: 1 }]);
    assert.deepEqual(Buffer.from(journal.value(hash) ?? []).toString('utf8'), text);
    assert.equal(journal.value(contentHash('other')), null);
    assert.throws(() => journal.json(contentHash('other')), /is not in the store/);
    assert.deepEqual([journal.memo('k'), journal.memo('other')], [memo, null]);
    assert.deepEqual([journal.flow('sha256:f'), journal.flow('sha256:g')], [flow, null]);
    journal.close();
  });

  check('a batch that breaks a sequence writes nothing and leaves the journal usable', (open) => {
    const journal = open();
    journal.commit({ events: [entry(1, started)] });

    assert.throws(() => journal.commit({ events: [entry(2), entry(4)] }), /has 2 events; the next one cannot be 4/);
    assert.throws(() => journal.commit({ events: [entry(1)] }), /has 1 events; the next one cannot be 1/);

    journal.commit({ events: [entry(2)] });
    assert.deepEqual(journal.verify(), { events: 2, fault: null });
    journal.close();
  });

  check('an engine that was replaced writes nothing and reads nothing', (open) => {
    const old = open();
    old.commit({ events: [entry(1, started)] });
    const young = open();
    assert.equal(young.epoch, old.epoch + 1);

    assert.throws(() => old.commit({ events: [entry(2)] }), isFenced);
    assert.throws(() => old.readRun('r1'), isFenced);

    young.commit({ events: [entry(2)] });
    assert.deepEqual(young.verify(), { events: 2, fault: null });
    old.close();
    young.close();
  });

  check('a run that was taken back to when it was being cancelled goes on being cancelled', (open) => {
    const journal = open();
    const flow = { name: 'f', version: '1.0.0', hash: 'sha256:f' };
    const cancelling = { type: 'run.cancelling', by: 'me', reason: 'enough' } as const;
    const settled = { type: 'run.settled', status: 'cancelled', output: null, error: null } as const;
    const back = { type: 'run.rolled_back', to: 2, gseq: 2, flow, aside: 'a', files: [], by: 'me' } as const;
    journal.commit({ events: [entry(1, started), entry(2, cancelling), entry(3, settled), entry(4, { ...back, cancelling: true })] });
    assert.equal(journal.run('r1')?.status, 'interrupted');
    journal.commit({ events: [entry(5, { type: 'run.resumed', by: 'me' })] });
    assert.equal(journal.run('r1')?.status, 'cancelling');
    journal.commit({ events: [entry(6, { ...back, to: 1, gseq: 1 }), entry(7, { type: 'run.resumed', by: 'me' })] });
    assert.equal(journal.run('r1')?.status, 'running', 'taken back to before that, it is not');
    journal.close();
  });

  check('runs, actors and pools are folds of the events', (open) => {
    const journal = open();
    const declared = { type: 'limit.declared', pool: 'p', limit: { concurrent: 2 }, flow: 'f' } as const;
    const changed = { type: 'limit.changed', pool: 'p', from: { concurrent: 2 }, to: { concurrent: 5 }, by: 'cli:me' } as const;
    const breaker = { state: 'open', until: 60_003, failures: 5, code: 'overloaded', ramp: null } as const;

    journal.commit({ events: [entry(1, started), entry(1, chunk, 'c0'), ofEngine(1, declared)] });
    journal.commit({
      events: [entry(2, { type: 'run.cancelling', by: 'me', reason: 'enough' }), entry(3, { type: 'run.interrupted', reason: 'crashed' })],
    });
    assert.equal(journal.run('r1')?.status, 'interrupted');
    journal.commit({ events: [entry(4, { type: 'run.resumed', by: 'me' }), ofEngine(2, changed)] });
    const adapted = { share: 0.5, step: 0.01, until: 70_000 };
    journal.commit({ events: [ofEngine(3, { type: 'breaker.changed', pool: 'p', by: null, ...breaker })] });
    journal.commit({ events: [ofEngine(4, { type: 'limit.adapted', pool: 'p', ...adapted })] });

    assert.equal(journal.run('r1')?.status, 'cancelling', 'a run that is being cancelled stays so over an interruption');
    assert.deepEqual(
      journal.actors('r1', { settled: false }).map((row) => row.actor),
      ['c0', 'root'],
    );
    const settled = { type: 'run.settled', status: 'cancelled', output: null, error: null } as const;
    journal.commit({ events: [entry(2, { type: 'chunk.settled', page: 'sha256:p' }, 'c0'), entry(5, settled)] });
    assert.deepEqual(journal.actors('r1', { settled: false }), []);
    assert.deepEqual(journal.actors('r1'), [
      { actor: 'c0', seq: 2, settled: true },
      { actor: 'root', seq: 5, settled: true },
    ]);
    assert.deepEqual(journal.actors('r1', { settled: true }), journal.actors('r1'));
    assert.deepEqual(journal.actors(''), [{ actor: 'engine', seq: 4, settled: false }]);
    assert.deepEqual(journal.actors('', { settled: false }), journal.actors(''));
    assert.deepEqual(
      [journal.actors('r'), journal.lastSeq('r', 'root'), journal.lastSeq('r1', 'c0'), journal.lastSeq('', 'engine')],
      [[], 0, 2, 4],
    );
    assert.deepEqual(journal.pools(), [
      {
        pool: 'p',
        declared: { concurrent: 2 },
        flow: 'f',
        changed: { concurrent: 5 },
        changedBy: 'cli:me',
        changedAt: 2,
        breaker,
        adapted,
      },
    ]);
    journal.commit({ events: [ofEngine(5, { ...changed, to: { concurrent: 6 } })] });
    assert.equal(journal.pools()[0]?.adapted, null, 'another limit is given out as a whole');
    assert.deepEqual(journal.run('r1'), {
      run: 'r1',
      flow: { name: 'f', version: '1.0.0', hash: 'sha256:f' },
      status: 'cancelled',
      startedAt: 1_001,
      endedAt: 1_005,
      startedBy: 'cli:me',
      options,
      input: { folder: 'x' },
      output: null,
      error: null,
      amendments: { rollbacks: [], migrations: [] },
      parent: null,
      forkedFrom: null,
      pruned: null,
    });
    assert.deepEqual(
      journal.readRun('r1').map((row) => row.seq),
      [1, 1, 2, 3, 4, 2, 5],
    );
    journal.close();
  });

  check('runs are listed by status, flow, prefix and what they work for, the newest first', (open) => {
    const journal = open();
    const parent = { run: 'a1', step: 's', key: null, depth: 1 };
    journal.commit({ events: [entry(1, started, 'root', 'a1')] });
    journal.commit({ events: [entry(1, { ...started, parent }, 'root', 'a2')] });
    journal.commit({ events: [entry(1, { ...started, parent: { ...parent, detached: true } }, 'root', 'b1')] });
    journal.commit({ events: [entry(2, { type: 'run.paused', by: 'me' }, 'root', 'a1')] });

    const names = (rows: readonly { readonly run: string }[]): readonly string[] => rows.map(({ run }) => run);
    assert.deepEqual(names(journal.runs()), ['b1', 'a2', 'a1']);
    assert.deepEqual(names(journal.runs({ limit: 2 })), ['b1', 'a2']);
    assert.deepEqual(names(journal.runs({ prefix: 'a' })), ['a2', 'a1']);
    assert.deepEqual(names(journal.runs({ prefix: 'A' })), []);
    assert.deepEqual(names(journal.runs({ status: ['paused', 'failed'] })), ['a1']);
    assert.deepEqual(names(journal.runs({ flow: 'g' })), []);
    assert.deepEqual(names(journal.runs({ children: 'none' })), ['a1']);
    assert.deepEqual(names(journal.runs({ children: 'detached' })), ['b1', 'a1']);
    assert.deepEqual(names(journal.childRuns('a1')), ['b1', 'a2']);
    assert.deepEqual(names(journal.childRuns('a1', 1)), ['b1']);
    assert.equal(journal.run('a'), null);
    journal.close();
  });

  check('an actor is open that settled and was taken back, within one commit as well', (open) => {
    const journal = open();
    const settled = { type: 'run.settled', status: 'succeeded', output: { v: 1 }, error: null } as const;
    const flow = { name: 'f', version: '1.0.0', hash: 'sha256:f' };
    const back = { type: 'run.rolled_back', to: 1, gseq: 1, flow, aside: 'a', files: [], by: 'me' } as const;
    const end = { type: 'chunk.settled', page: 'sha256:p' } as const;
    const chunkBack = { type: 'actor.rolled_back', to: 1, files: [] } as const;

    journal.commit({
      events: [
        ...[entry(1, started), entry(2, settled), entry(3, back), entry(4, { type: 'run.resumed', by: 'me' })],
        ...[entry(1, chunk, 'c0'), entry(2, end, 'c0'), entry(3, chunkBack, 'c0')],
        ...[entry(1, chunk, 'c1'), entry(2, chunkBack, 'c1'), entry(3, end, 'c1')],
      ],
    });

    assert.deepEqual(journal.actors('r1'), [
      { actor: 'c0', seq: 3, settled: false },
      { actor: 'c1', seq: 3, settled: true },
      { actor: 'root', seq: 4, settled: false },
    ]);
    journal.close();
  });

  check('what was forked, migrated and rolled back is told by the run, its actors and its artifacts', (open) => {
    const journal = open();
    const file = { path: 'clean/r1/b.txt', hash: contentHash('text'), bytes: 4, stage: 'clean', from: ['file:/in/b'] };
    const artifact: ArtifactRow = { ...file, run: 'r1', root: '/out', key: 'b', handler: 'books/clean@1.0.0', at: 1_003, reusedFrom: null };
    const flow = { name: 'f', version: '2.0.0', hash: 'sha256:g' };
    const settled = { type: 'run.settled', status: 'succeeded', output: { v: 1 }, error: null } as const;
    const forked = { parent: 'r1', gseq: 1, step: null, input: { folder: 'y' }, outputs: [], handlers: {}, by: 'cli:you' } as const;
    const map = { renames: [], removed: [] } as unknown as Extract<Event, { type: 'run.migrated' }>['map'];

    journal.commit({ events: [entry(1, started), entry(2, granted, 'root')], artifacts: [artifact] });
    journal.commit({
      events: [entry(1, started, 'root', 'r2'), entry(2, { type: 'run.forked', ...forked }, 'root', 'r2')],
      artifacts: [{ ...artifact, run: 'r2', reusedFrom: 'r1' }],
    });
    const migrated = { before: 'sha256:f', flow, map, assumed: [], handlers: {}, modules: ['file:/m.ts'], by: 'me' } as const;
    journal.commit({ events: [entry(3, { type: 'run.migrated', ...migrated }), entry(4, settled)] });
    assert.deepEqual([journal.run('r1')?.flow, journal.run('r1')?.options.modules], [flow, ['file:/m.ts']]);
    assert.deepEqual(journal.run('r1')?.amendments, { rollbacks: [], migrations: [{ gseq: 5, seq: 3, map }] });
    const { hash } = artifact;
    assert.deepEqual(journal.artifactAt('/out/clean/r1/b.txt'), artifact, 'who wrote it, and not who shares it');
    assert.equal(journal.artifactOf(hash)?.run, 'r2');

    const back = { to: 1, gseq: 1, flow: { ...flow, version: '1.0.0', hash: 'sha256:f' }, aside: 'a', files: [file.path], by: 'me' };
    journal.commit({ events: [entry(5, { type: 'run.rolled_back', ...back })] });

    const { status, output, endedAt, amendments, forkedFrom, input, startedBy } = journal.run('r1') ?? {};
    assert.deepEqual([status, output, endedAt, forkedFrom], ['interrupted', null, null, null]);
    assert.deepEqual(amendments?.rollbacks, [{ actor: 'root', after: 1, before: 5 }]);
    assert.deepEqual([input, startedBy], [{ folder: 'x' }, 'cli:me']);
    assert.deepEqual(journal.actors('r1'), [{ actor: 'root', seq: 5, settled: false }]);
    assert.deepEqual(journal.artifacts('r1'), []);
    const fork = journal.run('r2');
    assert.deepEqual([fork?.forkedFrom, fork?.input, fork?.startedBy, fork?.status], ['r1', { folder: 'y' }, 'cli:you', 'running']);
    assert.deepEqual(
      journal.artifacts('r2').map(({ id, run }) => [id, run]),
      [[2, 'r2']],
    );
    journal.close();
  });

  check('texts that stores might change come back unchanged', (open) => {
    const journal = open();
    const message = `nul \0, half \ud800 of a pair, \u202e and \u{1f600}`;
    const failed: Event = { type: 'step.failed', item: 0, node: 'a', error: { code: 'io', message } };
    const recorded = journal.commit({ events: [entry(1, started), entry(2, failed)] });
    assert.deepEqual(journal.readActor('r1', 'root'), recorded);
    assert.equal(journal.verify().fault, null);
    journal.close();
  });
}

function entry(seq: number, event: Event = granted, actor = 'root', run = 'r1'): Entry {
  return { run, actor, seq, at: 1_000 + seq, event };
}

function ofEngine(seq: number, event: Entry['event']): Entry {
  return { run: '', actor: 'engine', seq, at: seq, event };
}

function isFenced(error: unknown): boolean {
  return error instanceof JournalError && error.fault === 'fenced';
}
