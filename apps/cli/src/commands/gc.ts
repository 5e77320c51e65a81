/** `gc`: ended runs that were kept long enough lose their events, and the store the space that they took. */

import { parseDuration } from '@scriptorium/core';
import type { Ms } from '@scriptorium/core';
import { collectGarbage, explainRetention } from '@scriptorium/engine';
import type { GarbageReport } from '@scriptorium/engine';
import { putResult } from '../context.ts';
import type { Context } from '../context.ts';
import { CommandError, exitCodes } from '../exit-code.ts';
import type { ExitCode } from '../exit-code.ts';
import { formatBytes, formatTime } from '../showing/quantity.ts';
import { retentionOf } from '../configuration/retention.ts';
import { table } from '../terminal.ts';

export interface GcFlags {
  readonly olderThan?: string;
  readonly keep?: number;
  readonly forget?: string;
  readonly dryRun?: true;
  readonly purge?: true;
  readonly explain?: true;
}

/** So many runs are shown. */
const MAX_SHOWN = 20;

export async function gc(context: Context, flags: GcFlags): Promise<ExitCode> {
  const { settings, home, by, now } = context;
  const forget = flags.forget ?? settings.gcForget;
  const olderThanMs = durationOf('--older-than', flags.olderThan ?? settings.gcOlderThan);
  const keep = flags.keep ?? settings.gcKeep ?? 0;
  const forgetAfterMs = forget === null ? null : durationOf('--forget', forget);
  if (flags.explain === true) {
    const asked = flags.olderThan !== undefined || flags.keep !== undefined;
    const own = asked ? null : retentionOf(context.configuration);
    const explained = explainRetention(home, own ?? { keepMs: olderThanMs, newest: keep, bytes: null, forgetMs: forgetAfterMs }, now());
    const lines = [
      ...explained.goes.map((run) => [run, 'its events may go']),
      ...explained.stays.map(({ run, because }) => [run, `keeps its events: ${because}`]),
    ];
    putResult(context, { ...explained, by: own === null ? 'gc' : 'retention' }, () =>
      lines.length === 0 ? 'No run has ended whose events are there.\n' : table(lines),
    );
    return exitCodes.ok;
  }
  const report = collectGarbage(home, {
    olderThanMs,
    keep,
    forgetAfterMs,
    dryRun: flags.dryRun === true,
    purge: flags.purge === true,
    by,
    now: now(),
  });
  putResult(context, report, () => textOf(report, flags.dryRun === true));
  return exitCodes.ok;
}

function durationOf(flag: string, text: string): Ms {
  const ms = text === '0' ? 0 : parseDuration(text);
  if (ms === undefined) throw new CommandError(exitCodes.usage, `'${text}' is no duration`, `Write ${flag} as 30d, 12h or 0.`);
  return ms;
}

function textOf({ runs, spared, forgotten, facts, values, bytes }: GarbageReport, isDry: boolean): string {
  const events = runs.reduce((sum, run) => sum + run.events, 0);
  const rows = runs
    .slice(0, MAX_SHOWN)
    .map(({ run, flow, endedAt, events: own }) => [run, flow, `ended ${formatTime(endedAt ?? 0)}`, `${own} events`]);
  const more = runs.length > MAX_SHOWN ? `and ${runs.length - MAX_SHOWN} more\n` : '';
  const kept = spared.slice(0, MAX_SHOWN).map(({ run, because }) => `${run} keeps its events: ${because}\n`);
  const what = `${events} events of ${runs.length} runs${forgotten === 0 ? '' : `, and the summaries of ${forgotten}`}${facts === 0 ? '' : `; ${facts} facts about messages`}`;
  const done = isDry
    ? `Would remove ${what}.\n`
    : `Removed ${what}; ${values} values that nobody refers to. The store had ${formatBytes(bytes.before)} and has ${formatBytes(bytes.after)}.\n`;
  return `${rows.length === 0 ? '' : table(rows)}${more}${kept.join('')}${done}`;
}
