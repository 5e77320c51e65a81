/** The last word on a run: counts, time, where everything is, and what to do next. */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { ArtifactRef, Json, RunSummary, Tally } from '@scriptorium/core';
import type { Context } from '../context.ts';
import { asTyped } from '../explanation.ts';
import { errorText, isSingle, notes, settled, shortName, timePerItem } from '../progress/lines.ts';
import { formatDuration, formatRate, formatUsage, plural } from './quantity.ts';
import { reuseText } from './reuse.ts';
import type { Reuse } from './reuse.ts';
import { placesOf } from './run-places.ts';
import { table } from '../terminal.ts';
import type { Terminal } from '../terminal.ts';

const MAX_ERRORS = 5;

const verdicts: {
  readonly [status in RunSummary['status']]: { readonly mark: string; readonly style: 'green' | 'red' | 'yellow' | 'cyan' };
} = {
  succeeded: { mark: '✔', style: 'green' },
  failed: { mark: '✗', style: 'red' },
  cancelled: { mark: '✗', style: 'yellow' },
  interrupted: { mark: '‖', style: 'yellow' },
  parked: { mark: '‖', style: 'yellow' },
  paused: { mark: '‖', style: 'yellow' },
  cancelling: { mark: '…', style: 'yellow' },
  running: { mark: '…', style: 'cyan' },
};

/** `context` gives the time, the colours and the way this program is called. */
export function summaryText(
  summary: RunSummary,
  context: Pick<Context, 'now' | 'command' | 'terminal'>,
  reuse: Reuse | null = null,
): string {
  const { paint } = context.terminal;
  const { status, flow, run, progress, startedAt, endedAt, error, options, parent, forkedFrom } = summary;
  const { mark, style } = verdicts[status];
  const ms = (endedAt ?? (status === 'interrupted' || status === 'parked' ? progress.at : context.now())) - startedAt;
  const perItem = timePerItem(progress);
  const pace = [
    plural(progress.items.total, 'item'),
    ...countsOf(progress.items),
    ...(perItem === null ? [] : [`${formatDuration(perItem)} each`]),
    ...(ms > 0 && settled(progress.items) > 0 ? [formatRate((settled(progress.items) * 60_000) / ms)] : []),
  ];
  const used = formatUsage(progress.usage.used, progress.usage.budget);
  const inherited = progress.usage.inherited === undefined ? '' : formatUsage(progress.usage.inherited, null);
  return [
    `${paint(style, `${mark} ${flow.name} ${flow.version} ${status}`)} in ${formatDuration(ms)} · ${run} · ${options.mode}${options.test ? ' · test' : ''}`,
    `  ${pace.join(' · ')}`,
    ...(reuse === null ? [] : [`  ${reuseText(reuse)}`]),
    ...(parent === undefined
      ? []
      : [
          `  for the step ${parent.step}${parent.key === null ? '' : ` [${parent.key}]`} of run ${parent.run}${parent.detached === true ? ', detached' : ''}`,
        ]),
    ...(forkedFrom === undefined ? [] : [`  a fork of run ${forkedFrom}`]),
    ...(used === '' ? [] : [`  used ${used}${inherited === '' ? '' : `, of it ${inherited} before the fork`}`]),
    ...(error === null
      ? []
      : [
          `  ${paint('red', `${error.code}: ${error.message}`)}`,
          ...(error.fix === undefined ? [] : [`  fix: ${asTyped(error.fix, context.command)}`]),
        ]),
    '',
    stageTable(summary),
    ...errorLines(summary, context.command, paint),
    ...placeLines(summary),
    ...nextLines(summary, context.command, paint),
    '',
  ].join('\n');
}

/** What `--json` gives for a run. */
export function summaryJson(summary: RunSummary, exitCode: number): object {
  return { ...summary, places: placesOf(summary), exitCode };
}

function countsOf(tally: Tally): string[] {
  return [`${tally.succeeded} succeeded`, ...notes(tally), ...(tally.waiting > 0 ? [`${tally.waiting} waiting`] : [])];
}

function stageTable({ progress }: RunSummary): string {
  const rows = progress.stages.map((stage) => [
    shortName(stage.id),
    `${settled(stage)}/${stage.total}`,
    String(stage.failed),
    String(stage.retries),
    ...(stage.ms.count === 0 ? ['', ''] : [formatDuration(stage.ms.p50), formatDuration(stage.ms.p95)]),
    notes({ ...stage, failed: 0 }).join(', '),
  ]);
  return rows.length === 0 ? '' : table([['stage', 'done', 'failed', 'retries', 'p50', 'p95', ''], ...rows], '  ');
}

function errorLines({ progress, error }: RunSummary, command: string, paint: Terminal['paint']): string[] {
  // That too many items failed is the headline; what they failed by is told here.
  const errors = progress.errors.filter(({ code }) => code !== 'each.failed' || error?.code !== code);
  if (errors.length === 0) return [];
  const shown = errors.slice(0, MAX_ERRORS).flatMap((group) => {
    const { example } = group;
    const key = example.key === null || example.message.startsWith(example.key) ? '' : `${example.key}: `;
    return [
      `  ${paint(group.count > group.caught ? 'red' : 'yellow', errorText(group))}`,
      ...(isSingle(group) && key === '' ? [] : [paint('dim', `      ${key}${example.message.split('\n')[0]}`)]),
      ...(example.fix === null ? [] : [`      fix: ${asTyped(example.fix, command)}`]),
    ];
  });
  const more = errors.length - MAX_ERRORS;
  return [...shown, ...(more > 0 ? [`  … and ${more} more kinds, in the report`] : []), ''];
}

/** Characters of the flow's output in a summary in words. */
const MAX_OUTPUT = 300;

function placeLines(summary: RunSummary): string[] {
  const { outputs, report, page, log } = placesOf(summary);
  return [
    ...(summary.output === null ? [] : [`  output   ${shortened(JSON.stringify(summary.output, withoutHash))}`]),
    `  outputs  ${outputs}`,
    ...filesIn(summary.output).map(([name, path]) => `  ${name.padEnd(8)} ${join(outputs, path)}`),
    ...(existsSync(page) ? [`  page     ${page}`] : []),
    ...(existsSync(report) ? [`  report   ${report}`] : []),
    ...(existsSync(log) ? [`  log      ${log}`] : []),
  ];
}

/** The path alone tells people which file is meant. */
function withoutHash(_key: string, value: unknown): unknown {
  return isArtifact(value) ? value.path : value;
}

function isArtifact(value: unknown): value is ArtifactRef {
  return typeof value === 'object' && value !== null && Object.keys(value).toSorted().join(' ') === 'bytes hash path';
}

/** Files that the flow gives by name. */
function filesIn(output: Json): [string, string][] {
  if (typeof output !== 'object' || output === null || Array.isArray(output)) return [];
  return Object.entries(output).flatMap(([name, value]): [string, string][] => (isArtifact(value) ? [[name, value.path]] : []));
}

function shortened(text: string): string {
  return text.length <= MAX_OUTPUT ? text : `${text.slice(0, MAX_OUTPUT)}… (all of it with --json)`;
}

function nextLines({ status, run, parent, progress }: RunSummary, command: string, paint: Terminal['paint']): string[] {
  // A child run goes on together with the one that it works for.
  const whole = parent === undefined || parent.detached === true || status !== 'interrupted' ? run : parent.run;
  const commands = nextCommands(status, whole, progress.items.failed + progress.items.cancelled > 0);
  const width = Math.max(0, ...commands.map(([words]) => words.length));
  return commands.length === 0
    ? []
    : ['', ...commands.map(([words, what]) => `  ${paint('cyan', `${command} ${words.padEnd(width)}`)}  ${paint('dim', what)}`)];
}

function nextCommands(status: RunSummary['status'], run: string, unfinished: boolean): readonly (readonly [string, string])[] {
  switch (status) {
    case 'succeeded':
      return unfinished
        ? [
            [`retry ${run} --failed`, 'work on the failed items again, reusing the rest'],
            [`logs ${run}`, 'what happened'],
          ]
        : [];
    case 'failed':
    case 'cancelled':
      return [
        [`logs ${run}`, 'what happened'],
        [`retry ${run} --failed`, 'work on what failed again, reusing the rest'],
      ];
    case 'parked':
      return [
        [`why ${run}`, 'what is missing'],
        [`resume ${run}`, 'go on once it is there'],
      ];
    case 'interrupted':
      return [[`resume ${run}`, 'go on where it stopped; nothing that was completed runs again']];
    case 'paused':
      return [
        [`resume ${run}`, 'go on'],
        [`cancel ${run}`, 'give up'],
      ];
    case 'running':
      return [
        [`watch ${run}`, 'live'],
        [`pause ${run}`, 'start nothing new for now'],
      ];
    case 'cancelling':
      return [];
  }
}
