/**
 * How runs begin, are held, go on and are recovered.
 *
 * 1. A run that the journal shows as live but that nobody works on was interrupted; it is marked so at the next start
 *    and goes on only when somebody resumes it.
 * 2. On resuming, every attempt that had started and not ended is lost, and is asked for again with that reason.
 */

import { foldActor, hasBudgets, HostError, planOf, ROOT } from '@scriptorium/core';
import type { Event, Flow, PlannedStep, Recorded, StartRequest } from '@scriptorium/core';
import { Actors } from './actors.ts';
import { admit, planningPorts } from './admission.ts';
import { removeLeftovers } from './artifacts.ts';
import { codeChanges, handlersOf, misfitOf } from './code.ts';
import type { Misfit } from './code.ts';
import type { RunRow } from './journal-reads.ts';
import { createLiveRun } from './live-run.ts';
import type { LiveRun } from './live-run.ts';
import type { Parts } from './parts.ts';
import { planRun } from './planning.ts';
import { preflight } from './preflight.ts';
import { setAside } from './rolling-back.ts';
import { newRunId } from './run-id.ts';
import { definitionOf, readAll, rowOf } from './run-views.ts';
import { missingSecret } from './secrets.ts';
import { commitFacts, unload } from './setting-apart.ts';
import { messageOf } from './store.ts';

export async function startRun(parts: Parts, request: StartRequest): Promise<string> {
  const { kernel, views, journal, now } = parts;
  await admit(request, { registry: parts.registry, ...parts.options });
  await preflight(request, planningPorts(request, parts));
  declareLimits(parts, request.flow);
  const run = newRunId(now());
  const live = newLive(parts, run, request.flow);
  const { name, version, hash } = request.flow;
  if (journal.flow(hash) === null) journal.commit({ events: [], flows: [request.flow] });
  kernel.add(live);
  views.follow(run, request.flow);
  const { input, options, by } = request;
  const handlers = handlersOf(parts.registry, request.flow);
  const started = kernel.submit(run, ROOT, { type: 'run.started', flow: { name, version, hash }, input, options, by, handlers });
  await started;
  return run;
}

export function declareLimits(parts: Parts, flow: Flow): void {
  for (const pool of parts.pools.declare(flow.limits)) {
    parts.log({ type: 'limit.declared', pool, limit: { ...flow.limits[pool] }, flow: flow.name });
  }
}

export async function* planOnly(parts: Parts, request: StartRequest): AsyncGenerator<PlannedStep> {
  await admit(request, { registry: parts.registry, ...parts.options });
  yield* planRun({ ...request, options: { ...request.options, dryRun: true } }, planningPorts(request, parts));
}

/** The run, live in this engine. Raises `conflict` when it has ended. */
function liveOf(parts: Parts, name: string): { row: RunRow; live: LiveRun | undefined } {
  const row = rowOf(parts.journal, name);
  if (row.endedAt !== null)
    throw new HostError('conflict', `run ${row.run} has ended: ${row.status}`, 'Start it again with `scriptorium retry`.');
  return { row, live: parts.kernel.run(row.run) };
}

export async function pauseRun(parts: Parts, name: string, by: string): Promise<void> {
  const { row, live } = liveOf(parts, name);
  if (live === undefined)
    throw new HostError(
      'conflict',
      `run ${row.run} is ${row.status}; there is nothing to pause`,
      `Resume it with \`scriptorium resume ${row.run}\`.`,
    );
  if (row.status === 'paused') return;
  const paused = parts.kernel.submit(row.run, ROOT, { type: 'run.paused', by });
  await paused;
  parts.kernel.withdraw(live);
}

export async function resumeRun(parts: Parts, name: string, by: string): Promise<void> {
  const { row, live: known } = liveOf(parts, name);
  if (known !== undefined && row.status === 'running') return;
  const code = await codeFor(parts, row);
  if ('reason' in code) return park(parts, row, code);
  if (known === undefined) await removeLeftovers(row.options, row.run);
  if (known === undefined) await setAside(parts, row);
  const live = known ?? loadRun(parts, row);
  declareLimits(parts, live.flow);
  const lost = known === undefined ? lostAttempts(live).map(({ actor, event }) => parts.kernel.submit(row.run, actor, event)) : [];
  const changed = code.changed === null ? [] : [parts.kernel.submit(row.run, ROOT, code.changed)];
  await Promise.all([...changed, ...lost, parts.kernel.submit(row.run, ROOT, { type: 'run.resumed', by })]);
  parts.kernel.reconsider(live);
}

function lostAttempts(live: LiveRun): readonly { readonly actor: string; readonly event: Event }[] {
  const running = [...live.actors.entries()].flatMap(([actor, state]) =>
    [...state.open].flatMap(([item, { steps }]) =>
      [...steps].flatMap(([node, step]) => (step.type === 'running' ? [{ actor, at: { item, node, attempt: step.attempt } }] : [])),
    ),
  );
  return running.map(({ actor, at }) => ({ actor, event: { ...at, type: 'attempt.lost', reason: 'engine', among: running.length } }));
}

/** What a run would go on with, or why it cannot. */
async function codeFor(parts: Parts, row: RunRow): Promise<Misfit | { readonly changed: Event | null }> {
  const { journal, registry } = parts;
  const flow = journal.flow(row.flow.hash);
  if (flow === null) return definitionGone(row);
  try {
    await registry.load(row.options.modules);
  } catch (error) {
    return { reason: `its handlers cannot be loaded: ${messageOf(error)}`, fix: 'Put the module back, then resume the run.' };
  }
  const root = foldActor(journal.readActor(row.run, ROOT) as readonly Recorded[]);
  const pinned = root?.kind.type === 'root' ? root.kind.handlers : null;
  const misfit = misfitOf(registry, flow, pinned);
  if (misfit !== null) return misfit;
  const secret = missingSecret(flow, row.options, parts.options.env);
  if (secret !== null) return secret;
  const handlers = handlersOf(registry, flow);
  const changed = codeChanges(pinned ?? {}, handlers);
  return { changed: changed.length === 0 ? null : { type: 'run.code_changed', handlers, changed } };
}

function definitionGone({ flow }: RunRow): Misfit {
  return { reason: `its definition ${flow.hash} is not in the store`, fix: 'Restore a backup of the store, or cancel the run.' };
}

/** Leaves the run as it is until what it needs is there, and says what that is. */
async function park(parts: Parts, { run, status }: RunRow, { reason, fix }: Misfit): Promise<never> {
  await unload(parts, run);
  const last = parts.journal.readActor(run, ROOT).at(-1)?.event;
  const isSaid = status === 'parked' && last?.type === 'run.parked' && last.reason === reason;
  if (!isSaid) commitFacts(parts, run, [{ actor: ROOT, event: { type: 'run.parked', reason, fix } }]);
  parts.views.notify(run, true);
  throw new HostError('conflict', `run ${run} is parked: ${reason}`, fix);
}

export async function cancelRun(parts: Parts, name: string, by: string, reason: string): Promise<void> {
  const { row } = liveOf(parts, name);
  if (row.status === 'parked') return cancelParked(parts, row, by, reason);
  if (row.status === 'interrupted') await resumeRun(parts, row.run, by);
  const live = parts.kernel.run(row.run);
  if (live === undefined) return;
  await parts.kernel.submit(row.run, ROOT, { type: 'run.cancelling', by, reason });
  parts.kernel.withdraw(live);
  parts.kernel.reconsider(live);
}

/** Nothing of it runs, and what it would need to run is not there: it ends as it is. */
async function cancelParked(parts: Parts, { run }: RunRow, by: string, reason: string): Promise<void> {
  commitFacts(parts, run, [
    { actor: ROOT, event: { type: 'run.cancelling', by, reason } },
    {
      actor: ROOT,
      event: { type: 'run.settled', status: 'cancelled', output: null, error: { code: 'cancelled', message: 'the run was cancelled' } },
    },
  ]);
  await parts.recorder.finish(run);
  parts.views.notify(run, true);
}

/** Ended runs whose report is looked for at a start. */
const RECENT = 20;

/** What the last engine left undone: live runs become interrupted ones, and every run gets its report. */
export async function recoverRuns(parts: Parts): Promise<void> {
  const { journal, recorder } = parts;
  for (const { run, endedAt } of journal.runs({ limit: RECENT })) {
    if (endedAt !== null && recorder.lacksReport(run)) await recorder.finish(run);
  }
  for (const row of journal.runs({ status: ['running', 'paused', 'cancelling'] })) {
    const facts: Event[] = [{ type: 'run.interrupted', reason: 'crashed' }];
    if (journal.flow(row.flow.hash) === null) facts.push({ type: 'run.parked', ...definitionGone(row) });
    commitFacts(
      parts,
      row.run,
      facts.map((event) => ({ actor: ROOT, event })),
    );
    await recorder.finish(row.run);
  }
}

function newLive({ journal, kernel, values, now }: Parts, run: string, flow: Flow): LiveRun {
  const load = (actor: string): readonly Recorded[] => journal.readActor(run, actor) as readonly Recorded[];
  return createLiveRun(run, flow, new Actors({ run, flow, values, now, load, record: (fact) => kernel.record(fact) }));
}

/** Folds what is unfinished of a run and hands it to the kernel. */
export function loadRun(parts: Parts, row: RunRow): LiveRun {
  const live = newLive(parts, row.run, definitionOf(parts.journal, row));
  for (const { actor } of parts.journal.actors(row.run, { settled: false })) live.actors.restore(actor);
  restoreAccounts(parts, live);
  parts.views.follow(row.run, live.flow);
  parts.recorder.open(live.id);
  parts.kernel.add(live);
  return live;
}

/** What the run has used of its budgets so far, from its journal. */
function restoreAccounts({ journal, kernel: { ledger } }: Parts, { id, flow }: LiveRun): void {
  ledger.forget(id);
  if (!hasBudgets(flow, planOf(flow).values())) return;
  for (const recorded of readAll(journal, id)) ledger.fold(recorded);
}
