/**
 * Takes a run back to an earlier point. The journal keeps what came after; it is part of no state any more.
 *
 * 1. All actors are taken back in one commit, the run's root first.
 * 2. Files that were written later are moved aside after it, and runs below are ended; both again when the run is resumed,
 *    in case the engine ended in between. No file is deleted.
 * 3. While it is at that, nobody resumes, pauses or cancels the run; and it does not begin while the run is about to go on.
 * 4. What handlers did to the world outside is listed, and stays done.
 */

import { HostError, ROOT } from '@scriptorium/core';
import type { EffectLeft, Flow, Recorded, RollbackReport, RollbackRequest } from '@scriptorium/core';
import type { RunRow } from '../journal/journal-reads.ts';
import type { Parts } from '../parts.ts';
import { readAll, rowOf, rowWithEvents } from '../reports/run-views.ts';
import { endOrphans } from './orphans.ts';
import { setAside } from './set-aside.ts';
import { commitFacts, unload } from './setting-apart.ts';
import type { Addressed } from './setting-apart.ts';
import { artifactsIn, beginningOf, countingEvents, lastKept, lossesOf, statesAfter } from './turning-points.ts';

export async function rollBackRun(parts: Parts, request: RollbackRequest): Promise<RollbackReport> {
  const { journal } = parts;
  const found = rowWithEvents(journal, request.run);
  if (found.status === 'running' || found.status === 'cancelling')
    throw new HostError('conflict', `run ${found.run} is ${found.status}`, `Pause it first: \`scriptorium pause ${found.run}\`.`);
  turningPoint(parts, found, request.to);
  if (parts.resuming.has(found.run) || parts.turning.has(found.run))
    throw new HostError(
      'conflict',
      `run ${found.run} is about to go on, or being rolled back already`,
      `Pause it first: \`scriptorium pause ${found.run}\`.`,
    );
  const letGo = parts.holds.hold(found.run);
  parts.turning.add(found.run);
  try {
    return await turnBack(parts, found, request);
  } finally {
    parts.turning.delete(found.run);
    letGo();
  }
}

async function turnBack(parts: Parts, found: RunRow, request: RollbackRequest): Promise<RollbackReport> {
  const { journal } = parts;
  await unload(parts, found.run);
  await parts.finishes.get(found.run);
  await parts.registry.load(found.options.modules).catch(() => undefined);
  const row = rowOf(journal, found.run);
  const { counting, last } = turningPoint(parts, row, request.to);
  const [kept, erased] = [counting.filter(({ gseq }) => gseq <= last), counting.filter(({ gseq }) => gseq > last)];
  const states = statesAfter(kept);
  const root = states.get(ROOT);
  const flow = root?.kind.type === 'root' ? journal.flow(root.kind.flow) : null;
  if (flow === null) throw new HostError('conflict', `run ${row.run} had not begun by then, or its definition is gone`);
  if (erased.length === 0) throw new HostError('conflict', `nothing of run ${row.run} comes after event ${last}`);
  const aside = `_set_aside/${new Date(parts.now()).toISOString().replaceAll(/[:.]/g, '-')}`;
  const cancelling = root?.status === 'cancelling' ? ({ cancelling: true } as const) : {};
  const facts = rollbackFacts(kept, erased, { flow, aside, by: request.by, ...cancelling });
  const back = new Set(facts.map(({ actor }) => actor));
  commitFacts(parts, row.run, [
    ...facts,
    ...lossesOf(
      [...states.values()].filter(({ id }) => back.has(id)),
      'rewound',
    ),
  ]);
  await endOrphans(parts, row.run, request.by);
  const files = await setAside(parts, rowOf(journal, row.run));
  await parts.recorder.finish(row.run);
  parts.views.refold(row.run, flow);
  parts.views.notify(row.run, true);
  return {
    run: row.run,
    event: last,
    erased: erased.length,
    aside: files.length === 0 ? null : aside,
    files,
    effects: effectsIn(parts, erased),
  };
}

/** The events that count, and the number of the last one that is to. */
function turningPoint(
  { journal }: Parts,
  row: RunRow,
  to: string | number,
): { readonly counting: readonly Recorded[]; readonly last: number } {
  const counting = countingEvents(row, [...readAll(journal, row.run)]);
  return { counting, last: typeof to === 'number' ? lastKept(row, counting, to) : beginningOf(row, counting, to).gseq - 1 };
}

function rollbackFacts(
  kept: readonly Recorded[],
  erased: readonly Recorded[],
  { flow, ...more }: { readonly flow: Flow; readonly aside: string; readonly cancelling?: true; readonly by: string },
): readonly Addressed[] {
  const remaining = new Set(kept.flatMap(artifactsIn).map(({ path }) => path));
  const ends = new Map(kept.map(({ actor, seq }) => [actor, seq]));
  const { name, version, hash } = flow;
  const identity = { name, version, hash };
  const { gseq = 0 } = kept.at(-1) ?? {};
  const own = Map.groupBy(erased, ({ actor }) => actor);
  const filesOf = (actor: string): readonly string[] =>
    (own.get(actor) ?? []).flatMap(artifactsIn).flatMap(({ path }) => (remaining.has(path) ? [] : [path]));
  return [
    { actor: ROOT, event: { type: 'run.rolled_back', to: ends.get(ROOT) ?? 0, gseq, flow: identity, files: filesOf(ROOT), ...more } },
    ...[...own.keys()]
      .filter((actor) => actor !== ROOT)
      .map((actor): Addressed => ({ actor, event: { type: 'actor.rolled_back', to: ends.get(actor) ?? 0, files: filesOf(actor) } })),
  ];
}

/** Attempts of handlers that write to the world outside, those of runs that worked for what no longer counts included. */
function effectsIn(parts: Parts, erased: Iterable<Recorded>): readonly EffectLeft[] {
  return [...erased].flatMap(({ event, at }) => {
    if (event.type !== 'attempt.started') return [];
    const { node: step, key, handler, attempt, child } = event;
    if (child !== undefined) return effectsIn(parts, readAll(parts.journal, child));
    return parts.registry.find(handler)?.effects === 'write' ? [{ step, key, handler, attempt, at }] : [];
  });
}
