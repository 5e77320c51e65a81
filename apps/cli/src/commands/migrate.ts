/** `migrate`: what another definition of a flow means for its live runs, run by run, and moving them to it. */

import type { MigrationReport } from '@scriptorium/core';
import { putResult, withStore } from '../context.ts';
import type { Context } from '../context.ts';
import { exitCodes } from '../exit-code.ts';
import type { ExitCode } from '../exit-code.ts';
import { compileNamed, requireFlow } from '../flow-files/flow-file.ts';
import { plural } from '../showing/quantity.ts';
import { table } from '../terminal.ts';

export interface MigrateFlags {
  readonly dryRun?: boolean;
  readonly run?: string;
  readonly profile?: string;
}

/** Not possible where a run is blocked; the others are moved all the same. */
export async function migrate(context: Context, name: string, flags: MigrateFlags): Promise<ExitCode> {
  const compiled = await compileNamed(name, context.cwd, { profile: flags.profile });
  const flow = requireFlow(compiled, context.terminal.err);
  const modules = compiled.modules.map(({ url }) => url);
  const dryRun = flags.dryRun === true;
  const reports = await withStore(context, ({ host }) =>
    host.migrate({ flow, modules, dryRun, by: context.by, ...(flags.run === undefined ? {} : { run: flags.run }) }),
  );
  const to = { name: flow.name, version: flow.version, hash: flow.hash };
  putResult(context, { version: 1, dryRun, to, runs: reports }, () => reportText(reports, flow.version, dryRun));
  return reports.some(({ outcome }) => outcome === 'blocked') ? exitCodes.conflict : exitCodes.ok;
}

function reportText(reports: readonly MigrationReport[], version: string, dryRun: boolean): string {
  if (reports.length === 0) return 'No run of this flow can still go on.\n';
  const rows = reports.map((report) => [report.run, report.version, report.outcome, detailOf(report)]);
  const counts = Map.groupBy(reports, ({ outcome }) => outcome);
  const words = [...counts].map(([outcome, runs]) => `${runs.length} ${outcome}`).join(', ');
  const end = dryRun ? 'Nothing was changed.' : 'Runs that were moved go on with `resume`.';
  return `${table([['run', 'from', `to ${version}`, ''], ...rows])}\n${plural(reports.length, 'run')}: ${words}. ${end}\n`;
}

function detailOf({ reasons, renamed, forgotten, assumed, adopted }: MigrationReport): string {
  return [
    ...reasons,
    ...renamed.map(({ from, to }) => `${from} → ${to}`),
    ...forgotten.map((step) => `${step} forgotten`),
    ...assumed.map(({ step, items }) => `${step} assumed${items === 1 ? '' : ` ${items} times`}`),
    ...(adopted.length === 0 ? [] : [`policies of ${adopted.join(', ')}`]),
  ].join('; ');
}
