import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, test } from 'node:test';
import type { RunOptions } from '@scriptorium/core';
import { auditStore } from '../audit/audit.ts';
import { openHighWater } from '../journal/high-water.ts';
import { contentHash, openJournal } from '../journal/journal.ts';
import type { Journal } from '../journal/journal.ts';
import { copyInPieces } from './copy-in-pieces.ts';

const scratch = mkdtempSync(join(tmpdir(), 'copying-'));
after(() => rmSync(scratch, { recursive: true }));

const options: RunOptions = { mode: 'strict', test: false, dryRun: false, limit: null, out: '/out', fresh: false, modules: [] };
const began = { type: 'run.started', flow: { name: 'f', version: '1.0.0', hash: 'sha256:f' }, input: {}, options, by: 'test' } as const;

/** Larger than what the writer lets its log grow to before it moves it into the store. */
const WRITTEN_BYTES = 56 * 2 ** 20;
const LOG_BYTES = 44 * 2 ** 20;

/** A store with some thousand events, and how to write so many more, each with a value of its own. */
function makeStore(name: string): {
  readonly path: string;
  readonly journal: Journal;
  readonly write: (events: number, bytes: number) => void;
} {
  const path = join(scratch, name, 'journal.db');
  const journal = openJournal(path);
  let seq = 0;
  const next = () => ({ run: 'r', actor: 'root', seq: (seq += 1), at: seq });
  journal.commit({ events: [{ ...next(), event: began }] });
  journal.commit({ events: Array.from({ length: 3_000 }, () => ({ ...next(), event: { type: 'chunk.granted', slots: 1 } as const })) });
  const write = (events: number, bytes: number): void => {
    for (let written = 0; written < events; written += 1) {
      const at = next();
      const value = JSON.stringify(`${at.seq} `.repeat(bytes / `${at.seq} `.length));
      const event = { type: 'value.given', item: 0, node: 'x', output: { ref: contentHash(value) } };
      journal.commit({
        events: [{ ...at, event: event as unknown as { type: 'chunk.granted'; slots: number } }],
        values: new Map([[contentHash(value), value]]),
      });
    }
  };
  return { path, journal, write };
}

test('a copy of a store that is written to is whole, and the log of the store is begun anew meanwhile', async () => {
  const { path, journal, write } = makeStore('busy');
  const home = join(scratch, 'copy');
  mkdirSync(home, { mode: 0o700 });
  const target = join(home, 'journal.db');
  writeFileSync(target, '', { mode: 0o600 });
  let [longest, written, pieces] = [0, 0, 0];
  const before = journal.head();
  await copyInPieces(path, target, async () => {
    pieces += 1;
    if (written >= WRITTEN_BYTES) return;
    // So often that the writer looks at its log in each pause.
    write(16, 2 ** 19);
    written += 16 * 2 ** 19;
    longest = Math.max(longest, statSync(`${path}-wal`).size);
  });
  assert.ok(written >= WRITTEN_BYTES, `${written} bytes in ${pieces} pauses`);
  assert.ok(longest <= LOG_BYTES, `the log grew to ${longest} bytes while ${written} were written`);
  const copied = new DatabaseSync(target, { readOnly: true });
  const { last } = copied.prepare('SELECT max(gseq) AS last FROM events').get() as { last: number };
  copied.close();
  const mark = openHighWater(`${target}.mark`);
  mark.mark(last);
  mark.close();
  const { findings, events } = await auditStore(home, { now: Date.now(), hashFlow: ({ hash }) => hash });
  assert.deepEqual(
    findings.filter(({ level, fault }) => level === 'problem' && fault !== 'definition_missing'),
    [],
  );
  assert.ok(events >= before && events < journal.head(), `${events} of ${journal.head()} events`);
  journal.close();
});

test('a reader that holds the store at one moment for as long would make the log grow with all that is written', () => {
  const { path, journal, write } = makeStore('held');
  const reader = new DatabaseSync(path, { readOnly: true });
  reader.exec('BEGIN');
  reader.prepare('SELECT count(*) FROM events').get();
  write(WRITTEN_BYTES / 2 ** 19, 2 ** 19);
  assert.ok(statSync(`${path}-wal`).size > LOG_BYTES);
  reader.close();
  journal.close();
});
