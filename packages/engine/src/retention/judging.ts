/** A store as it is judged: what is configured, what it has, and why each of its runs is still there. */

import { existsSync } from 'node:fs';
import type { Instant, Ms } from '@scriptorium/core';
import { eventCounts } from '../journal/actor-rows.ts';
import { upkeepOf } from '../journal/upkeep.ts';
import type { Upkeep } from '../journal/upkeep.ts';
import { drained, judge } from './retention.ts';
import type { Judgeable, Rule } from './retention.ts';
import { readStore } from '../journal/read-store.ts';
import { storeFile } from '../journal/store-file.ts';

/** What is kept of a store, whoever works on it. */
export interface Retention {
  /** How long runs keep their events after their end; null for as long as there is room. */
  readonly keepMs: Ms | null;
  /** So many of the newest runs keep them whatever their age. */
  readonly newest: number;
  /** What the store may have before the oldest lose theirs all the same; null for no limit. */
  readonly bytes: number | null;
  /** After so long nothing at all is kept of a run; null for never. */
  readonly forgetMs: Ms | null;
}

/** Rows that are read at once. */
const ROWS = 1_000;

/** What would go by a retention now, and why the rest of what has ended stays; also while an engine works on the store. */
export interface Explained {
  readonly goes: readonly string[];
  readonly stays: readonly { readonly run: string; readonly because: string }[];
}

export function explainRetention(home: string, retention: Retention, now: Instant): Explained {
  const path = storeFile(home);
  if (!existsSync(path)) return { goes: [], stays: [] };
  const db = readStore(path);
  try {
    const store = upkeepOf(db);
    const { prune, kept } = drained(judge(drained(rowsOf(store)), ruleOf(store, retention), now));
    return {
      goes: prune.flatMap(({ rows }) => rows.map(({ run }) => run)),
      stays: kept.map(({ run, because }) => ({ run, because })),
    };
  } finally {
    db.close();
  }
}

/** Those that there have been without those that are gone. */
const EVENTS = 'SELECT (SELECT ifnull(max(gseq), 0) FROM events) - (SELECT ifnull(sum(last - first + 1), 0) FROM pruned) AS events';

export function ruleOf(store: Upkeep, { keepMs, newest, bytes }: Retention): Rule {
  const rule = { olderThanMs: keepMs, keep: newest };
  if (bytes === null) return rule;
  const used = usedBytes(store);
  if (used <= bytes) return rule;
  const { events } = store.read((db) => db.prepare(EVENTS).get()) as { events: number };
  const bytesOf = (run: string): number => (store.read((db) => eventCounts(db)(run)) * used) / Math.max(1, events);
  return { ...rule, excess: { bytes: used - bytes, bytesOf } };
}

/** Without pages that are free for what comes next. */
function usedBytes(store: Upkeep): number {
  const row = store.read((db) =>
    db
      .prepare('SELECT (page_count - freelist_count) * page_size AS bytes FROM pragma_page_count, pragma_freelist_count, pragma_page_size')
      .get(),
  );
  return row?.['bytes'] as number;
}

/** What is read of a run to judge it: of a hundred thousand the whole rows would take some hundred megabytes. */
export interface StoredRun extends Judgeable {
  readonly flow: string;
  readonly first: number;
}

/** All runs whose events are there, the newest first. */
export function* rowsOf(store: Upkeep): Generator<void, readonly StoredRun[]> {
  const rows: StoredRun[] = [];
  for (let after = 0; ;) {
    const page = store.read((db) =>
      db
        .prepare(
          `SELECT first, run, flow, status, ended_at, json_extract(parent, '$.run') AS above, forked_from, pruned IS NOT NULL AS gone
           FROM runs WHERE first > ? ORDER BY first LIMIT ?`,
        )
        .all(after, ROWS),
    );
    for (const row of page)
      if (row['gone'] === 0)
        rows.push({
          run: row['run'] as string,
          flow: row['flow'] as string,
          status: row['status'] as Judgeable['status'],
          endedAt: row['ended_at'] as number | null,
          parent: row['above'] === null ? null : { run: row['above'] as string },
          forkedFrom: row['forked_from'] as string | null,
          pruned: null,
          first: row['first'] as number,
        });
    const last = page.at(-1);
    if (last === undefined || page.length < ROWS) return rows.reverse();
    after = last['first'] as number;
    yield;
  }
}
