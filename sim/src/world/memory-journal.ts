/** The journal's port over a store in memory. Writing goes through the disk that the store lies on. */

import type { Recorded } from '@scriptorium/core';
import { JournalError, verifyRows } from '@scriptorium/engine';
import type { Batch, Journal, JournalReads, RunRow } from '@scriptorium/engine';
import type { MemoryStore, StoredEvent } from './memory-store.ts';

/** Most events of one run that one call returns unless told otherwise. */
const PAGE = 1_000;

/** `commit` writes the batch under the journal's epoch, or raises what the disk says. */
export function journalOn(store: MemoryStore, path: string, epoch: number, commit: (batch: Batch) => readonly StoredEvent[]): Journal {
  let broken: JournalError | null = null;
  const guarded = <T>(work: () => T): T => {
    if (broken !== null) throw broken;
    try {
      return work();
    } catch (error) {
      if (error instanceof JournalError && (error.fault === 'halted' || error.fault === 'fenced')) broken = error;
      throw error;
    }
  };
  const wrap =
    <Given extends readonly unknown[], T>(read: (...given: Given) => T) =>
    (...given: Given): T =>
      guarded(() => read(...given));
  const reads = Object.fromEntries(Object.entries(readsOf(store)).map(([name, read]) => [name, wrap(read as () => unknown)]));
  return {
    ...(reads as unknown as JournalReads),
    path,
    epoch,
    head: () => store.events.length,
    commit: (batch) =>
      guarded(() => {
        const given = batch.events;
        return commit(batch).map(({ gseq, run, actor, seq, at }, index) => ({ gseq, run, actor, seq, at, event: given[index]!.event }));
      }),
    upkeep: null,
    verify: () =>
      guarded(() => verifyRows(store.links().map((link, index) => ({ ...store.rows[index]!, hash: Buffer.from(link, 'hex') })))),
    close: () => undefined,
  };
}

function readsOf(store: MemoryStore): JournalReads {
  const value = (hash: string): Uint8Array | null => bytesOf(store.values.get(hash));
  return {
    readActor: (run, actor, after = 0, limit) =>
      (store.eventsOf.get(`${run}\n${actor}`) ?? [])
        .filter(({ seq }) => seq > after)
        .slice(0, limit)
        .map(recordedOf),
    snapshot: (run, actor) => store.snapshots.get(`${run}\n${actor}`) ?? null,
    actors: (run, { settled } = {}) =>
      [...(store.actors.get(run) ?? [])]
        .map(([actor, own]) => ({ actor, ...own }))
        .filter((own) => settled === undefined || own.settled === settled)
        .toSorted((a, b) => (a.actor < b.actor ? -1 : 1)),
    lastSeq: (run, actor) => store.actors.get(run)?.get(actor)?.seq ?? 0,
    readRun: (run, after = 0, limit = PAGE) => {
      const known = store.runs.get(run);
      if (known === undefined) return [];
      const { first, last } = known;
      const rows = store.eventsOf.get(run) ?? [];
      return rows
        .filter(({ gseq }) => gseq > after && gseq >= first && gseq <= (last ?? gseq))
        .slice(0, limit)
        .map(recordedOf);
    },
    readFrom: (from, limit) =>
      store.events
        .slice(Math.max(0, from - 1))
        .slice(0, limit)
        .map(recordedOf),
    value,
    json: (hash) => {
      const bytes = value(hash);
      if (bytes === null) throw new JournalError('damaged', `the value ${hash} is not in the store`, 'Restore a backup of the store.');
      return JSON.parse(Buffer.from(bytes).toString('utf8'));
    },
    flow: (hash) => store.flows.get(hash) ?? null,
    memo: (key) => store.memo.get(key) ?? null,
    run: (run) => rowOf(store.runs.get(run)),
    runs: ({ status, flow, prefix = '', children = 'all', limit } = {}) =>
      newest(store, limit, ({ run, flow: { name }, status: own, parent }) => {
        const isWanted = (status ?? [own]).includes(own) && (flow ?? name) === name && run.startsWith(prefix);
        return isWanted && (parent === null || children === 'all' || (children === 'detached' && parent.detached === true));
      }),
    endedRuns: (limit) =>
      newest(store, undefined, (row) => row.endedAt !== null)
        .toSorted((a, b) => (b.endedAt ?? 0) - (a.endedAt ?? 0))
        .slice(0, limit),
    childRuns: (parent, limit) => newest(store, limit, (row) => row.parent?.run === parent),
    pools: () => [...store.pools.values()].toSorted((a, b) => (a.pool < b.pool ? -1 : 1)),
    artifacts: (run, after = 0, limit = PAGE) => store.artifacts.filter((one) => one.run === run && one.id > after).slice(0, limit),
    artifactAt: (file) => {
      const there = store.artifacts.filter(({ root, path }) => `${root}/${path}` === file);
      return withoutId(there.findLast(({ reusedFrom }) => reusedFrom === null) ?? there.at(-1));
    },
    artifactOf: (hash) => withoutId(store.artifacts.findLast((one) => one.hash === hash)),
  };
}

function recordedOf({ gseq, run, actor, seq, at, event }: StoredEvent): Recorded<StoredEvent['event']> {
  return { gseq, run, actor, seq, at, event };
}

function bytesOf(value: Uint8Array | string | undefined): Uint8Array | null {
  return value === undefined ? null : typeof value === 'string' ? Buffer.from(value) : value;
}

function newest({ runs }: MemoryStore, limit: number | undefined, isWanted: (row: RunRow) => boolean): readonly RunRow[] {
  const rows = [...runs.values()].filter(isWanted).toSorted((a, b) => b.first - a.first);
  return (limit === undefined ? rows : rows.slice(0, limit)).flatMap((row) => rowOf(row) ?? []);
}

function rowOf(row: MemoryStore['runs'] extends Map<string, infer Row> ? Row | undefined : never): RunRow | null {
  if (row === undefined) return null;
  const { cancelling: _cancelling, first: _first, last: _last, ...rest } = row;
  return rest;
}

function withoutId<T extends { readonly id: number }>(row: T | undefined): Omit<T, 'id'> | null {
  if (row === undefined) return null;
  const { id: _id, ...rest } = row;
  return rest;
}
