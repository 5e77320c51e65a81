/** `list`: runs, the newest first. */

import type { RunStatus, RunSummary } from '@scriptorium/core';
import { asTyped } from '../explanation.ts';
import { hasStore, putResult, withHost } from '../context.ts';
import type { Context } from '../context.ts';
import { exitCodes } from '../exit-code.ts';
import type { ExitCode } from '../exit-code.ts';
import { settled } from '../progress/lines.ts';
import { formatDuration, formatShare, formatTime } from '../showing/quantity.ts';
import { table } from '../terminal.ts';

export interface ListFlags {
  readonly status?: RunStatus;
  readonly flow?: string;
  readonly limit: number;
  /** Runs that work for steps of other runs, too. */
  readonly all?: boolean;
}

export async function list(context: Context, flags: ListFlags): Promise<ExitCode> {
  const { all = false, status, flow, limit } = flags;
  const filter = { ...(status === undefined ? {} : { status }), ...(flow === undefined ? {} : { flow }), limit, children: all };
  const runs = hasStore(context) ? await withHost(context, ({ host }) => host.list(filter)) : [];
  putResult(context, runs, () =>
    runs.length === 0
      ? asTyped(
          `No runs in ${context.home}; start one with \`scriptorium run <flow> … --out <dir>\`, or see \`scriptorium demo\`.\n`,
          context.command,
        )
      : runTable(runs, context.now()),
  );
  return exitCodes.ok;
}

function runTable(runs: readonly RunSummary[], now: number): string {
  const rows = runs.map(({ run, flow, status, progress, startedAt, endedAt, options, parent, forkedFrom }) => [
    parent === undefined || parent.detached === true ? run : `  ${run}`,
    `${flow.name} ${flow.version}`,
    status,
    `${options.mode}${options.test ? ', test' : ''}`,
    formatShare(progress.fraction),
    `${settled(progress.items)}/${progress.items.total}`,
    String(progress.items.failed),
    formatTime(startedAt),
    formatDuration((endedAt ?? now) - startedAt),
    forkedFrom === undefined ? '' : `fork of ${forkedFrom}`,
  ]);
  return table([['run', 'flow', 'status', 'mode', 'done', 'items', 'failed', 'started', 'time', ''], ...rows]);
}
