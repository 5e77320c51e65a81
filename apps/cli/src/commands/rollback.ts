/** `checkpoints` and `rollback`: where a run can be taken back to, and taking it there. */

import type { Checkpoint, RollbackReport } from '@scriptorium/core';
import { putResult, withStore } from '../context.ts';
import type { Context } from '../context.ts';
import { exitCodes } from '../exit-code.ts';
import type { ExitCode } from '../exit-code.ts';
import { formatTime, plural } from '../showing/quantity.ts';
import { table } from '../terminal.ts';

/** Effects that are shown; `--json` has all. */
const MAX_SHOWN = 20;

export async function checkpoints(context: Context, name: string): Promise<ExitCode> {
  const { run, list } = await withStore(context, async ({ host }) => {
    const summary = await host.describe(name);
    return { run: summary.run, list: await host.checkpoints(summary.run) };
  });
  putResult(context, { run, checkpoints: list }, () => checkpointText(run, list, context.command));
  return exitCodes.ok;
}

export async function rollback(context: Context, name: string, { to }: { readonly to: string }): Promise<ExitCode> {
  const report = await withStore(context, async ({ host }) => {
    const { run } = await host.describe(name);
    return host.rollback({ run, to: /^\d+$/.test(to) ? Number(to) : to, by: context.by });
  });
  putResult(context, report, () => rollbackText(report, context.command));
  return exitCodes.ok;
}

function checkpointText(run: string, list: readonly Checkpoint[], command: string): string {
  if (list.length === 0) return `No step of run ${run} has settled yet.\n`;
  const rows = list.map(({ event, at, step, what }) => [String(event), formatTime(at), step === '' ? '(flow)' : step, what]);
  return `${table([['event', 'at', 'step', 'what'], ...rows])}\nTake the run back with \`${command} rollback ${run} --to <event or step>\`.\n`;
}

function rollbackText({ run, event, erased, aside, files, effects }: RollbackReport, command: string): string {
  const left = effects
    .slice(0, MAX_SHOWN)
    .map(({ step, key, handler, attempt }) => [`  ${step}`, key ?? '', handler, `attempt ${attempt}`]);
  return [
    `Run ${run} is where it was after event ${event}; ${plural(erased, 'event')} no longer ${erased === 1 ? 'counts' : 'count'}.\n`,
    aside === null
      ? ''
      : `${plural(files.length, 'file')} that ${files.length === 1 ? 'was' : 'were'} written later: now below ${aside}.\n`,
    effects.length === 0 ? '' : `${plural(effects.length, 'call')} had effects outside, which stay:\n${table(left)}`,
    effects.length > MAX_SHOWN ? `  … and ${effects.length - MAX_SHOWN} more, with --json\n` : '',
    `Go on with \`${command} resume ${run}\`.\n`,
  ].join('');
}
