/**
 * Moves live runs to another definition of their flow. Each run is planned and committed by itself, in one commit; what
 * was interrupted in between is found unaffected, or as it was, by the next call.
 */

import { HostError, planMigration, planOf, ROOT } from '@scriptorium/core';
import type { ActorState, Flow, MigrateRequest, MigrationPlan, MigrationReport } from '@scriptorium/core';
import { handlersOf } from './code.ts';
import { contractsFit } from '../calls/contracts.ts';
import { callsOf } from './flow-calls.ts';
import type { RunRow } from '../journal/journal-reads.ts';
import type { Parts } from '../parts.ts';
import { calledBy, rowOf } from '../reports/run-views.ts';
import { loadRun } from './runs.ts';
import { commitFacts, statesOf, unload } from './setting-apart.ts';
import type { Addressed } from './setting-apart.ts';

export async function migrateRuns(parts: Parts, request: MigrateRequest): Promise<readonly MigrationReport[]> {
  const { journal, registry } = parts;
  await registry.load(request.modules);
  registry.require(request.flow);
  const rows = request.run === undefined ? journal.runs({ flow: request.flow.name }) : [ofFlow(rowOf(journal, request.run), request.flow)];
  const live = rows.filter(({ endedAt }) => endedAt === null).toReversed();
  if (live.length === 0 && request.run !== undefined)
    throw new HostError('conflict', `run ${rows[0]?.run} has ended`, 'Only runs that can still go on are migrated.');
  const reports: MigrationReport[] = [];
  for (const row of live) reports.push(await migrateRun(parts, row, request));
  return reports;
}

function ofFlow(row: RunRow, flow: Flow): RunRow {
  if (row.flow.name === flow.name) return row;
  throw new HostError('invalid', `run ${row.run} is of ${row.flow.name}, not of ${flow.name}`, 'Name a file of the same flow.');
}

async function migrateRun(parts: Parts, row: RunRow, request: MigrateRequest): Promise<MigrationReport> {
  const { run, flow } = row;
  const older = parts.journal.flow(flow.hash);
  const report = { run, version: flow.version, renamed: [], forgotten: [], assumed: [], adopted: [] };
  if (older === null) return { ...report, outcome: 'blocked', reasons: [`its definition ${flow.hash} is not in the store`] };
  if (older.hash === request.flow.hash) return { ...report, outcome: 'unaffected', reasons: [] };
  if (row.status === 'running' || row.status === 'cancelling')
    return {
      ...report,
      outcome: 'blocked',
      reasons: [row.status === 'running' ? `it is running: pause it first` : 'it is being cancelled'],
    };
  const pinned = calledBy(parts.journal, run);
  const unknown = callsOf(request.flow).flows.filter((called) => !(called in pinned));
  if (unknown.length > 0)
    return { ...report, outcome: 'blocked', reasons: [`it would call ${unknown.join(', ')}, and it was started without them`] };
  const wasLive = !request.dryRun && parts.kernel.run(run) !== undefined;
  if (wasLive) await unload(parts, run);
  // Also where that began while its last calls ended: who turns it back goes on with it.
  if (parts.turning.has(run)) return { ...report, outcome: 'blocked', reasons: ['it is being rolled back'] };
  const current = parts.journal.run(run) ?? row;
  if (current.flow.hash !== flow.hash) {
    // Somebody else has moved it while its last calls ended.
    if (wasLive) parts.kernel.reconsider(loadRun(parts, current));
    return migrateRun(parts, current, request);
  }
  const states = statesOf(parts, run);
  const fits = contractsFit(parts.options.contracts, parts.values);
  const plan = planMigration(older, request.flow, states, fits);
  if (plan.type === 'migratable' && !request.dryRun) apply(parts, row, request, states, plan);
  // Somebody may have resumed it while its last calls ended.
  if (wasLive) parts.kernel.reconsider(loadRun(parts, parts.journal.run(run) ?? row));
  return { ...report, ...planReport(plan, older, request.dryRun) };
}

type Migratable = Extract<MigrationPlan, { type: 'migratable' }>;

function apply(
  parts: Parts,
  { run, flow }: RunRow,
  request: MigrateRequest,
  states: readonly ActorState[],
  { map, assumed }: Migratable,
): void {
  const { name, version, hash } = request.flow;
  const before = flow.hash;
  const facts = states.map(({ id }): Addressed => {
    const own = assumed.get(id) ?? [];
    if (id !== ROOT) return { actor: id, event: { type: 'actor.migrated', before, hash, map, assumed: own } };
    const { modules, by } = request;
    const handlers = handlersOf(parts.registry, request.flow);
    return { actor: id, event: { type: 'run.migrated', before, flow: { name, version, hash }, map, assumed: own, handlers, modules, by } };
  });
  commitFacts(parts, run, facts, { flows: [request.flow] });
  parts.views.refold(run, request.flow);
}

function planReport(plan: MigrationPlan, older: Flow, dryRun: boolean): Omit<MigrationReport, 'run' | 'version'> {
  const nothing = { renamed: [], forgotten: [], assumed: [], adopted: [] };
  switch (plan.type) {
    case 'unaffected':
      return { ...nothing, outcome: 'unaffected', reasons: [] };
    case 'pinned':
      return { ...nothing, outcome: 'pinned', reasons: [plan.reason] };
    case 'blocked':
      return { ...nothing, outcome: 'blocked', reasons: plan.reasons };
    case 'migratable': {
      const told = Object.entries(plan.map).filter(([path]) => planOf(older).has(path));
      const counts = new Map<string, number>();
      for (const { node } of [...plan.assumed.values()].flat()) counts.set(node, (counts.get(node) ?? 0) + 1);
      return {
        outcome: dryRun ? 'migratable' : 'migrated',
        reasons: [],
        renamed: told.flatMap(([from, to]) => (to === null ? [] : [{ from, to }])),
        forgotten: told.flatMap(([from, to]) => (to === null ? [from] : [])),
        assumed: [...counts].map(([step, items]) => ({ step, items })),
        adopted: plan.adopted,
      };
    }
  }
}
