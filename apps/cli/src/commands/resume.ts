/** `resume`: one run, or all that are interrupted. */

import type { ResumeAllReport, RunStatus, RunSummary } from '@scriptorium/core';
import { putResult, withStore } from '../context.ts';
import type { Context } from '../context.ts';
import { CommandError, exitCodeOfRun, exitCodes } from '../exit-code.ts';
import type { ExitCode } from '../exit-code.ts';
import { followAll, followRun, putOutcome } from '../showing/following.ts';
import { plural } from '../showing/quantity.ts';
import { told } from './control.ts';

export interface ResumeFlags {
  readonly all?: boolean;
  readonly flow?: string;
}

export async function resume(context: Context, name: string | undefined, { all = false, flow }: ResumeFlags): Promise<ExitCode> {
  if (name !== undefined && !all && flow === undefined) return resumeOne(context, name);
  if (name === undefined && all) return resumeAll(context, flow);
  throw new CommandError(
    exitCodes.usage,
    'either one run is resumed or all are',
    'Name a run, or give `--all`, with `--flow <name>` if you like.',
  );
}

/** When no other process has the engine, this one works on the run until it ends. */
async function resumeOne(context: Context, name: string): Promise<ExitCode> {
  return withStore(context, async (connection) => {
    const { run } = await connection.host.describe(name);
    await connection.host.resume(run, context.by);
    if (!connection.own())
      return told(
        context,
        { run, status: 'running' },
        `Run ${run} goes on in the engine's process. See it with \`${context.command} watch ${run}\`.`,
      );
    return putOutcome(context, await followRun(context, connection, run));
  });
}

async function resumeAll(context: Context, flow: string | undefined): Promise<ExitCode> {
  return withStore(context, async (connection) => {
    const report = await connection.host.resumeAll({ by: context.by, ...(flow === undefined ? {} : { flow }) });
    const isOwn = connection.own();
    const ends = isOwn ? await followAll(context, connection, report.resumed) : [];
    const statuses = new Map<string, RunStatus>(ends?.map(({ run, status }) => [run, status]));
    const value = { ...report, resumed: report.resumed.map((run) => ({ run, status: statuses.get(run) ?? 'running' })) };
    putResult(context, value, () => `${outcomeText(context, report, isOwn ? ends : [], isOwn)}${leftText(report)}`);
    return exitCodeOfAll(report, ends);
  });
}

/** `ends` is null when a signal came before. */
function outcomeText({ command }: Context, { resumed, left }: ResumeAllReport, ends: readonly RunSummary[] | null, isOwn: boolean): string {
  if (resumed.length === 0) return left.length === 0 ? 'No run is interrupted.\n' : '';
  const count = plural(resumed.length, 'run');
  if (!isOwn) return `${count} resumed in the engine's process. See them with \`${command} list\`.\n`;
  if (ends === null) return `${count} resumed; not all have ended. See \`${command} list\`, and go on with \`${command} resume --all\`.\n`;
  const counts = [...Map.groupBy(ends, ({ status }) => status)].map(([status, own]) => `${own.length} ${status}`);
  return `${count} resumed: ${counts.join(', ')}.\n`;
}

function leftText({ left }: ResumeAllReport): string {
  const lines = left.map(({ run, reason, fix }) => `  ${run}  ${reason}${fix === undefined ? '' : `\n    ${fix}`}\n`);
  return left.length === 0 ? '' : `${plural(left.length, 'run')} cannot go on:\n${lines.join('')}`;
}

/** The gravest: a signal, a run that cannot go on, then how the others ended. */
function exitCodeOfAll({ left }: ResumeAllReport, ends: readonly RunSummary[] | null): ExitCode {
  if (ends === null) return exitCodes.interrupted;
  if (left.length > 0) return exitCodes.conflict;
  const codes = new Set(ends.map(exitCodeOfRun));
  const gravest = [exitCodes.interrupted, exitCodes.refused, exitCodes.failed, exitCodes.partial] as const;
  return gravest.find((code) => codes.has(code)) ?? exitCodes.ok;
}
