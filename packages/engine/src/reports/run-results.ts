/** The results of an `each` of a run, read from the pages of its chunks; chunks that still work are folded. */

import { amend, chunkId, collectionElement, effectiveEvents, evolve, iterationOf, jsonOf, ROOT } from '@scriptorium/core';
import type { ActorState, Collection, ItemOutcome, ItemRow, Json, Recorded, ResultRow, Values } from '@scriptorium/core';
import { foldFrom } from '../journal/actor-fold.ts';
import type { Journal } from '../journal/journal.ts';

export function* resultsOf(journal: Journal, values: Values, run: string, step: string): Generator<ItemOutcome> {
  const root = effectiveEvents(journal.readActor(run, ROOT) as readonly Recorded[]);
  const amendments = journal.run(run)?.amendments ?? { rollbacks: [], migrations: [] };
  const last = root.findLastIndex((recorded) => {
    const event = amend(amendments, recorded)?.event;
    return event?.type === 'each.opened' && event.node === step;
  });
  const opened = root[last]?.event;
  if (opened?.type !== 'each.opened') return;
  const before = root.slice(0, last).reduce<ActorState | null>((folded, recorded) => evolve(folded, recorded), null);
  const iteration = iterationOf(before?.open.get(opened.item)?.steps, opened.node) ?? '';
  const settled = new Map<number, string>();
  for (const { event } of root.slice(last))
    if (event.type === 'chunk.reported' && event.node === opened.node && event.page !== null) settled.set(event.chunk, event.page);
  const pages = values.read(opened.pages) as readonly string[];
  for (const [chunk, page] of pages.entries()) {
    const results = settled.get(chunk);
    const rows =
      results === undefined
        ? unsettledRows(journal, values, run, chunkId(ROOT, 0, opened.node, chunk, iteration), page)
        : (values.read(results) as readonly ResultRow[]);
    for (const row of rows) yield outcomeOf(row, values);
  }
}

type Row = Omit<ResultRow, 'status'> & { readonly status: ItemOutcome['status'] };

function unsettledRows(journal: Journal, values: Values, run: string, actor: string, page: string): readonly Row[] {
  const { state } = foldFrom(journal, run, actor);
  return (values.read(page) as readonly ItemRow[]).map(({ key }, item): Row => {
    const result = state?.results.get(item);
    if (result === undefined) return { key, status: state?.open.has(item) === true ? 'running' : 'waiting' };
    switch (result.status) {
      case 'succeeded':
        return { key, status: 'succeeded', output: result.output, ...(result.degraded ? { degraded: true } : {}) };
      case 'failed':
        return { key, status: 'failed', error: result.error };
      default:
        return { key, status: result.status };
    }
  });
}

function outcomeOf(row: Row, values: Values): ItemOutcome {
  return {
    key: row.key,
    status: row.status,
    output: row.output === undefined ? null : jsonOf(row.output, values),
    error: row.error ?? null,
    degraded: row.degraded === true,
  };
}

/** The elements of a collection, page by page. */
export function* pagesOf(collection: Collection, values: Values): Generator<readonly Json[]> {
  let index = 0;
  for (const page of collection.pages) {
    const rows = values.read(page) as readonly ResultRow[];
    const start = index;
    index += rows.length;
    yield rows
      .map((row, offset) => collectionElement(collection.side, row, start + offset, values))
      .filter((element) => element !== undefined);
  }
}
