/**
 * How runs begin, are held, go on and are recovered.
 *
 * 1. A run that the journal shows as live but that nobody works on was interrupted; it is marked so at the next start
 *    and goes on only when somebody resumes it.
 * 2. On resuming, every attempt that had started and not ended is lost, and is asked for again with that reason.
 */

import { hasBudgets, HostError, planOf, ROOT } from '@scriptorium/core';
import type { Event, Flow, PlannedStep, Recorded, Settings, StartRequest } from '@scriptorium/core';
import { admit, planningPorts } from './admission.ts';
import { codeChanges, handlersOf, misfitOf } from './code.ts';
import type { Misfit } from './code.ts';
import type { Entry } from '../journal/journal.ts';
import type { RunRow } from '../journal/journal-reads.ts';
import { readRunSnapshot } from '../kernel/run-snapshot.ts';
import { foldAccounts } from '../kernel/snapshot-check.ts';
import { rootOf } from '../kernel/live-run.ts';
import type { LiveRun } from '../kernel/live-run.ts';
import type { Parts } from '../parts.ts';
import { endOrphans, endParked } from './orphans.ts';
import { countUnderway, lostAttempts } from './losses.ts';
import { planRun } from './planning.ts';
import { preflight } from './preflight.ts';
import { setAside } from './set-aside.ts';
import { definitionOf, rowOf } from '../reports/run-views.ts';
import { missingSecret } from '../calls/secrets.ts';
import { commitFacts, unload } from './setting-apart.ts';
import { messageOf } from '../journal/storage-error.ts';

export async function startRun(parts: Parts, asked: StartRequest): Promise<string> {
  const { kernel, views, journal, now } = parts;
  // A definition that came from another process is a new object each time, about which nothing is known.
  const request = { ...asked, flow: journal.flow(asked.flow.hash) ?? asked.flow };
  await admit(request, { registry: parts.registry, ...parts.options });
  await preflight(request, planningPorts(parts));
  const run = parts.newRunId(now());
  const live = parts.create(run, request.flow);
  const { name, version, hash } = request.flow;
  const called = { ...request.called, ...parts.registry.flowsOf([request.flow, ...Object.values(request.called ?? {})]) };
  const flows = [request.flow, ...Object.values(called)];
  for (const flow of flows) declareLimits(parts, flow);
  const unknown = flows.filter((flow) => journal.flow(flow.hash) === null);
  if (unknown.length > 0) journal.commit({ events: [], flows: unknown });
  kernel.add(live);
  views.begin(run, request.flow);
  const { input, options, by } = request;
  const hashes = Object.fromEntries(Object.entries(called).map(([as, flow]) => [as, flow.hash]));
  const pinned = { handlers: handlersOf(parts.registry, request.flow), ...(flows.length === 1 ? {} : { flows: hashes }) };
  await kernel.submit(run, ROOT, { type: 'run.started', flow: { name, version, hash }, input, options, by, ...pinned });
  return run;
}

export function declareLimits(parts: Parts, flow: Flow): void {
  for (const pool of parts.pools.declare(flow.limits)) {
    parts.log({ type: 'limit.declared', pool, limit: { ...flow.limits[pool] }, flow: flow.name });
  }
}

export async function* planOnly(parts: Parts, request: StartRequest): AsyncGenerator<PlannedStep> {
  await admit(request, { registry: parts.registry, ...parts.options });
  yield* planRun({ ...request, options: { ...request.options, dryRun: true } }, planningPorts(parts));
}

/** The run, live in this engine. Raises `conflict` when it has ended, or is being taken back. */
function liveOf(parts: Parts, name: string): { row: RunRow; live: LiveRun | undefined } {
  const row = rowOf(parts.journal, name);
  if (row.endedAt !== null)
    throw new HostError('conflict', `run ${row.run} has ended: ${row.status}`, 'Start it again with `scriptorium retry`.');
  if (parts.turning.has(row.run)) throw isTurning(row.run);
  return { row, live: parts.kernel.run(row.run) };
}

/** Also of the runs that its steps wait for, which began with its settings. */
export async function configureRun(parts: Parts, name: string, settings: Settings, by: string): Promise<void> {
  const { row, live } = liveOf(parts, name);
  if (live === undefined)
    throw new HostError(
      'conflict',
      `run ${row.run} is ${row.status}; nobody works on it`,
      `Resume it with \`scriptorium resume ${row.run}\`.`,
    );
  await parts.kernel.submit(row.run, ROOT, { type: 'run.configured', settings, by });
  for (const child of parts.children.of(row.run)) if (parts.kernel.run(child) !== undefined) await configureRun(parts, child, settings, by);
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
  for (const child of parts.children.of(row.run)) if (isAtWork(parts, child)) await pauseRun(parts, child, by);
}

export async function resumeRun(parts: Parts, name: string, by: string): Promise<void> {
  const { row } = liveOf(parts, name);
  const { parent } = row;
  const above = parent === null || parent.detached === true ? null : parts.journal.run(parent.run);
  if (parent !== null && above !== null && !isAtWork(parts, above.run))
    throw new HostError(
      'conflict',
      `run ${row.run} works for the step ${parent.step} of run ${above.run}, which is ${above.status}: they go on together`,
      `Resume that one: \`scriptorium resume ${topOf(parts, above).run}\`.`,
    );
  await goOn(parts, row, by);
}

/** Whether the run is live and nobody holds it. */
function isAtWork({ journal, kernel }: Parts, run: string): boolean {
  const status = journal.run(run)?.status;
  return kernel.run(run) !== undefined && (status === 'running' || status === 'cancelling');
}

/** The run that somebody started. */
function topOf(parts: Parts, row: RunRow): RunRow {
  const above = row.parent === null || row.parent.detached === true ? null : parts.journal.run(row.parent.run);
  return above === null ? row : topOf(parts, above);
}

/** Goes on with a run and the children that its steps wait for, once, whoever asks for it meanwhile. */
function goOn(parts: Parts, row: RunRow, by: string): Promise<void> {
  const { resuming, turning } = parts;
  const { run } = row;
  if (turning.has(run)) return Promise.reject(isTurning(run));
  const going = resuming.get(run) ?? goOnAlone(parts, row, by).finally(() => resuming.delete(run));
  resuming.set(run, going);
  return going;
}

function isTurning(run: string): HostError {
  return new HostError('conflict', `run ${run} is being rolled back`, 'Try again once that is done.');
}

/** Folds once, when nothing is waited for any more: what is decided here holds for what goes on. */
async function goOnAlone(parts: Parts, row: RunRow, by: string): Promise<void> {
  const { kernel, children } = parts;
  const known = kernel.run(row.run);
  if (known !== undefined && row.status === 'running') return;
  const missing = await modulesFor(parts, row);
  if (missing !== null) return park(parts, row, missing);
  if (known === undefined) await clearLeftovers(parts, row);
  const folded = known ?? foldRun(parts, row);
  const called = calledOf(parts, folded);
  const code = codeFor(parts, row, folded, called);
  if ('reason' in code) return park(parts, row, code);
  const isTurnedBack = known === undefined && row.amendments.rollbacks.length > 0;
  if (isTurnedBack) await finishRollback(parts, row, by);
  const live = isTurnedBack ? foldRun(parts, row) : folded;
  if (known === undefined) takeUp(parts, live);
  for (const flow of [live.flow, ...called]) declareLimits(parts, flow);
  if (known === undefined) children.reattach(live);
  // What the runs have used that it waits for counts before any call of its own is granted.
  if (known === undefined) for (const child of children.of(row.run)) restoreChild(parts, child);
  const lost = known === undefined ? lostAttempts(parts, live) : [];
  const changed = code.changed === null ? [] : [{ actor: ROOT, event: code.changed }];
  await kernel.admit(row.run, () => [...lost, ...changed, { actor: ROOT, event: { type: 'run.resumed', by } }]);
  kernel.reconsider(live);
  const failures: unknown[] = [];
  for (const child of children.of(row.run)) await goOnIfHeld(parts, child, by).catch((error: unknown) => failures.push(error));
  if (known === undefined && Object.keys(rootOf(live).flows).length > 0) await goOnBeside(parts, row.run, by);
  if (failures.length > 0) throw failures[0];
}

/** Why the modules of a run cannot be loaded, or its definition read; null where they are here. */
async function modulesFor({ journal, registry }: Parts, row: RunRow): Promise<Misfit | null> {
  if (journal.flow(row.flow.hash) === null) return definitionGone(row);
  try {
    await registry.load(row.options.modules);
    return null;
  } catch (error) {
    return { reason: `its handlers cannot be loaded: ${messageOf(error)}`, fix: 'Put the module back, then resume the run.' };
  }
}

/** The definitions that the run was started with beside its own, as far as they are here. */
function calledOf({ journal }: Parts, live: LiveRun): readonly Flow[] {
  return Object.values(rootOf(live).flows).flatMap((hash) => journal.flow(hash) ?? []);
}

async function clearLeftovers({ world }: Parts, { run, options }: RunRow): Promise<void> {
  try {
    await world.outputs.removeLeftovers(options, run);
  } catch (error) {
    throw new HostError(
      'unavailable',
      `what was left half written of run ${run} cannot be removed: ${messageOf(error)}`,
      'Check the disk of the outputs and its free space, then resume the run.',
    );
  }
}

/** The runs that a run has left to themselves and that were interrupted with it; of one that cannot go on its own state tells. */
async function goOnBeside(parts: Parts, run: string, by: string): Promise<void> {
  const left = parts.journal.childRuns(run).filter(({ parent, status }) => parent?.detached === true && status === 'interrupted');
  for (const { run: one } of left.toReversed()) {
    const row = parts.journal.run(one);
    if (row?.endedAt === null) await goOn(parts, row, by).catch(() => undefined);
  }
}

/** What an engine that ended in the midst of it has left undone. */
async function finishRollback(parts: Parts, row: RunRow, by: string): Promise<void> {
  await endOrphans(parts, row.run, by);
  await setAside(parts, row);
}

/** A child that has ended meanwhile needs nothing, and one whose step was given up meanwhile hears of it now. */
async function goOnIfHeld(parts: Parts, child: string, by: string): Promise<void> {
  const row = parts.journal.run(child);
  if (row?.status === 'interrupted' || row?.status === 'paused' || row?.status === 'parked') await goOn(parts, row, by);
  await parts.children.recall(child);
}

/** What a run would go on with, or why it cannot. */
function codeFor(parts: Parts, row: RunRow, live: LiveRun, called: readonly Flow[]): Misfit | { readonly changed: Event | null } {
  const { registry } = parts;
  const { flow } = live;
  const pinned = rootOf(live).handlers;
  const misfit = misfitOf(registry, flow, pinned);
  if (misfit !== null) return misfit;
  const secret = missingSecret(flow, row.options, parts.options.env);
  if (secret !== null) return secret;
  for (const one of called) {
    const missing = misfitOf(registry, one, null) ?? missingSecret(one, row.options, parts.options.env);
    if (missing !== null) return { ...missing, reason: `${one.name}, which it calls, cannot run: ${missing.reason}` };
  }
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
  const seq = parts.journal.lastSeq(run, ROOT);
  const last = parts.journal.readActor(run, ROOT, seq - 1)[0]?.event;
  const isSaid = status === 'parked' && last?.type === 'run.parked' && last.reason === reason;
  if (!isSaid) commitFacts(parts, run, [{ actor: ROOT, event: { type: 'run.parked', reason, fix } }]);
  parts.views.notify(run, true);
  throw new HostError('conflict', `run ${run} is parked: ${reason}`, fix);
}

export async function cancelRun(parts: Parts, name: string, by: string, reason: string): Promise<void> {
  const { row } = liveOf(parts, name);
  if (row.status === 'parked' || isLeft(parts, row)) return endParked(parts, row, by, reason);
  if (row.status === 'interrupted') await resumeRun(parts, row.run, by);
  const live = parts.kernel.run(row.run);
  // It may have ended as soon as it went on.
  if (live === undefined) return void liveOf(parts, row.run);
  await parts.kernel.submit(row.run, ROOT, { type: 'run.cancelling', by, reason });
  parts.kernel.withdraw(live);
  parts.kernel.reconsider(live);
}

/** Whether the run worked for one that has ended, and could not hear of it. */
function isLeft({ journal }: Parts, { status, parent }: RunRow): boolean {
  return status === 'interrupted' && parent !== null && parent.detached !== true && journal.run(parent.run)?.endedAt !== null;
}

/** Of the runs that ended last, so many whose report is looked for at a start: an engine writes those of many at a time. */
const RECENT = 5_000;

/** Live runs whose end is committed together. */
const RUNS_AT_ONCE = 500;

/** With more events in all, the reports of what was interrupted are written while the engine works already. */
const EVENTS_AT_ONCE = 10_000;

/** What the last engine left undone: live runs become interrupted ones, and every run gets its report. */
export async function recoverRuns(parts: Parts): Promise<void> {
  const { journal, recorder } = parts;
  for (const row of journal.endedRuns(RECENT)) if (recorder.lacksReport(row)) await recorder.finish(row.run);
  const left = journal.runs({ status: ['interrupted', 'parked'] }).filter(recorder.lacksReport);
  const live = journal.runs({ status: ['running', 'paused', 'cancelling'] });
  const underway = countUnderway(journal, live);
  let events = left.reduce((sum, { run }) => sum + eventsOf(parts, run), 0);
  for (let first = 0; first < live.length; first += RUNS_AT_ONCE) {
    events += interrupt(parts, live.slice(first, first + RUNS_AT_ONCE), underway);
  }
  // Of a run without a log it stays known that it has none: it is asked for when the run goes on.
  const reported = reportAll(
    parts,
    [...left, ...live.filter(({ run }) => recorder.hasLog(run))].map(({ run }) => run),
  );
  if (events <= EVENTS_AT_ONCE) await reported;
}

/** So many events a run has. */
export function eventsOf({ journal }: Parts, run: string): number {
  return journal.actors(run).reduce((sum, { seq }) => sum + seq, 0);
}

/** Marks runs interrupted in one commit; returns how many events they have. */
function interrupt(parts: Parts, rows: readonly RunRow[], underway: number): number {
  const { journal, recorder, now } = parts;
  let events = 0;
  const byRun = new Map(rows.map((row) => [row.run, row]));
  const entries = rows.flatMap((row): readonly Entry[] => {
    events += eventsOf(parts, row.run);
    const last = journal.lastSeq(row.run, ROOT);
    const facts: Event[] = [{ type: 'run.interrupted', reason: 'crashed', underway }];
    if (journal.flow(row.flow.hash) === null) facts.push({ type: 'run.parked', ...definitionGone(row) });
    return facts.map((event, index) => ({ run: row.run, actor: ROOT, seq: last + index + 1, at: now(), event }));
  });
  const recorded = journal.commit({ events: entries }) as readonly Recorded[];
  for (const [run, own] of Map.groupBy(recorded, (one) => one.run)) recorder.record(run, own, byRun.get(run));
  return events;
}

/** One after another; a run that goes on meanwhile gets its report when it ends. */
async function reportAll({ recorder, kernel, finishes }: Parts, runs: readonly string[]): Promise<void> {
  let before: Promise<void> = Promise.resolve();
  for (const run of runs) {
    const goesOn = (): boolean => kernel.run(run) !== undefined;
    const own = before.then(() => recorder.finish(run, goesOn)).finally(() => finishes.get(run) === own && finishes.delete(run));
    finishes.set(run, own);
    before = own;
  }
  await before;
}

/** Folds what is unfinished of a run and hands it to the kernel. */
export function loadRun(parts: Parts, row: RunRow): LiveRun {
  const live = foldRun(parts, row);
  takeUp(parts, live);
  return live;
}

function foldRun(parts: Parts, row: RunRow): LiveRun {
  const live = parts.create(row.run, definitionOf(parts.journal, row));
  for (const { actor } of parts.journal.actors(row.run, { settled: false })) live.actors.restore(actor);
  return live;
}

/** Of a run as it was just folded. */
function takeUp(parts: Parts, live: LiveRun): void {
  restoreAccounts(parts, live.id, live.flow);
  parts.views.follow(live.id, live.flow);
  parts.kernel.add(live);
}

/** What the run has used of its budgets so far, from its journal. */
function restoreAccounts({ journal, registry, kernel: { ledger } }: Parts, id: string, flow: Flow): void {
  ledger.clear(id);
  const places = [...planOf(flow).values()];
  const hasAccounts = places.some(({ node }) => node.do.k === 'call' && registry.find(node.do.uses)?.account !== undefined);
  if (!hasAccounts && !hasBudgets(flow, places) && journal.run(id)?.parent == null) return;
  const kept = readRunSnapshot(journal, id);
  if (kept?.accounts == null) return foldAccounts(ledger, journal, id, 0);
  ledger.restore(id, kept.accounts);
  foldAccounts(ledger, journal, id, kept.accountsTo);
}

/** A run that is not taken up yet, with those that it waits for. */
function restoreChild(parts: Parts, run: string): void {
  const row = parts.journal.run(run);
  if (row === null || row.endedAt !== null || parts.kernel.run(run) !== undefined) return;
  restoreAccounts(parts, run, definitionOf(parts.journal, row));
  for (const { run: own, parent } of parts.journal.childRuns(run)) if (parent?.detached !== true) restoreChild(parts, own);
}
